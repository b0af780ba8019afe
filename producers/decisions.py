"""What becomes of a row of cases within one transaction: repeats, reuse, limits; the rows and records to write."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bus.record import Outgoing
from bus.store import BACKFILL_PRIORITY, LIVE_PRIORITY, Outbox, bulk
from producers import notices
from producers.answers import Answer, status_of, to_json
from producers.cases import Case
from producers.checks import Principal
from producers.tables import EVENTS, FILES, NOTICES, SUBMISSIONS
from schemas import headers as h
from schemas.reasons import Reason, finding
from schemas.records import EventRef, Finding


@dataclass(frozen=True, slots=True)
class _Known:
    sha256: str
    answer: Answer


class Decisions:
    """Decides cases one by one, each seeing what the ones before it became; `write` puts it all down."""

    def __init__(
        self, conn: sa.Connection, outbox: Outbox, who: Principal, release_at: Callable[[int], str], limit: int
    ) -> None:
        """`release_at`: the number of the release for an arrival."""
        self._conn = conn
        self._outbox = outbox
        self._who = who
        self._release_at = release_at
        self._limit = limit
        self._known: dict[tuple[str, str], _Known] = {}
        self._noticed: dict[str, Answer] = {}
        self._files: set[str] = set()
        self._room: dict[str, int] = {}
        self._closed: set[str] = set()
        self._sends: dict[str, list[Outgoing]] = defaultdict(list)
        self._events: list[dict[str, Any]] = []
        self._notices: list[dict[str, Any]] = []
        self._submissions: list[dict[str, Any]] = []

    def look_up(self, cases: Sequence[Case]) -> None:
        """Read what is known already of everything in `cases`, in a few statements."""
        ids = {case.ref.id for case in cases if case.ref}
        for row in bulk.among(self._conn, EVENTS.c.event_id, ids):
            self._know(row.source, row.event_id, _answer(row))
        digests = {file.sha256 for case in cases for file in case.attachments}
        self._files |= {row.sha256 for row in bulk.among(self._conn, FILES.c.sha256, digests, FILES.c.sha256)}

    def decide(self, case: Case) -> Answer:
        """The answer to one case; what it entails is written by `write`."""
        known = self._known.get((case.ref.source, case.ref.id)) if case.ref and case.owned else None
        if known and known.sha256 == case.sha256:
            return self._submitted(case, known.answer.again())
        if known and not case.dead:
            return self._reject(case, finding(Reason.ID_REUSED, "/id", id=case.ref.id if case.ref else ""), first=False)
        if case.dead:
            return self._bury(case)
        if case.code:
            return self._reject(case, case.findings[0], first=case.owned)
        missing = next((file for file in case.attachments if file.sha256 not in self._files), None)
        if missing is not None:
            found = finding(Reason.REJ_ATTACHMENT, "/data/attachments", name=missing.name, sha256=missing.sha256)
            return self._reject(case, found, first=True)
        return self._forward(case)

    def write(self) -> None:
        """Put down every row and record that the decisions entail."""
        for table, rows in ((EVENTS, self._events), (NOTICES, self._notices), (SUBMISSIONS, self._submissions)):
            bulk.insert(self._conn, table, rows)
        for lane, outgoings in sorted(self._sends.items()):
            priority = BACKFILL_PRIORITY if lane.endswith("#backfill") else LIVE_PRIORITY
            self._outbox.append(self._conn, lane, outgoings, priority)

    def refuse_whole(self, name: str, sha256: str, arrival: int, findings: Sequence[Finding]) -> Answer:
        """One rejection for a file of which nothing is taken."""
        dept = self._who.dept
        record = notices.rejection(
            dept, None, findings, arrival=arrival, sha256=sha256, pack=self._release_at(arrival), name=name
        )
        case = Case(None, sha256, arrival, None, dept=dept, lane=dept, code=findings[0].rule)
        return self._notice(case, record, "rejected", findings)

    def _forward(self, case: Case) -> Answer:
        if not self._has_room(case.lane):
            return self._full(case)
        assert case.ref is not None
        assert isinstance(case.value, bytes)
        self._sends[case.lane].append(Outgoing(case.topic, case.ref.subject.encode(), case.value, (), case.arrival))
        answer = Answer(
            case.status, "forwarded", case.sha256, case.arrival, case.ref.id, case.ref.source, to_json(case.findings)
        )
        self._remember(case, case.ref, answer)
        return self._submitted(case, answer)

    def _reject(self, case: Case, found: Finding, *, first: bool) -> Answer:
        record = notices.rejection(
            self._who.dept,
            case.ref,
            (found,),
            arrival=case.arrival,
            sha256=case.sha256,
            pack=self._release_at(case.arrival),
        )
        answer = self._notice(case, record, "rejected", (found,))
        if first and case.ref is not None and answer.outcome == "rejected":
            self._remember(case, case.ref, answer)
        return answer

    def _bury(self, case: Case) -> Answer:
        record = notices.dead_letter(
            self._who.dept, case.value, case.code, ref=case.ref, arrival=case.arrival, sha256=case.sha256
        )
        return self._notice(case, record, "dead", case.findings)

    def _notice(self, case: Case, record: Outgoing, outcome: str, findings: Sequence[Finding]) -> Answer:
        gk_id = h.get(record.headers, h.ID) or ""
        if (before := self._noticed_before(gk_id)) is not None:
            return self._submitted(case, before.again())
        if not self._has_room(case.lane):
            return self._full(case)
        self._sends[case.lane].append(record)
        status = status_of(findings[0].rule)
        answer = Answer(
            status, "dead" if outcome == "dead" else "rejected", case.sha256, case.arrival, *case.name,
            to_json(findings),
        )  # fmt: skip
        self._noticed[gk_id] = answer
        self._notices.append({
            "gk_id": gk_id, "kind": outcome, "dept": self._who.dept, "arrival": case.arrival, "status": status,
            "findings": answer.findings.decode(),
        })  # fmt: skip
        return self._submitted(case, answer, findings[0].rule)

    def _noticed_before(self, gk_id: str) -> Answer | None:
        if gk_id not in self._noticed:
            row = self._conn.execute(sa.select(NOTICES).where(NOTICES.c.gk_id == gk_id)).first()
            if row is None:
                return None
            outcome = "dead" if row.kind == "dead" else "rejected"
            self._noticed[gk_id] = Answer(row.status, outcome, "", row.arrival, findings=row.findings.encode())  # type: ignore[arg-type]
        return self._noticed[gk_id]

    def _has_room(self, lane: str) -> bool:
        """Whether the lane takes one more. Once it did not, it takes nothing more here, so order is kept."""
        if lane not in self._room:
            self._room[lane] = self._limit - self._outbox.pending(self._conn, lane)
        if self._room[lane] <= 0 or lane in self._closed:
            self._closed.add(lane)
            return False
        self._room[lane] -= 1
        return True

    def _full(self, case: Case) -> Answer:
        return Answer(503, "refused", case.sha256, case.arrival, *case.name, to_json((finding(Reason.OUTBOX_FULL),)))

    def _remember(self, case: Case, ref: EventRef, answer: Answer) -> None:
        self._know(ref.source, ref.id, answer)
        self._events.append({
            "event_id": ref.id, "source": ref.source, "sha256": case.sha256, "dept": case.dept, "type": ref.type,
            "subject": ref.subject, "arrival": case.arrival, "status": answer.status, "outcome": answer.outcome,
            "findings": answer.findings.decode(),
        })  # fmt: skip

    def _know(self, source: str, event_id: str, answer: Answer) -> None:
        self._known[source, event_id] = _Known(answer.sha256, answer)

    def _submitted(self, case: Case, answer: Answer, code: str | None = None) -> Answer:
        self._submissions.append({
            "way": self._who.way, "dept": self._who.dept, "source": case.name[1],
            "event_id": case.name[0], "sha256": case.sha256, "arrival": case.arrival,
            "outcome": answer.outcome, "code": code,
        })  # fmt: skip
        return answer


def outcomes(answers: Iterable[Answer]) -> Counter[str]:
    """How many answers of each outcome."""
    return Counter(answer.outcome for answer in answers)


def _answer(row: Any) -> Answer:
    return Answer(row.status, row.outcome, row.sha256, row.arrival, row.event_id, row.source, row.findings.encode())
