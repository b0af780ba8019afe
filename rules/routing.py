"""Which outlets carry an event, saying what, and by when; asked of accepted events alone."""

from __future__ import annotations

from datetime import datetime

from rules import registers
from rules.clocks import due_of_row, end_of
from rules.content import title_for
from rules.judge import SUBMITTED, UPDATED, WITHDRAWN, kind_of, row_of
from schemas.city import Outlet, Pack
from schemas.envelope import Envelope
from schemas.events.publications import Publication, Withdrawal
from schemas.records import Routed


def route(pack: Pack, event: Envelope) -> tuple[Routed, ...]:
    """The outlets of `event`, in the pack's order; none for families that outlets do not carry.

    Version 1 goes where its channels name. A later version goes to every outlet, so that one no longer named takes
    it down, and so does a withdrawal. History sends nobody a message: the portal alone carries it.
    """
    if event.type in {SUBMITTED, UPDATED}:
        return _publication(pack, event)
    if event.type == WITHDRAWN:
        return _withdrawal(pack, event.data)  # type: ignore[attr-defined]
    if event.type in registers.TYPES:
        return _register(pack, event)
    return ()


def _register(pack: Pack, event: Envelope) -> tuple[Routed, ...]:
    """Registers are the portal's alone."""
    title, quota_class = registers.title_of(pack, event) or event.subject, pack.city.quota_classes[-1]
    portals = (outlet for outlet in pack.outlets if outlet.platform == "portal")
    if event.type == registers.REMOVED:
        return tuple(_take_down(outlet, title, quota_class) for outlet in portals)
    return tuple(
        Routed(outlet=outlet.id, feed=outlet.feed, action="carry", title=title, quota_class=quota_class)
        for outlet in portals
    )


def _publication(pack: Pack, event: Envelope) -> tuple[Routed, ...]:
    data: Publication = event.data  # type: ignore[attr-defined]
    kind, row = kind_of(pack, event) or pack.kind[data.kind], row_of(pack, event) or pack.row[data.item]
    named = pack.outlets_for(data.channels, data.responsible_dept, kind.quota_class)
    if data.backfill:
        named = tuple(outlet for outlet in named if outlet.platform == "portal")
    due = due_of_row(pack, row, data.dates, data.version)  # type: ignore[arg-type]
    by = end_of(due.due) if due is not None and not data.backfill else None
    if data.version == 1:
        return tuple(_carry(outlet, data, kind.quota_class, by) for outlet in named)
    carried = {outlet.id for outlet in named}
    return tuple(
        _carry(outlet, data, kind.quota_class, by)
        if outlet.id in carried
        else _take_down(outlet, data.title, kind.quota_class)
        for outlet in pack.outlets
    )


def _withdrawal(pack: Pack, data: Withdrawal) -> tuple[Routed, ...]:
    return tuple(_take_down(outlet, data.notice, pack.city.quota_classes[0]) for outlet in pack.outlets)


def _carry(outlet: Outlet, data: Publication, quota_class: str, due: datetime | None) -> Routed:
    """`due` is the portal's: it alone stops the statutory clock; an account's is its own next slot."""
    return Routed(
        outlet=outlet.id, feed=outlet.feed, action="carry", title=title_for(outlet, data) or data.title,
        quota_class=quota_class, due=due if outlet.platform == "portal" else None,
    )  # fmt: skip


def _take_down(outlet: Outlet, title: str, quota_class: str) -> Routed:
    return Routed(outlet=outlet.id, feed=outlet.feed, action="take-down", title=title, quota_class=quota_class)
