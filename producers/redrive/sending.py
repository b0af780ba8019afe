"""Sends chosen letters again: a new row of an outbox of its own, with value, key and arrival unchanged (DESIGN §3).

Reads:    the gateway's store, for the verdicts that come of it.
Writes:   the input topics, through its outbox and relay.
Keeps:    `redrives`, a row each, in the transaction that puts the event into the outbox.
Fails to: Fatal where another redrive is under way or the broker refuses; what was written down is sent by the next.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bus.clock import Clock, now
from bus.errors import Retriable
from bus.record import Outgoing
from bus.settings import Settings
from bus.store import Outbox, Relay, Store
from bus.store.tables import OUTBOX
from producers.answers import instant, milliseconds
from producers.redrive.planning import Planned, died, outcome_of
from producers.redrive.tables import PART, REDRIVES, metadata

LANE = "redrive"
LOOK = 0.05
"""Seconds between looks at what is awaited."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A redrive as the audit shows it."""

    seq: int
    letter: str
    code: str
    dept: str
    source: str
    event_id: str
    by: str
    why: str
    at: datetime
    release: str
    said: str
    outcome: str | None

    def fields(self) -> dict[str, object]:
        """For a machine."""
        return {**asdict(self), "at": self.at.isoformat()}


class Redriver:
    """The store of redrives, held by one process at a time."""

    def __init__(self, settings: Settings, clock: Clock = now) -> None:
        self.store = Store(settings, PART, metadata)
        self.store.migrate()
        self._settings = settings
        self._clock = clock
        self._outbox = Outbox(self.store)

    def close(self) -> None:
        """Give the store back."""
        self.store.close()

    def write_down(self, planned: Sequence[Planned], *, by: str, why: str, release: str) -> list[int]:
        """Put each into the outbox and into the audit, together; the numbers of their rows."""
        at = milliseconds(self._clock())
        with self.store.begin() as conn:
            return [self._write(conn, one, {"by": by, "why": why, "release": release, "at": at}) for one in planned]

    def send(self) -> None:
        """Hand the broker everything that waits.

        Raises:
            Retriable: it did not take it in time; the rows wait for the next redrive.
        """
        relay = Relay(self._settings, self.store, self._clock)
        relay.start()
        deadline = time.monotonic() + self._settings.infrastructure_deadline
        try:
            while self._waiting():
                if relay.failed is not None:
                    raise relay.failed
                if time.monotonic() > deadline:
                    raise Retriable("Kafka did not take the redriven events; they wait for the next `gongkai redrive`")
                time.sleep(LOOK)
        finally:
            relay.stop()

    def await_outcomes(self, door: Store, numbers: Sequence[int], patience: float) -> None:
        """Write down the verdicts that come of the redrives `numbers` within `patience` seconds."""
        if not numbers:
            return
        own = REDRIVES.c.seq.between(min(numbers), max(numbers))  # one transaction wrote them, one after another
        deadline = time.monotonic() + patience
        while self._learn(door, own) and time.monotonic() < deadline:
            time.sleep(LOOK)

    def look_for_outcomes(self, door: Store) -> None:
        """Write down the verdicts that are there by now, of whatever redrive."""
        self._learn(door, sa.true())

    def history(self) -> list[Entry]:
        """Every redrive there ever was, the oldest first."""
        names = (*Entry.__dataclass_fields__,)
        with self.store.read() as conn:
            rows = conn.execute(sa.select(*(REDRIVES.c[name] for name in names)).order_by(REDRIVES.c.seq)).all()
        return [Entry(**{**row._mapping, "at": instant(row.at)}) for row in rows]

    def _write(self, conn: sa.Connection, one: Planned, who: dict[str, object]) -> int:
        assert one.ref is not None
        letter = one.letter
        outgoing = Outgoing(one.topic, one.ref.subject.encode(), letter.value, (), letter.arrival)
        (number,) = self._outbox.append(conn, LANE, [outgoing])
        row = {
            "letter": letter.id, "code": letter.code, "dept": letter.dept, "source": one.ref.source,
            "event_id": one.ref.id, "sha256": letter.sha256, "arrival": letter.arrival, "said": one.said,
            "outbox_seq": number, **who,
        }  # fmt: skip
        done = conn.execute(REDRIVES.insert().values(**row).returning(REDRIVES.c.seq))
        return int(done.scalar_one())

    def _waiting(self) -> bool:
        with self.store.read() as conn:
            return bool(self._outbox.waiting(conn))

    def _learn(self, door: Store, which: sa.ColumnElement[bool]) -> bool:
        """Write down the outcomes that are known now; whether some are not."""
        with self.store.read() as conn:
            unknown = conn.execute(_UNKNOWN.where(which)).all()
        known = {row.seq: outcome_of(door, row.source, row.event_id) or _death(door, row) for row in unknown}
        told = {seq: outcome for seq, outcome in known.items() if outcome is not None}
        if told:
            with self.store.begin() as conn:
                for seq, outcome in told.items():
                    conn.execute(REDRIVES.update().where(REDRIVES.c.seq == seq).values(outcome=outcome))
        return len(told) < len(unknown)


_UNKNOWN = (
    sa.select(REDRIVES, OUTBOX.c.topic, OUTBOX.c.sent_partition, OUTBOX.c.sent_offset)
    .join(OUTBOX, (OUTBOX.c.lane == LANE) & (OUTBOX.c.seq == REDRIVES.c.outbox_seq))
    .where(REDRIVES.c.outcome.is_(None))
)


def _death(door: Store, row: sa.Row[Any]) -> str | None:
    sent = row.sent_offset is not None
    return "dead" if sent and died(door, row.topic, row.sent_partition, row.sent_offset) else None
