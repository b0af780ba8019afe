"""Is this step of the matter allowed, and what follows from it (DESIGN §1, verb `advance`).

Pure: a pack, the matter so far and a move give the matter as it is then, what is due, and what others are told.
No state, step or lifecycle is named here: they are all data.
"""

from __future__ import annotations

from rules.lifecycle.advance import Advance, Told, advance
from rules.lifecycle.duties import Changed, inherited, lapsed, redated
from rules.lifecycle.gaps import gaps_of
from rules.lifecycle.matter import Duty, Matter, Taken
from rules.lifecycle.moves import Move, move_of
from rules.lifecycle.rungs import Reached, next_rung, rungs_of

__all__ = [
    "Advance", "Changed", "Duty", "Matter", "Move", "Reached", "Taken", "Told", "advance", "gaps_of", "inherited",
    "lapsed", "move_of", "next_rung", "redated", "rungs_of",
]  # fmt: skip
