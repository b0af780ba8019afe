"""The one intake that all four ways share: parse, check, remember, hand to the outbox, in one transaction.

Reads: what HTTP, files, database outboxes and Kafka inboxes hand over, under a principal already known.
Writes: input topics, rejections and dead letters, through the outbox; nothing goes to Kafka from here.
Keeps: each submission, and each identity (source, id) with its value's digest and first answer, for ever.
Fails to: the caller, with nothing taken, where the store does not answer (Retriable) or can't (Fatal).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa
from pydantic import TypeAdapter

from bus.city import Packs
from bus.clock import Clock
from bus.metrics import DOOR_EVENTS
from bus.settings import Settings
from bus.store import Outbox, Store
from producers.answers import Answer, milliseconds
from producers.cases import Case, Judge, Seals, read
from producers.checks import Principal
from producers.decisions import Decisions
from producers.forms import Given
from schemas.city import Pack
from schemas.records import Finding

Also = Callable[[sa.Connection, Sequence[Answer]], None]
"""What a way writes in the same transaction, such as its position."""

_RACES = 5
_T = TypeVar("_T")


class Intake:
    """`take` answers each value in order; whatever it answered but `refused` is committed when it returns."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        packs: Packs,
        clock: Clock,
        *,
        judge: Judge,
        seals: Seals | None = None,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self.store = store
        self.packs = packs
        self.clock = clock
        self._limit = settings.outbox_limit
        self._judge = judge
        self._seals = seals
        self._wake = wake
        self.outbox = Outbox(store)

    @property
    def pack(self) -> Pack:
        """The pack in force now: who there is, and who leads. What came is judged by that of its arrival."""
        return self.packs.current().pack

    def take(
        self,
        who: Principal,
        values: Sequence[Given],
        *,
        arrivals: Sequence[int] | None = None,
        also: Also | None = None,
    ) -> list[Answer]:
        """Take `values` in their order. `arrivals` are the broker's own, for an inbox; else it is now."""
        return self.take_all([(who, self.read(who, values, arrivals))], also)[0]

    def take_all(
        self, groups: Sequence[tuple[Principal, Sequence[Case]]], also: Also | None = None
    ) -> list[list[Answer]]:
        """Several principals' cases in one transaction, so that they share one wait for the disk."""

        def settle(conn: sa.Connection) -> list[list[Answer]]:
            answers = []
            for who, cases in groups:
                decisions = self._decisions(conn, who, cases)
                answers.append([decisions.decide(case) for case in cases])
                decisions.write()
            if also is not None:
                also(conn, [answer for group in answers for answer in group])
            return answers

        answers = self._commit(settle)
        for (who, _), group in zip(groups, answers, strict=True):
            self._count(who, group)
        return answers

    def take_whole(
        self, who: Principal, name: str, values: Sequence[Given], sha256: str, also: Also | None = None
    ) -> tuple[list[Answer], Answer | None]:
        """Take a file whole or not at all; where the door refuses any of it, one rejection names every place.

        Returns the answers to its events, and the answer to the file where it was refused.
        """
        cases = self.read(who, values)

        def settle(conn: sa.Connection) -> tuple[list[Answer], Answer | None]:
            decisions = self._decisions(conn, who, cases)
            answers = [decisions.decide(case) for case in cases]
            refused = None
            if any(answer.outcome == "refused" for answer in answers):
                return answers, None
            if any(answer.refused_here for answer in answers):
                refused = self._refuse(conn, who, name, sha256, _places(cases, answers))
            else:
                decisions.write()
            if also is not None:
                also(conn, answers)
            return answers, refused

        answers, refused = self._commit(settle)
        self._count(who, [refused] if refused else answers)
        return answers, refused

    def refuse_whole(
        self, who: Principal, name: str, sha256: str, findings: Sequence[Finding], also: Also | None = None
    ) -> Answer:
        """One rejection for a file that could not be read as events."""

        def settle(conn: sa.Connection) -> Answer:
            answer = self._refuse(conn, who, name, sha256, findings)
            if also is not None:
                also(conn, [answer])
            return answer

        answer = self._commit(settle)
        self._count(who, [answer])
        return answer

    def read(self, who: Principal, values: Sequence[Given], arrivals: Sequence[int] | None = None) -> list[Case]:
        """The cases of `values`, parsed and judged before any lock is held."""
        stamps = arrivals if arrivals is not None else [milliseconds(self.clock())] * len(values)
        return [
            read(self.packs.at(at).pack, who, self._judge, value, at, seals=self._seals)
            for value, at in zip(values, stamps, strict=True)
        ]

    def _decisions(self, conn: sa.Connection, who: Principal, cases: Sequence[Case]) -> Decisions:
        decisions = Decisions(conn, self.outbox, who, self._release_at, self._limit)
        decisions.look_up(cases)
        return decisions

    def _release_at(self, arrival: int) -> str:
        return self.packs.at(arrival).pack.release

    def _refuse(
        self, conn: sa.Connection, who: Principal, name: str, sha256: str, findings: Sequence[Finding]
    ) -> Answer:
        decisions = self._decisions(conn, who, ())
        answer = decisions.refuse_whole(name, sha256, milliseconds(self.clock()), findings)
        decisions.write()
        return answer

    def _commit(self, settle: Callable[[sa.Connection], _T]) -> _T:
        """Run `settle` in a transaction; again where a copy of this door took the same identity meanwhile."""
        for _ in range(_RACES):
            try:
                with self.store.begin() as conn:
                    result = settle(conn)
            except sa.exc.IntegrityError as error:
                race = error
                continue
            self._wake()
            return result
        raise race

    def _count(self, who: Principal, answers: Sequence[Answer]) -> None:
        for answer in answers:
            DOOR_EVENTS.labels(who.way, answer.outcome).inc()


def _places(cases: Sequence[Case], answers: Sequence[Answer]) -> list[Finding]:
    """The findings of every refused event of a file, each with its place in the file, the first twenty."""
    return [
        found.model_copy(update={"place": f"event {number} {case.ref.id if case.ref else ''}{found.place}"})
        for number, (case, answer) in enumerate(zip(cases, answers, strict=True), start=1)
        if answer.refused_here
        for found in findings_of(answer)
    ][:20]


def findings_of(answer: Answer) -> list[Finding]:
    """The findings of an answer, as models."""
    return _FINDINGS.validate_json(answer.findings)


_FINDINGS = TypeAdapter(list[Finding])
