"""Newmedia's sink: feed records become what each account owes, the portal's receipts let it go out.

Reads `newmedia-feed` and `receipts`. Writes `receipts`. Keeps `delivery`, `said`, and in a rebuild `post` and `send`.
Fails to: nothing; a record of the router's that can't be read ends the process with its place named.

What is to be sent is only written down here; `sender` does it. After a rebuild the receipts given before say what
each account has already said, so nothing is said twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from bus.city import Kept, Packs
from bus.record import Record
from bus.store import Projection, Tx
from consumers.newmedia import feed, receipts
from consumers.newmedia.desk import Delivery, Desk, Standing
from consumers.newmedia.feed import FeedRecord
from consumers.newmedia.links import PortalLinks
from consumers.newmedia.merge import OPEN, after_portal, rule
from consumers.newmedia.receipts import Ending, Given
from consumers.newmedia.slots import first_slot, urgency
from consumers.newmedia.tables import DELIVERY, SAID, metadata
from schemas.city import Outlet, Pack
from schemas.ids import receipt_id
from schemas.records import ReceiptKind
from schemas.topics import NEWMEDIA_FEED, RECEIPTS

PORTAL = b'"/engine/portal"'
NO_ACCOUNT = "本账号不在城市包中 / the pack has no such account"
BACKFILL = "历史迁移，不向公众发消息 / history is not announced"
OLDER = "已有更新的版本或已撤回 / a newer version or a withdrawal came meanwhile"


class NewmediaProjection(Projection):
    """How feed records and the portal's receipts become deliveries."""

    name = "newmedia"
    topics = (NEWMEDIA_FEED, RECEIPTS)
    metadata = metadata

    def __init__(self, packs: Packs, links: PortalLinks, wake: Callable[[], None]) -> None:
        self._packs = packs
        self._links = links
        self._wake = wake
        self._accounts_now = Kept(packs, lambda span: _accounts(span.pack))
        self._accounts: Mapping[str, Outlet] = {}
        self._order: tuple[str, ...] = ()

    def apply(self, tx: Tx, records: Sequence[Record]) -> None:
        """Write what the records ask of the accounts there are now; what they say is of the release they came by."""
        self._accounts, self._order = self._accounts_now(), self._packs.current().pack.city.quota_classes
        if records[0].topic == RECEIPTS.name:
            self._hear(tx, records)
        else:
            self._take_all(tx, [feed.read(record, self._packs.at(record.timestamp).pack) for record in records])
        self._wake()

    def clear(self, conn: sa.Connection) -> None:
        """Forget what the log can tell again; what was done on the platforms it can't."""
        conn.execute(DELIVERY.delete())
        conn.execute(SAID.delete())

    def _hear(self, tx: Tx, records: Sequence[Record]) -> None:
        """Keep what the portal said, and let go what waited for it."""
        said = [receipts.read(record.value) for record in records if record.value and PORTAL in record.value[:400]]
        if not said:
            return
        desk = Desk(tx.conn, tx.now)
        desk.remember(said)
        by_event = {(each.event.source, each.event.id): each for each in said}
        for delivery in desk.waiting_for(by_event):
            self._after_portal(tx, delivery, by_event[delivery.event.source, delivery.event.id])
        desk.save()

    def _take_all(self, tx: Tx, records: Sequence[FeedRecord]) -> None:
        desk = Desk(tx.conn, tx.now)
        desk.load({record.head.subject for record in records})
        said = desk.said_of([(record.head.source, record.head.id) for record in records])
        for record in records:
            outlet = self._accounts.get(record.route.outlet)
            before = tx.known(receipt_id(record.feed_id))
            if before is not None:
                self._recall(desk, record, receipts.read(before))
            elif outlet is None:
                self._end(tx, record, "noted", NO_ACCOUNT)
            else:
                self._take(tx, desk, record, outlet, said.get((record.head.source, record.head.id)))
        desk.save()

    def _take(self, tx: Tx, desk: Desk, record: FeedRecord, outlet: Outlet, said: Given | None) -> None:
        """Put the record in the place of the item's older one, or say why not."""
        held = desk.delivery(record.head.subject, outlet.id)
        ruling = rule(held.mark if held else None, record.mark)
        if ruling != "take":
            self._end(tx, record, ruling, OLDER if ruling == "superseded" else None)
            return
        if held is not None and held.state in OPEN and held.state != "sending":
            self._end_delivery(tx, held, "superseded", OLDER)
        delivery = desk.put(record, held)
        if not record.carries:
            self._take_down(tx, desk, delivery, held)
        elif (standing := desk.standing(record.feed_id)) is not None:
            self._resume(tx, delivery, standing)
        elif record.backfill:
            self._close(tx, delivery, "noted", BACKFILL)
        elif outlet.policy_first_on_portal and record.on_portal:
            delivery.state = "waiting"
            if said is not None:
                self._after_portal(tx, delivery, said)
        else:
            link = self._links.item(delivery.subject) if record.on_portal else self._links.home
            self._queue(tx, delivery, link, "")

    def _after_portal(self, tx: Tx, delivery: Delivery, said: Given) -> None:
        kind = after_portal(said.kind)
        if kind is None:
            self._queue(tx, delivery, said.url or self._links.item(delivery.subject), said.index_no or "")
        else:
            self._close(tx, delivery, kind, f"门户回执为 {said.kind} / the portal's receipt says {said.kind}")

    def _queue(self, tx: Tx, delivery: Delivery, url: str, index_no: str) -> None:
        """It may be sent from its slot on."""
        outlet = self._accounts[delivery.account]
        emergency = urgency(delivery.quota_class, self._order) == 0
        delivery.state, delivery.url, delivery.index_no = "queued", url, index_no
        delivery.ready_at = tx.now
        delivery.slot_at = first_slot(outlet, tx.now, emergency=emergency)

    def _resume(self, tx: Tx, delivery: Delivery, post: Standing) -> None:
        """In a rebuild: its send is under way, or done and its receipt was not yet on its way."""
        if post.state == "sending":
            delivery.state = "sending"
            return
        delivery.state, delivery.content = "live", None
        tx.send(receipts.build(delivery.ending("published", tx.now, post.platform_id)))

    def _take_down(self, tx: Tx, desk: Desk, delivery: Delivery, held: Delivery | None) -> None:
        """What stands on the account, or is on its way, goes; where nothing does, that is noted."""
        if desk.has_post(delivery.subject, delivery.account):
            delivery.state = "removing"
        elif held is not None and held.state == "live" and desk.was_removed(delivery.subject, delivery.account):
            self._end_delivery(tx, delivery, "removed", None)  # in a rebuild: done, its receipt not yet on its way
            delivery.state = "removed"
        else:
            self._close(tx, delivery, "noted", "本账号未发布 / this account never carried it")

    def _recall(self, desk: Desk, record: FeedRecord, before: Given) -> None:
        """In a rebuild: the record ended so already, and what it did on the platform is done."""
        subject, account = record.head.subject, record.route.outlet
        held = desk.delivery(subject, account)
        if before.kind == "published" and before.platform_id:
            desk.recall_post(record, before, self._accounts.get(account))
        if before.kind == "removed":
            desk.recall_removal(subject, account, record.mark.version)
        if before.kind in {"conflict", "superseded"} or rule(held.mark if held else None, record.mark) != "take":
            return
        delivery = desk.put(record, held)
        ended = {"published": "live", "removed": "removed"}
        delivery.state = ended.get(before.kind, "noted")  # type: ignore[assignment]
        delivery.content, delivery.detail = None, before.detail or ""

    def _close(self, tx: Tx, delivery: Delivery, kind: ReceiptKind, detail: str) -> None:
        """The delivery ends without a word on the platform."""
        self._end_delivery(tx, delivery, kind, detail)
        delivery.state, delivery.content, delivery.detail = "noted", None, detail

    def _end_delivery(self, tx: Tx, delivery: Delivery, kind: ReceiptKind, detail: str | None) -> None:
        tx.send(receipts.build(delivery.ending(kind, tx.now, detail=detail)))

    def _end(self, tx: Tx, record: FeedRecord, kind: ReceiptKind, detail: str | None) -> None:
        ending = Ending(
            record.feed_id, record.route.outlet, record.head, record.mark.version, record.partition, kind, tx.now,
            detail=detail,
        )  # fmt: skip
        tx.send(receipts.build(ending))


def _accounts(pack: Pack) -> dict[str, Outlet]:
    return {each.id: each for each in pack.outlets if each.feed == NEWMEDIA_FEED.name}
