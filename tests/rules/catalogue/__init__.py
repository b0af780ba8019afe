"""The catalogue: import, export, comparison."""
