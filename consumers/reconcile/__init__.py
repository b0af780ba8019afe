"""The conservation law: nothing a department sent is lost or doubled between the door and the receipts (DESIGN §5).

By anti-joins, never by a remainder: every outbox row marked sent is on its topic; every input record has exactly one
verdict; every outlet of a verdict has its feed record, every feed record one receipt; every store has applied what
lies before its position, and nothing else. Read in this order: `cut` (what is read in which order, so that traffic
can't look like loss), `log` and `stores` (into a temporary SQLite database, `books`), `law` (the anti-joins),
`balance` (the counts).
"""

from __future__ import annotations

from consumers.reconcile.balance import Balance, Outlets
from consumers.reconcile.law import Gap
from consumers.reconcile.run import reconcile

__all__ = ["Balance", "Gap", "Outlets", "reconcile"]
