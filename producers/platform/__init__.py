"""Outside platforms on which people appeal: what comes in becomes a letter, and the platform hears how it goes.

Read the code in this order: `credentials` (where a platform is), `calls` (its HTTP interface), `appeals` (its words
and ours, pure), `kept` (which appeal is which matter), `taking` and `telling` (the two directions), `line` (the
service); `simulator` is a platform as a process of its own, for tests and demonstrations.
"""
