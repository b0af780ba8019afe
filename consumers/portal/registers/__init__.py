"""Registers on the portal: lists that departments keep, with versions, search and a report of what does not fit.

Read the code in this order: `merge` (what a record becomes), `projection` (how events reach the tables), `queries`
(lists and pages), `report` (what only many records together show).
"""
