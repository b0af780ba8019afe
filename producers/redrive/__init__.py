"""Dead letters sent again by operators: chosen, judged offline first, sent unchanged, and written down.

Read in this order: `letters` (what lies on the topic), `planning` (what would become of each), `sending`, `commands`.
"""

from __future__ import annotations

from producers.redrive.letters import Letter, letters
from producers.redrive.planning import Chosen, Planned, Planner
from producers.redrive.sending import Entry, Redriver

__all__ = ["Chosen", "Entry", "Letter", "Planned", "Planner", "Redriver", "letters"]
