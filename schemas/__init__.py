"""What may travel: topics, the envelope, the event models, our own records, and the city pack's models.

Reads nothing, writes nothing, keeps nothing; every other package may import it and it imports none of them.
Start with `topics` (the one list), then `envelope`, `events`, `records`, `decode`.
"""
