"""The catalogue as citizens see it: releases of the pack kept, versions counted, rows, fields and coverage.

Reads topic `city` by the portal's own sink. Read in this order: `projection`, `releases`, `tree`, `coverage`.
"""
