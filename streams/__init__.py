"""On the way: Faust apps that judge what entered the bus and send on what it gives.

Start with `router` (what it reads and writes), `judging` (what one record gives), `stage` (how a slice is worked),
then `transport` (how Faust is made to carry slices). Imports `schemas`, `rules` and `bus`; never another station.
"""
