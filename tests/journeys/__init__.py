"""The whole bus, walked from end to end: in by the doors departments have, out by pages, API and commands."""
