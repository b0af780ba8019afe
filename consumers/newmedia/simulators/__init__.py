"""The platforms as separate HTTP processes, with their published limits, quotas and error codes, for tests and demos.

Reads official API calls; writes its own SQLite file, so that a kill loses nothing it has accepted. Shares no code
with the clients that call it.
"""
