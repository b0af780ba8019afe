"""One duty in one transaction: its row, what the clock said of it before, and what is said of it now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from rules.lifecycle import Changed, Duty, rungs_of
from rules.lifecycle.rungs import Reached
from schemas.city import Pack
from schemas.ids import duty_word_id
from schemas.records import DutyWord
from streams.duties.tables import instant, ms

ENCODE = msgspec.json.Encoder().encode
DECODE = msgspec.json.Decoder(Duty).decode
RUNG, CANCELLED, LAPSE, ESTIMATE = "rung", "rung-cancelled", "lapse", "estimate"
_TURNS = frozenset({"closed", "exempted", "paused", "extended", "restarted"})
"""Changes after which a rung that was reached later was never reached."""


_NEVER = datetime.min.replace(tzinfo=UTC)


class Word(NamedTuple):
    """Something the clock said of a duty, as `RUNGS` keeps it."""

    id: str
    duty: str
    version: int
    what: str
    rung: str
    due: int
    at: int
    detail: str = ""
    """The departments it passed to; of a day that moved, `ESTIMATE` where it is one still."""
    cancelled: bool = False


class Said(NamedTuple):
    """What is to be told: of a step, of a rung, or that a rung is taken back."""

    id: str
    what: DutyWord
    version: int
    duty: Duty
    at: datetime
    reason: str = ""
    rung: str = ""
    cancels: str | None = None
    """The id of the rung that is taken back."""


@dataclass(slots=True)
class Entry:
    """A duty and its row; `said` gathers what is to be told, `fresh` the words to be kept."""

    duty: Duty
    lifecycle: str
    title: str
    topic: str
    partition: int
    version: int = 0
    told_from: datetime = _NEVER
    words: dict[str, Word] = field(default_factory=dict)
    owed: tuple[tuple[str, int], ...] = ()
    """What `OWED` holds of it: departments and the due time."""
    said: list[Said] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    """Ids of words that are new or were taken back."""

    def step(self, change: Changed, arrival: datetime) -> None:
        """What a step that arrived then does to it; rungs reached later are taken back."""
        self._catch_up()
        same = self.version > 0 and self._agrees(change)
        if change.what in _TURNS and not same:
            self._take_back(arrival, change.reason)
        if self.version == 0 or change.duty.due != self.duty.due or change.what in {"resumed", "restarted"}:
            self.told_from = change.at if change.what == "redated" else arrival
        self.duty = change.duty
        if not same:
            self._say(change.what, change.at, change.reason)

    def move(self, change: Changed) -> None:
        """What the clock, a release or a succession does to it; kept as a word, for no record tells of it."""
        self._catch_up()
        if self._agrees(change):
            return
        if change.duty.due != self.duty.due:
            self.told_from = change.at
        self.duty = change.duty
        said = self._say(change.what, change.at, change.reason)
        self._keep(said, "", change.at)

    def reach(self, reached: Reached) -> None:
        """A rung is told of."""
        self._catch_up()
        id_ = self._rung_id(reached.rung.id)
        said = self._say("rung", reached.at, "", id_=id_, rung=reached.rung.id)
        self._keep(said, reached.rung.id, reached.at)

    def lapse(self, at: datetime) -> None:
        """It is over by itself: kept, so that its step is taken once."""
        id_ = self._rung_id(LAPSE)
        self.words[id_] = Word(id_, self.duty.id, 0, LAPSE, LAPSE, ms(self.duty.due), ms(at))
        self.changed.add(id_)

    def waits(self, pack: Pack) -> Iterator[Reached]:
        """The rungs that are still to come, or to be made up for.

        A reminder whose instant had passed when the day was set is not worth a word; that it is overdue always is.
        """
        for one in rungs_of(pack, self.duty):
            if (one.rung.overdue or one.at > self.told_from) and not self._has(one.rung.id):
                yield one

    @property
    def lapses_at(self) -> int | None:
        """When it ends by itself, where it does and did not yet."""
        ends = self.duty.lapse is not None and self.duty.state == "open" and not self._has(LAPSE)
        return ms(self.duty.due) + 1 if ends else None

    def next_at(self, pack: Pack) -> int | None:
        """When the clock next has something to say."""
        times = [ms(one.at) for one in self.waits(pack)]
        lapse = self.lapses_at
        return min([*times, *([lapse] if lapse is not None else [])], default=None)

    def row(self, pack: Pack) -> dict[str, Any]:
        """As `DUTIES` keeps it."""
        self._catch_up()
        duty = self.duty
        return {
            "id": duty.id, "subject": duty.subject, "lifecycle": self.lifecycle, "title": self.title,
            "topic": self.topic, "partition": self.partition, "clock": duty.clock, "depts": " ".join(duty.depts),
            "state": duty.state, "due": ms(duty.due), "next_at": self.next_at(pack), "told_from": ms(self.told_from),
            "version": self.version, "doc": ENCODE(duty).decode(),
        }  # fmt: skip

    def owes(self) -> tuple[tuple[str, int], ...]:
        """As `OWED` is to keep it."""
        return tuple((dept, ms(self.duty.due)) for dept in self.duty.depts) if self.duty.is_open else ()

    def _agrees(self, change: Changed) -> bool:
        """Whether the clock told of it before the step did."""
        if change.what == "redated":
            return (change.duty.due, change.duty.complete) == (self.duty.due, self.duty.complete)
        return change.what == "assigned" and change.duty.depts == self.duty.depts

    def _take_back(self, arrival: datetime, reason: str) -> None:
        told = [word for word in self.words.values() if word.what == RUNG and word.version <= self.version]
        for word in sorted(told, key=lambda word: word.version):
            if not word.cancelled and word.at > ms(arrival):
                self.words[word.id] = word._replace(cancelled=True)
                self.changed.add(word.id)
                self._say(CANCELLED, arrival, reason, rung=word.rung, cancels=word.id)

    def _catch_up(self) -> None:
        """In a rebuild: what the clock said after the word before, which no record tells of."""
        coming = {word.version: word for word in self.words.values() if word.version > self.version}
        while (word := coming.get(self.version + 1)) is not None:
            self.version += 1
            if word.what == "redated":
                complete = word.detail != ESTIMATE
                if ms(self.duty.due) != word.due:
                    self.told_from = instant(word.at)
                self.duty = msgspec.structs.replace(self.duty, due=instant(word.due), complete=complete)
            elif word.what == "assigned":
                self.duty = msgspec.structs.replace(self.duty, depts=tuple(word.detail.split()))

    def _say(
        self, what: Any, at: datetime, reason: str, *, id_: str = "", rung: str = "", cancels: str | None = None
    ) -> Said:
        self.version += 1
        id_ = id_ or duty_word_id(f"{self.duty.id}#{self.version}")
        said = Said(id_, what, self.version, self.duty, at, reason, rung, cancels)
        self.said.append(said)
        return said

    def _keep(self, said: Said, rung: str, at: datetime) -> None:
        detail = {"assigned": " ".join(self.duty.depts), "redated": "" if self.duty.complete else ESTIMATE}
        word = Word(
            said.id, self.duty.id, said.version, said.what, rung, ms(self.duty.due), ms(at), detail.get(said.what, "")
        )
        self.words[word.id] = word
        self.changed.add(word.id)

    def _of_rung(self, rung: str) -> Sequence[Word]:
        due = ms(self.duty.due)
        return [word for word in self.words.values() if word.rung == rung and word.due == due]

    def _has(self, rung: str) -> bool:
        return any(not word.cancelled for word in self._of_rung(rung))

    def _rung_id(self, rung: str) -> str:
        """Of `<duty>/<rung>/<due>`; with a number where it was taken back and is reached anew."""
        before = len(self._of_rung(rung))
        return duty_word_id(f"{self.duty.id}/{rung}/{ms(self.duty.due)}" + (f"/{before + 1}" if before else ""))
