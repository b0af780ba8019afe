"""What the example's pack makes the engine answer, kept in `golden/`: a change shows as other answers.

Questions go through the public verbs, are made from the pack as it is, and can be put to any other pack.
Read in this order: `asking`, `observers`, then any observer.
"""
