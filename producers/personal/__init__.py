"""Personal data at the door: measured, sealed under a key of their matter, opened by who handles it, erased.

Read the code in this order: `plain` (what came), `facts` (what is measured), `master` and `vault` (keys), `sealing`,
`opening`, `erasing`. Nothing beyond the door sees the plain texts; nothing in this folder writes them down.
"""
