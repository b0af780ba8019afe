"""A step that waits is owed like anything else: a duty of one day, closed when its waiting ends. Pure.

It is never late: whoever sent the step has done what was to be done, and the step is tried a last time by itself.
"""

from __future__ import annotations

import msgspec

from rules.lifecycle import Changed, Duty, Matter, Move
from schemas.envelope import department_of, issuer_of
from schemas.reasons import Reason
from streams.duties import Stamp
from streams.matters.room import Done, Waiter
from streams.telling import instant

CLOCK, NAME = "waiting", "等待前序环节"
_BASIS = "各环节由不同主题到达，先到的环节等待其前一环节一日"


def begun(number: int, waiter: Waiter, matter: Matter | None, move: Move, stamp: Stamp) -> Done:
    """Of record `number` of its slice: a step waits from now on, at most a day."""
    return Done(
        number, _about(waiter, matter, move), (Changed("opened", _duty(waiter), instant(waiter.arrival)),), stamp
    )


def ended(number: int, waiter: Waiter, matter: Matter | None, move: Move, stamp: Stamp) -> Done:
    """It waits no longer, whether it was taken or refused."""
    closed = msgspec.structs.replace(_duty(waiter), state="closed", closed_at=stamp.at)
    return Done(number, _about(waiter, matter, move), (Changed("closed", closed, stamp.at, "等待结束"),), stamp)


def _duty(waiter: Waiter) -> Duty:
    since = instant(waiter.arrival)
    return Duty(
        id=f"{waiter.subject}#{CLOCK}.{waiter.id}#1", subject=waiter.subject, clock=CLOCK, name=NAME,
        rule=Reason.SM_WAITING.value, law="", basis=_BASIS,
        depts=(department_of(waiter.source) or issuer_of(waiter.subject),), since=since, due=instant(waiter.until),
        opened_at=since,
    )  # fmt: skip


def _about(waiter: Waiter, matter: Matter | None, move: Move) -> Matter:
    """The matter, or what is known of one that is not there yet."""
    return matter or Matter(
        subject=waiter.subject, lifecycle=move.lifecycle or "-", state="", version=0, opened_at=move.at, cause="",
        since=move.at, title=NAME,
    )  # fmt: skip
