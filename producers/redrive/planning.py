"""What would become of a dead letter if it were sent again now: judged offline, by the release in force.

Reads:    the gateway's store (what became of the event meanwhile, which files are there) and earlier redrives.
Fails to: Fatal where the gateway has no store.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Literal, NamedTuple

import sqlalchemy as sa

from bus.city import Packs
from bus.store import Store, bulk
from producers.answers import instant
from producers.cases import Judge, read
from producers.checks import principal
from producers.redrive import child
from producers.redrive.letters import Letter
from producers.redrive.said import said_of
from producers.redrive.tables import REDRIVES
from producers.tables import EVENTS, FEED, FILES
from schemas.city import Pack
from schemas.decode import Unreadable, decode
from schemas.envelope import Envelope, TypeName
from schemas.ids import judged_id
from schemas.reasons import Reason
from schemas.records import EventRef, VerdictGiven
from schemas.topics import TOPIC_OF_FAMILY

Fate = Literal["send", "settled", "limit", "cut", "dead", "refused"]
"""To be sent; has its outcome; redriven too often; only its head is kept; would die again; refused by the door."""

CAREFULLY = 10.0
"""Seconds that the child process has in which a letter is judged that stopped a worker before."""


class Chosen(NamedTuple):
    """Which letters an operator means; None is any."""

    code: str | None = None
    dept: str | None = None
    id: str | None = None
    """Of the event, or of the letter itself."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A letter and what would become of it; `said` is the outcome or the code that speaks against it."""

    letter: Letter
    ref: EventRef | None
    topic: str
    fate: Fate
    said: str
    tries: int = 0
    """How often it was redriven before."""


class Planner:
    """Plans letters one by one; writes nothing."""

    def __init__(self, packs: Packs, judge: Judge, door: Store, own: Store, limit: int) -> None:
        self._packs = packs
        self._judge = judge
        self._door = door
        self._own = own
        self._limit = limit

    def chooses(self, chosen: Chosen, letter: Letter) -> bool:
        """Whether `letter` is one of those chosen; the event's id is read only where it is asked for."""
        if chosen.code not in (None, letter.code) or chosen.dept not in (None, letter.dept):
            return False
        return chosen.id in (None, letter.id) or chosen.id == _id_in(letter)

    def plan(self, letter: Letter) -> Planned:
        """What would become of `letter`."""
        if not letter.is_whole:
            return Planned(letter, None, "", "cut", f"{letter.length} bytes")
        try:
            event = decode(letter.value)
        except Unreadable as error:
            return Planned(letter, None, "", "dead", error.code)
        ref = EventRef(
            id=event.id, source=event.source, type=event.type, subject=event.subject, time=event.time.isoformat()
        )
        if (outcome := outcome_of(self._door, event.source, event.id)) is not None:
            return Planned(letter, ref, "", "settled", outcome)
        tries = self._tries(letter)
        if tries >= self._limit:
            return Planned(letter, ref, "", "limit", f"{tries} redrives", tries)
        topic, fate, said = self._judged(letter, event, ref)
        return Planned(letter, ref, topic, fate, said, tries)

    def _judged(self, letter: Letter, event: Envelope, ref: EventRef) -> tuple[str, Fate, str]:
        name = TypeName.parse(event.type)
        topic = letter.topic or (TOPIC_OF_FAMILY[name.family].name if name else "")
        if not letter.topic and (code := self._against(letter, ref)):
            return topic, "refused", code
        said = self._carefully(letter) if letter.code == Reason.ENGINE_CRASH else self._plainly(event, letter.arrival)
        return topic, "send" if said in {"accepted", "rejected"} else "dead", said

    def _against(self, letter: Letter, ref: EventRef) -> str:
        """Why the door would not take what it buried itself: it never looked whose it is."""
        pack = self._pack(letter.arrival)
        case = read(pack, principal(pack, letter.dept, "redrive"), self._judge, letter.value, letter.arrival)
        if case.code:
            return case.code
        with self._door.read() as conn:
            taken = conn.execute(sa.select(EVENTS.c.sha256).where(
                EVENTS.c.event_id == ref.id, EVENTS.c.source == ref.source)).scalar()  # fmt: skip
            wanted = {file.sha256 for file in case.attachments}
            there = {row.sha256 for row in bulk.among(conn, FILES.c.sha256, wanted, FILES.c.sha256)}
        if taken is not None and taken != letter.sha256:
            return Reason.ID_REUSED
        return Reason.REJ_ATTACHMENT if wanted - there else ""

    def _pack(self, arrival: int) -> Pack:
        """The release that judges it: that of its arrival, which a redrive keeps."""
        return self._packs.at(arrival).pack

    def _plainly(self, event: Envelope, arrival: int) -> str:
        return said_of(self._pack(arrival), self._judge, event, instant(arrival))

    def _carefully(self, letter: Letter) -> str:
        """The outcome from a child process, which may die or hang as the worker did."""
        try:
            return child.ask(self._pack(letter.arrival), letter.value, letter.arrival, CAREFULLY)
        except (OSError, subprocess.SubprocessError):
            return Reason.ENGINE_CRASH

    def _tries(self, letter: Letter) -> int:
        with self._own.read() as conn:
            counted = sa.select(sa.func.count()).where(REDRIVES.c.sha256 == letter.sha256)
            return int(conn.execute(counted).scalar_one())


def outcome_of(door: Store, source: str, event_id: str) -> str | None:
    """The one outcome of an event, as the gateway heard it: the first that is not dead; None while there is none."""
    told = sa.select(FEED.c.body).where(
        FEED.c.event_id == event_id, FEED.c.source == source, FEED.c.kind == "verdict"
    ).order_by(FEED.c.seq)  # fmt: skip
    with door.read() as conn:
        verdicts = [VerdictGiven.model_validate_json(body).data for body in conn.execute(told).scalars()]
    return next((verdict.outcome for verdict in verdicts if verdict.outcome != "dead"), None)


def died(door: Store, topic: str, partition: int, offset: int) -> bool:
    """Whether the gateway heard that the record at that place could not be judged."""
    letter = judged_id(topic, partition, offset, "dead-letter")
    told = sa.select(FEED.c.seq).where(FEED.c.kind == "dead-letter", FEED.c.gk_id == letter)
    with door.read() as conn:
        return conn.execute(told.limit(1)).first() is not None


def _id_in(letter: Letter) -> str | None:
    try:
        return decode(letter.value).id if letter.is_whole else None
    except Unreadable as error:
        found = error.head.get("id")
        return found if isinstance(found, str) else None
