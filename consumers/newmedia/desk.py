"""The rows of a slice of records: loaded together, changed in memory, written back together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from bus.store import bulk
from consumers.newmedia.feed import FeedRecord
from consumers.newmedia.merge import Mark, State
from consumers.newmedia.receipts import Ending, Given, Head
from consumers.newmedia.slots import period_of
from consumers.newmedia.tables import DELIVERY, POST, SAID, SEND
from consumers.newmedia.texts import Content
from schemas.city import Outlet
from schemas.records import ReceiptKind

ON_PLATFORM = ("sending", "live", "removing")
"""Posts that are, or may be, public."""


@dataclass(slots=True)
class Delivery:
    """A row of `delivery`."""

    subject: str
    account: str
    partition: int
    version: int
    rank: int
    fingerprint: str
    feed_id: str
    event: Head
    title: str
    quota_class: str
    content: Content | None
    state: State
    ready_at: datetime | None
    slot_at: datetime | None
    solo: bool
    round: int
    url: str | None
    index_no: str | None
    detail: str
    updated_at: datetime

    @property
    def mark(self) -> Mark:
        """Its place among its item's records."""
        return Mark(self.version, 1 if self.rank else 0, self.fingerprint)

    def ending(
        self, kind: ReceiptKind, at: datetime, platform_id: str | None = None, detail: str | None = None
    ) -> Ending:
        """The end of its feed record."""
        return Ending(
            self.feed_id, self.account, self.event, self.version, self.partition, kind, at, platform_id, detail
        )

    @classmethod
    def of_row(cls, row: sa.Row[Any]) -> Delivery:
        """From the database."""
        values = {name: value for name, value in row._mapping.items() if name not in ("event_id", "source")}
        values["event"] = msgspec.json.decode(values["event"], type=Head)
        if values["content"] is not None:
            values["content"] = msgspec.json.decode(values["content"], type=Content)
        return cls(**values)

    def row(self) -> dict[str, Any]:
        """To the database."""
        values = {name: getattr(self, name) for name in self.__slots__}
        values["event"] = msgspec.json.encode(self.event).decode()
        values["content"] = None if self.content is None else msgspec.json.encode(self.content).decode()
        return {**values, "event_id": self.event.id, "source": self.event.source}


@dataclass(slots=True)
class Standing:
    """A post, as far as a feed record needs to know it."""

    subject: str
    account: str
    version: int
    feed_id: str
    state: str
    platform_id: str | None


class Desk:
    """Deliveries, and whether their items stand on an account, for one transaction."""

    def __init__(self, conn: sa.Connection, now: datetime) -> None:
        self._conn = conn
        self._now = now
        self._held: dict[tuple[str, str], Delivery] = {}
        self._changed: dict[tuple[str, str], Delivery] = {}
        self._posts: list[Standing] = []

    def load(self, subjects: Collection[str]) -> None:
        """Everything held about these items."""
        rows = bulk.among(self._conn, DELIVERY.c.subject, subjects, locked=True)
        self._held |= {(row.subject, row.account): Delivery.of_row(row) for row in rows}
        columns = (POST.c.subject, POST.c.account, POST.c.version, POST.c.feed_id, POST.c.state, POST.c.platform_id)
        self._posts += [Standing(*tuple(row)) for row in bulk.among(self._conn, POST.c.subject, subjects, *columns)]

    def delivery(self, subject: str, account: str) -> Delivery | None:
        """The newest record of the item for the account."""
        return self._held.get((subject, account))

    def has_post(self, subject: str, account: str) -> bool:
        """Whether the item is, or may be, public on the account."""
        return any(
            (post.subject, post.account) == (subject, account) and post.state in ON_PLATFORM for post in self._posts
        )

    def standing(self, feed_id: str) -> Standing | None:
        """The post that a feed record has led to, if any."""
        return next((post for post in self._posts if post.feed_id == feed_id), None)

    def was_removed(self, subject: str, account: str) -> bool:
        """Whether a post of the item was taken down."""
        return any((post.subject, post.account, post.state) == (subject, account, "removed") for post in self._posts)

    def put(self, record: FeedRecord, held: Delivery | None) -> Delivery:
        """The record in the place of the older one; its state is for the caller to set."""
        key = (record.head.subject, record.route.outlet)
        title = held.title if record.content is None and held else record.route.title
        delivery = Delivery(
            *key, record.partition, record.mark.version, record.mark.rank, record.mark.fingerprint, record.feed_id,
            record.head, title, record.route.quota_class, record.content if record.carries else None,
            "noted", None, None, False, held.round if held else 0, held.url if held else None,
            held.index_no if held else None, "", self._now,
        )  # fmt: skip
        self._held[key] = self._changed[key] = delivery
        return delivery

    def remember(self, said: Iterable[Given]) -> None:
        """Keep what the portal said of each event; what it said first stays."""
        rows = {(each.event.id, each.event.source): each for each in said}
        known = self.said_of([(source, event) for event, source in rows])
        fresh = [
            {"event_id": event, "source": source, "kind": each.kind, "url": each.url, "index_no": each.index_no}
            for (event, source), each in rows.items()
            if (source, event) not in known
        ]
        if fresh:
            self._conn.execute(SAID.insert(), fresh)

    def said_of(self, events: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Given]:
        """What the portal has said of these events (source, id)."""
        wanted, found = set(events), {}
        for row in bulk.among(self._conn, SAID.c.event_id, (event for _, event in events)):
            if (row.source, row.event_id) in wanted:
                head = Head(row.event_id, row.source, "", "", "")
                found[row.source, row.event_id] = Given(
                    "portal", row.kind, head, 0, self._now, "", row.url, row.index_no
                )
        return found

    def waiting_for(self, events: Mapping[tuple[str, str], Given]) -> list[Delivery]:
        """Deliveries that wait for the portal's word on one of these events; they count as changed."""
        rows = bulk.among(self._conn, DELIVERY.c.event_id, (event for _, event in events), locked=True)
        waiting = [Delivery.of_row(row) for row in rows if row.state == "waiting"]
        found = [each for each in waiting if (each.event.source, each.event.id) in events]
        self._changed |= {(each.subject, each.account): each for each in found}
        return found

    def recall_post(self, record: FeedRecord, before: Given, outlet: Outlet | None) -> None:
        """In a rebuild of an empty store: a post that is already public, and the quota it used."""
        if self.standing(record.feed_id) is not None:
            return
        subject, account, platform_id = record.head.subject, record.route.outlet, before.platform_id or ""
        self.recall_removal(subject, account, record.mark.version - 1)  # what stood there before went first
        send, period = platform_id.partition("/")[0], period_of(outlet, before.at) if outlet else ""
        identity = f"{account}:{send}"
        if self._conn.execute(sa.select(SEND.c.id).where(SEND.c.id == identity)).first() is None:
            self._conn.execute(SEND.insert(), {
                "id": identity, "account": account, "client_id": "", "state": "sent", "calling": "", "handle": None,
                "platform_id": send, "period": period, "attempts": 0, "next_at": before.at,
                "created_at": before.at, "detail": "rebuilt",
            })  # fmt: skip
        count = sa.select(sa.func.count()).select_from(POST).where(POST.c.send == identity)
        self._conn.execute(POST.insert(), {
            "send": identity, "position": self._conn.execute(count).scalar_one(), "account": account,
            "subject": subject, "partition": record.partition, "version": record.mark.version,
            "feed_id": record.feed_id, "event": msgspec.json.encode(record.head).decode(), "article": "{}",
            "state": "live", "platform_id": platform_id, "attempts": 0, "next_at": before.at, "at": before.at,
        })  # fmt: skip
        self._posts.append(Standing(subject, account, record.mark.version, record.feed_id, "live", platform_id))

    def recall_removal(self, subject: str, account: str, version: int) -> None:
        """In a rebuild: the item's posts up to this version were taken down."""
        mine = (POST.c.subject == subject, POST.c.account == account, POST.c.version <= version)
        self._conn.execute(POST.update().where(*mine).values(state="removed"))
        for post in self._posts:
            if (post.subject, post.account) == (subject, account) and post.version <= version:
                post.state = "removed"

    def save(self) -> None:
        """Write every changed delivery."""
        if not self._changed:
            return
        for delivery in self._changed.values():
            delivery.updated_at = self._now
        key = sa.and_(DELIVERY.c.subject == sa.bindparam("s"), DELIVERY.c.account == sa.bindparam("a"))
        self._conn.execute(DELIVERY.delete().where(key), [{"s": s, "a": a} for s, a in self._changed])
        self._conn.execute(DELIVERY.insert(), [each.row() for each in self._changed.values()])
        self._changed = {}
