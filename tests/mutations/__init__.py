"""Changes one rule of the pack at a time and asks whether anybody notices: the pack's own checks, or an observation.

Read in this order: `mutant`, `toml_mutants`, `csv_mutants`, `running`, `report`.
"""
