"""Steps that the clock takes, as records on topic `links`: read back in order like any other step."""

from __future__ import annotations

from bus.record import Outgoing
from rules.lifecycle import Told
from schemas.city import Pack
from schemas.ids import clock_step_id
from schemas.records import LinkMade
from schemas.topics import LINKS
from streams.duties.entry import Entry
from streams.duties.notices import SOURCE, Stamp, outgoing
from streams.duties.tables import ms

_TYPE = "cn.gongkai.matter.linked.v1"


def lapse(pack: Pack, entry: Entry, stamp: Stamp) -> Outgoing:
    """The step by which a period ends by itself, at its last instant."""
    duty = entry.duty
    told = Told(duty.subject, duty.lapse or "", duty.due)
    cause, reason = f"{duty.id}/{ms(duty.due)}", f"{duty.name}期满"
    return link(pack, told, cause, stamp, reason=reason, partition=entry.partition, duty=duty.id)


def link(
    pack: Pack, told: Told, cause: str, stamp: Stamp, *,
    reason: str = "", partition: int | None = None, duty: str = "",
) -> Outgoing:  # fmt: skip
    """A step for a matter; the same cause gives the same id."""
    step = LinkMade(
        step=told.step, lifecycle=told.lifecycle, at=told.at, fields=dict(told.fields), links=told.links, reason=reason,
        duty=duty,
    )  # fmt: skip
    envelope = {
        "specversion": "1.0", "id": clock_step_id(cause, told.target, told.step), "source": SOURCE, "type": _TYPE,
        "subject": told.target, "time": stamp.at, "datacontenttype": "application/json", "data": step,
    }  # fmt: skip
    return outgoing(LINKS.name, pack, envelope, stamp, partition)
