"""What one input record gives: its verdict, and feed records, a rejection or a dead letter. Pure: no Kafka, no clock.

Reads a record and a pack; arrival is the record's timestamp and the only "now".
Writes nothing: it answers with the records to be sent, the same bytes for the same record in any process.
Fails to whatever the rules raise; the stage makes an `ENGINE-FAULT` of it by asking `dead`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from bus.record import Outgoing, Record
from rules import Judgement, judge, route
from schemas import headers as h
from schemas.city import Pack
from schemas.decode import Unreadable, decode
from schemas.envelope import Envelope
from schemas.ids import feed_id
from schemas.records import Routed
from streams.telling import Telling, encode, instant, out, ref_of, verdict_id, verdict_of

PART = "router"

Judge = Callable[[Pack, Envelope, datetime], Judgement]
Route = Callable[[Pack, Envelope], tuple[Routed, ...]]


class Judging:
    """One release of a pack, ready to judge."""

    def __init__(self, pack: Pack, *, judge: Judge = judge, route: Route = route) -> None:
        self._pack = pack
        self._judge = judge
        self._route = route
        self._tell = Telling(pack, PART)

    def __call__(self, record: Record) -> Sequence[Outgoing]:
        """All outputs of `record`."""
        try:
            event = decode(record.value)
        except Unreadable as error:
            return self._tell.unreadable(record, error)
        judgement = self._judge(self._pack, event, instant(record.timestamp))
        if judgement.outcome == "rejected":
            return self._tell.rejected(record, event, judgement)
        return self._accepted(record, event, judgement)

    def dead(self, record: Record, code: str, detail: str) -> Sequence[Outgoing]:  # noqa: ARG002 - the log has it
        """The dead letter of `record`, and its verdict."""
        return self._tell.dead(record, code, None)

    def _accepted(self, record: Record, event: Envelope, judgement: Judgement) -> list[Outgoing]:
        outlets = self._route(self._pack, event)
        verdict = verdict_of(record, "accepted", ref_of(event), judgement, outlets)
        common = (*self._tell.common(record), (h.VERDICT, verdict_id(record).encode()))
        feeds = [
            out(record, one.feed, record.value, (
                (h.ID, feed_id(event.source, event.id, one.outlet).encode()), *common,
                (h.OUTLET, encode(one)),
            ))
            for one in outlets
        ]  # fmt: skip
        return [*feeds, self._tell.given(record, event.subject, verdict)]


def run(judging: Callable[[Record], Sequence[Outgoing]], records: Iterable[Record]) -> list[Outgoing]:
    """The outputs of `records` with no broker: byte for byte what the stage would send."""
    return [out for record in records for out in judging(record)]
