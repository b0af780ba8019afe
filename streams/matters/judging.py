"""What one record does to the matters in a room, and which records it gives. Pure: no Kafka, no SQL, no clock.

Reads a record, a release of the pack, and the room that was loaded for its slice; arrival is the only "now".
Writes what it changes into the room, once all its records are made, and answers with them.
Fails to whatever the rules raise, the room unchanged; the stage makes an `ENGINE-FAULT` of it by asking `dead`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from pydantic import ValidationError

from bus.record import Outgoing, Record
from rules import Judgement, judge
from rules.case import Fault, finding_of, why
from rules.lifecycle import Advance, Matter, Move, advance, move_of
from schemas import headers as h
from schemas.city import Pack
from schemas.decode import Unreadable, decode
from schemas.envelope import Envelope, department_of, issuer_of
from schemas.reasons import Reason
from schemas.records import Finding, LinkMade, MatterLinked
from schemas.topics import LINKS, RECEIPTS, REVIEWS, STEPPED, VERDICTS
from streams.duties import Stamp
from streams.matters import outputs, waiting
from streams.matters.publications import Publications
from streams.matters.room import Done, Known, Room, Waiter, move_id
from streams.matters.signing import signed
from streams.telling import Ref, Telling, encode, instant, ref_of, verdict_of

PART = "matters"
INPUTS = (*STEPPED, LINKS, VERDICTS, RECEIPTS)
WAIT_MS = 24 * 3600 * 1000
"""How long a step waits for what it follows from."""
_EARLY = frozenset({Reason.SM_UNKNOWN, Reason.SM_ILLEGAL})
_FINDINGS = msgspec.json.Decoder(tuple[dict[str, object], ...])


class _Case(NamedTuple):
    """A move before its matter."""

    record: Record
    ref: Ref
    key: str
    move: Move
    judgement: Judgement
    event: Envelope | None = None
    waiter: Waiter | None = None
    last: bool = False
    patient: bool = False
    """Whether its matter may be behind it, because it comes from another stream."""


class MatterJudging:
    """One release of a pack, ready to judge steps."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._tell = Telling(pack, PART)
        self._publications = Publications(pack, self._tell)

    def __call__(self, room: Room, record: Record) -> Sequence[Outgoing]:
        """All outputs of `record`; the room holds what it changed."""
        if record.topic == VERDICTS.name:
            return self._publications.accepted(room, record)
        if record.topic == RECEIPTS.name:
            return self._publications.answered(room, record)
        return self._link(room, record) if record.topic == LINKS.name else self._event(room, record)

    def dead(self, record: Record, code: str, detail: str) -> Sequence[Outgoing]:  # noqa: ARG002 - the log has it
        """The dead letter of `record`, and its verdict; what is none of our inputs to judge is passed over."""
        if record.topic in {VERDICTS.name, RECEIPTS.name}:
            return ()
        return self._tell.dead(record, code, None)

    def last_call(self, waiter: Waiter) -> Outgoing:
        """The step's day is over."""
        record = Record(waiter.topic, waiter.partition, 0, waiter.until, waiter.subject.encode(), b"")
        made = outputs.retry(self._tell, record, waiter, "last", 0)
        return Outgoing(made.topic, made.key, made.value, _without_origin(made.headers), made.timestamp)

    def _event(self, room: Room, record: Record) -> Sequence[Outgoing]:
        try:
            event = decode(record.value)
        except Unreadable as error:
            return self._tell.unreadable(record, error)
        ref, key = ref_of(event), move_id(event.source, event.id)
        if (known := room.known.get(key)) is not None:
            return self._repeated(record, ref, known)
        arrival = instant(record.timestamp)
        judgement = judge(self.pack, event, arrival)
        move = move_of(event, arrival)
        case = _Case(record, ref, key, move, judgement, event)
        if judgement.outcome == "rejected":
            return self._refused(room, case, judgement.findings)
        return self._moved(room, case)

    def _link(self, room: Room, record: Record) -> Sequence[Outgoing]:
        try:
            event = MatterLinked.model_validate_json(record.value or b"")
        except ValidationError:
            return self._tell.dead(record, "INVALID", None)
        ref, key = ref_of(event), move_id(event.source, event.id)
        if (known := room.known.get(key)) is not None:
            return self._repeated(record, ref, known)
        judgement = Judgement("accepted")
        if event.data.retry is not None:
            return self._again(room, record, ref, key, event.data)
        matter, move = room.matters.get(event.subject), _move(self.pack, event, record, room)
        case = _Case(record, ref, key, move, judgement, patient=_patient(event))
        if matter is not None and move.lifecycle not in {None, matter.lifecycle}:
            fault = Fault(Reason.SM_LIFECYCLE, "/data", values={"lifecycle": move.lifecycle})
            return self._refused(room, case, (finding_of(fault),))
        return self._moved(room, case)

    def _again(self, room: Room, record: Record, ref: Ref, key: str, data: LinkMade) -> Sequence[Outgoing]:
        """A step that waited; where it waits no longer, nothing is left to do."""
        waiter = room.waiting.get(ref["subject"], {}).get(data.reason)
        if waiter is None:
            return [self._given(record, ref, Judgement("accepted"), None)]
        again = Record(waiter.topic, waiter.partition, 0, waiter.arrival, record.key, waiter.value)
        if waiter.topic == LINKS.name:
            event = MatterLinked.model_validate_json(waiter.value)
            move, own = _move(self.pack, event, again, room), ref_of(event)
        else:
            given = decode(waiter.value)
            move, own = move_of(given, instant(waiter.arrival)), ref_of(given)
        case = _Case(
            record, ref, key, move, Judgement("accepted", dept=department_of(own["source"])), waiter=waiter,
            last=data.retry == "last", patient=waiter.topic == LINKS.name,
        )  # fmt: skip
        return self._moved(room, case)

    def _moved(self, room: Room, case: _Case) -> Sequence[Outgoing]:
        matter = room.matters.get(case.move.subject)
        said = advance(self.pack, matter, case.move, last_call=case.last)
        if said.outcome == "accepted":
            return self._taken(room, case, said)
        early = case.patient and not case.last and {one.rule for one in said.findings} <= _EARLY
        if said.outcome == "waiting" or early:
            return self._waits(room, case, matter, said)
        return self._refused(room, case, (*case.judgement.findings, *said.findings))

    def _taken(self, room: Room, case: _Case, said: Advance) -> Sequence[Outgoing]:
        matter, step, record = said.matter, said.step, case.record
        assert matter is not None
        assert step is not None
        lifecycle = self.pack.lifecycle[matter.lifecycle]
        made = [outputs.link(self._tell, record, told, case.ref) for told in said.told]
        found = [one for one in made if one is not None]
        outlets = outputs.shown(lifecycle, matter)
        found += [
            outputs.progress(self._tell, record, case.ref, routed, outputs.data_of(self.pack, matter, step, case.move))
            for routed in outlets
        ]
        found += self._retries(room, case, matter)
        judgement = case.judgement._replace(
            findings=(*case.judgement.findings, *said.findings), title=_title(lifecycle.confidential, matter),
            links=case.move.links, kind=lifecycle.id, dept=case.judgement.dept or _main(matter),
        )  # fmt: skip
        verdict = verdict_of(record, "accepted", case.ref, judgement, outlets)
        verdict |= {"matter": outputs.moved(lifecycle, matter, step, case.move), "waited": _waited(case)}
        found.append(self._tell.given(record, case.ref["subject"], verdict))
        room.put(matter)
        self._settle(room, case, Known("accepted"))
        room.done.append(Done(room.at, matter, said.duties, _stamp(record)))
        if record.topic == REVIEWS.name and case.event is not None:
            room.sign(matter.subject, signed(room.signatures.get(matter.subject, {}), case.event))
        return found

    def _retries(self, room: Room, case: _Case, matter: Matter) -> list[Outgoing]:
        """What waited at this matter and need wait no more, each in a record of its own."""
        return [
            outputs.retry(self._tell, case.record, waiter, "again", matter.version)
            for waiter in room.waiters(matter.subject)
            if waiter != case.waiter and self._fits(room, waiter, matter)
        ]

    def _fits(self, room: Room, waiter: Waiter, matter: Matter) -> bool:
        record = Record(waiter.topic, waiter.partition, 0, waiter.arrival, b"", waiter.value)
        if waiter.topic == LINKS.name:
            move = _move(self.pack, MatterLinked.model_validate_json(waiter.value), record, room, matter)
            early = _EARLY
        else:
            move, early = move_of(decode(waiter.value), instant(waiter.arrival)), frozenset()
        said = advance(self.pack, matter, move)
        return said.outcome == "accepted" or (
            said.outcome == "rejected" and not {one.rule for one in said.findings} <= early
        )

    def _waits(self, room: Room, case: _Case, matter: Matter | None, said: Advance) -> Sequence[Outgoing]:
        record, move = case.record, case.move
        lifecycle = self.pack.lifecycle.get(matter.lifecycle if matter else move.lifecycle or "")
        told = said.findings if said.outcome == "waiting" else (_not_there(move),)
        judgement = case.judgement._replace(
            findings=(*case.judgement.findings, *told), kind=lifecycle.id if lifecycle else None,
            dept=case.judgement.dept or _main(matter),
        )  # fmt: skip
        verdict = verdict_of(record, "accepted", case.ref, judgement, ())
        verdict |= {"matter": outputs.waits(lifecycle, matter, move), "waited": _waited(case)}
        given = self._tell.given(record, case.ref["subject"], verdict)
        if case.waiter is None:
            room.note(case.key, Known("accepted"))
            waiter = Waiter(
                case.key, move.subject, case.ref["source"], case.ref["id"], move.step, record.topic, record.partition,
                record.timestamp, record.timestamp + WAIT_MS, False, record.value or b"",
            )  # fmt: skip
            room.wait(waiter)
            room.done.append(waiting.begun(room.at, waiter, matter, move, _stamp(record)))
        return [given]

    def _refused(self, room: Room, case: _Case, findings: tuple[Finding, ...]) -> Sequence[Outgoing]:
        """A rejection for who sent the step; of one that waited, under the name it came by."""
        dept = case.judgement.dept or department_of(case.ref["source"])
        judgement = case.judgement._replace(outcome="rejected", findings=findings, dept=dept)
        told = case.ref
        if case.waiter is not None:
            told = {**case.ref, "id": case.waiter.event_id, "source": case.waiter.source}
        rejection = self._tell.rejection(case.record, told, (dept or issuer_of(told["subject"]))[:100], judgement)
        verdict = verdict_of(case.record, "rejected", case.ref, judgement, ()) | {"waited": _waited(case)}
        given = self._tell.given(case.record, case.ref["subject"], verdict)
        self._settle(room, case, Known("rejected", encode(findings).decode()))
        return [rejection, given]

    def _settle(self, room: Room, case: _Case, known: Known) -> None:
        """What became of a step; trying one again is no step itself, and a repeat of that finds nothing waiting."""
        if case.waiter is None:
            room.note(case.key, known)
        else:
            room.note(case.waiter.id, known)
            room.end_wait(case.waiter)
            matter = room.matters.get(case.move.subject)
            room.done.append(waiting.ended(room.at, case.waiter, matter, case.move, _stamp(case.record)))

    def _repeated(self, record: Record, ref: Ref, known: Known) -> Sequence[Outgoing]:
        """The same outcome again, and nothing changed."""
        dept = department_of(ref["source"])
        if known.outcome == "accepted":
            return [self._given(record, ref, Judgement("accepted", dept=dept), None)]
        findings = tuple(Finding.model_validate(one) for one in _FINDINGS.decode(known.findings or "[]"))
        return self._tell.refusal(
            record, ref, (dept or issuer_of(ref["subject"]))[:100], Judgement("rejected", findings, dept=dept)
        )

    def _given(self, record: Record, ref: Ref, judgement: Judgement, matter: dict[str, object] | None) -> Outgoing:
        verdict = verdict_of(record, judgement.outcome, ref, judgement, ()) | {"matter": matter}
        return self._tell.given(record, ref["subject"], verdict)


def _move(pack: Pack, event: MatterLinked, record: Record, room: Room, matter: Matter | None = None) -> Move:
    """The step that another stream takes for a matter; its family is the matter's."""
    data = event.data
    matter = matter or room.matters.get(event.subject)
    lifecycle = pack.lifecycle.get(matter.lifecycle if matter else data.lifecycle or "")
    return Move(
        event.subject, lifecycle.family if lifecycle else "", data.step, event.source, event.id, data.at,
        instant(record.timestamp), data.lifecycle, title=data.title, fields=data.fields, reason=data.reason,
        links=data.links,
    )  # fmt: skip


def _patient(event: MatterLinked) -> bool:
    """Whether what brought the step lies in another stream, so that its matter may be behind it."""
    cause = event.data.cause
    return cause is not None and (cause.subject != event.subject or cause.type.startswith("cn.gongkai.publication."))


def _waited(case: _Case) -> dict[str, str] | None:
    return {"id": case.waiter.event_id, "source": case.waiter.source} if case.waiter else None


def _not_there(move: Move) -> Finding:
    missing = why("该事项或者其前一环节尚未到达", "the matter, or the step before this one", step=move.step)
    return finding_of(Fault(Reason.SM_WAITING, "/data", values=missing))


def _main(matter: Matter | None) -> str | None:
    depts = matter.roles.get("main", ()) if matter else ()
    return depts[0] if depts else None


def _title(confidential: bool, matter: Matter) -> str | None:
    return None if confidential else matter.title or None


def _stamp(record: Record) -> Stamp:
    trace = tuple(pair for pair in record.headers if pair[0] == h.TRACEPARENT)
    return Stamp(instant(record.timestamp), ((h.ORIGIN, record.origin.encode()), *trace))


def _without_origin(headers: h.Headers) -> h.Headers:
    return tuple(pair for pair in headers if pair[0] != h.ORIGIN)
