"""An appeal platform as an HTTP process of its own, with limits such as platforms publish, for tests and demos.

A token lasts two hours; a page has 50 appeals; a client has 60 calls a minute; a word has 64 KB and a key, under which
it counts once. Shares no code with the client that calls it; its own SQLite file outlives a kill.
"""
