"""A year of one city, simulated: what departments and citizens do on every day of it, judged by the real parts.

`python -m tests.year` runs it whole (`make simulate-year`); the suite runs a hundredth of it.
Read the code in this order: `load` (how much), `days` (a calendar of its own, to check the bus's), `course` (the steps
of one matter), then what the city does (`requests`, `letters`, `hot_spots`, `meetings`, `papers`), `plan`, which draws
the year, `city`, the parts it runs through, and `report`, which compares what was planted with what was found.
"""
