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
from producers.answers import Answer, Outcome, status_of, to_json
from producers.cases import Case
from producers.checks import Principal
from producers.holding import Holding, Notice
from producers.tables import EVENTS, FILES, GIVERS, MATTER_KEYS, NOTICES, PAPERS, SUBMISSIONS
from rules.judge import WITHDRAWN
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
        self._given: set[str] = set()
        self._erased: set[str] = set()
        self._holding = Holding(conn)
        self._room: dict[str, int] = {}
        self._closed: set[str] = set()
        self._sends: dict[str, list[Outgoing]] = defaultdict(list)
        self._events: list[dict[str, Any]] = []
        self._notices: list[dict[str, Any]] = []
        self._submissions: list[dict[str, Any]] = []
        self._papers: list[dict[str, Any]] = []

    def look_up(self, cases: Sequence[Case]) -> None:
        """Read what is known already of everything in `cases`, in a few statements."""
        ids = {case.ref.id for case in cases if case.ref}
        for row in bulk.among(self._conn, EVENTS.c.event_id, ids):
            self._know(row.source, row.event_id, _answer(row))
        digests = {file.sha256 for case in cases for file in case.attachments}
        self._files |= {row.sha256 for row in bulk.among(self._conn, FILES.c.sha256, digests, FILES.c.sha256)}
        givers = bulk.among(self._conn, GIVERS.c.sha256, digests)
        self._given |= {row.sha256 for row in givers if row.dept == self._who.dept}
        scopes = {name for case in cases if case.paper for name in (case.paper.subject, case.paper.scope)}
        keys = bulk.among(self._conn, MATTER_KEYS.c.scope, scopes, MATTER_KEYS.c.scope, MATTER_KEYS.c.wrapped)
        self._erased |= {row.scope for row in keys if row.wrapped is None}

    def decide(self, case: Case) -> Answer:
        """The answer to one case; what it entails is written by `write`."""
        if (found := self._gone(case)) is not None:
            return self._reject(case, found, first=False)
        known = self._known.get((case.ref.source, case.ref.id)) if case.ref and case.owned else None
        if known and known.sha256 == case.sha256:
            return self._submitted(case, known.answer.again())
        if known and not case.dead:
            return self._reject(case, finding(Reason.ID_REUSED, "/id", id=case.ref.id if case.ref else ""), first=False)
        if case.dead:
            return self._bury(case)
        if case.code:
            return self._reject(case, case.findings[0], first=case.owned)
        if (found := self._lacking(case)) is not None:
            return self._reject(case, found, first=True)
        return self._pass(case)

    def write(self) -> None:
        """Put down every row and record that the decisions entail."""
        for table, rows in (
            (EVENTS, self._events), (NOTICES, self._notices), (SUBMISSIONS, self._submissions), (PAPERS, self._papers)
        ):  # fmt: skip
            bulk.insert(self._conn, table, rows)
        self._holding.write()
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

    def _gone(self, case: Case) -> Finding | None:
        """What is said to anything under the number of a matter that was erased."""
        if case.code == Reason.ERASED:
            return case.findings[0]
        erased = case.paper is not None and {case.paper.subject, case.paper.scope} & self._erased
        return finding(Reason.ERASED, "/subject", id=case.ref.subject if case.ref else "") if erased else None

    def _lacking(self, case: Case) -> Finding | None:
        """What is said of a file that was never uploaded, or to a matter that another department uploaded."""
        for file in case.attachments:
            if file.sha256 not in self._files:
                return finding(Reason.REJ_ATTACHMENT, "/data/attachments", name=file.name, sha256=file.sha256)
            if case.paper is not None and file.sha256 not in self._given:
                return finding(Reason.ATTACHMENT_FOREIGN, "/data/attachments", name=file.name, sha256=file.sha256)
        return None

    def _pass(self, case: Case) -> Answer:
        """Forward it, or hold it until its minute; a withdrawal lets go of what is held."""
        if not self._has_room(case.lane):
            return self._full(case)
        if case.release_at is not None:
            return self._end(case, "held", [self._holding.hold(case)])
        told, settled = self._holding.cancel(case) if case.ref and case.ref.type == WITHDRAWN else ([], False)
        if settled:
            return self._end(case, "cancelled", told)
        assert case.ref is not None
        assert isinstance(case.value, bytes)
        self._sends[case.lane].append(Outgoing(case.topic, case.ref.subject.encode(), case.value, (), case.arrival))
        if case.paper is not None:
            self._papers.append(case.paper.row(case.ref.id, case.ref.source, case.arrival))
        return self._end(case, "forwarded", told)

    def _end(self, case: Case, outcome: Outcome, told: Iterable[Notice]) -> Answer:
        assert case.ref is not None
        for notice in told:
            self._tell(notice)
        answer = Answer(
            case.status, outcome, case.sha256, case.arrival, case.ref.id, case.ref.source, to_json(case.findings)
        )
        self._remember(case, case.ref, answer)
        return self._submitted(case, answer)

    def _tell(self, notice: Notice) -> None:
        """Send a notice of the door's own like any event of that department."""
        event, outgoing = notice.event, notice.outgoing()
        case = Case(
            outgoing.value, notices.digest(outgoing.value), notice.arrival,
            EventRef(id=event.id, source=event.source, type=event.type, subject=event.subject,
                     time=event.time.isoformat()),
            lane=notice.lane, dept=notice.dept,
        )  # fmt: skip
        self._sends[notice.lane].append(outgoing)
        self._end(case, "forwarded", ())

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
