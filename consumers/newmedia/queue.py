"""The sender's rows: what is open on an account, and each change of it in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from consumers.newmedia.desk import ON_PLATFORM, Delivery
from consumers.newmedia.merge import OPEN
from consumers.newmedia.platform import Batch
from consumers.newmedia.receipts import Ending, Head
from consumers.newmedia.tables import ALERT, CLOSED, DELIVERY, POST, SEND
from consumers.newmedia.texts import Article
from schemas.records import ReceiptKind

OPEN_SENDS = ("new", "prepared", "submitted")
NOT_REPLACED = "已发出的不能替换，原文链接总是最新 / sent messages stay as they are, their link leads to the newest"
NEVER_CARRIED = "本账号未发布 / this account never carried it"
OVERTAKEN = "发出前已有更新的版本或已撤回 / overtaken before it was sent"


@dataclass(frozen=True, slots=True)
class Post:
    """A row of `post`."""

    send: str
    position: int
    account: str
    subject: str
    partition: int
    version: int
    feed_id: str
    event: Head
    article: Article
    state: str
    platform_id: str | None
    attempts: int
    next_at: datetime
    at: datetime

    def ending(self, kind: ReceiptKind, at: datetime, detail: str | None = None) -> Ending:
        """The end of its feed record."""
        return Ending(
            self.feed_id, self.account, self.event, self.version, self.partition, kind, at, self.platform_id, detail
        )


@dataclass(frozen=True, slots=True)
class Send:
    """A row of `send` with its posts."""

    id: str
    client_id: str
    state: str
    calling: str
    handle: str | None
    platform_id: str | None
    attempts: int
    next_at: datetime
    posts: tuple[Post, ...]

    @property
    def batch(self) -> Batch:
        """What the platform is told."""
        return Batch(self.client_id, tuple(post.article for post in self.posts))


class Queue:
    """One account's rows, within one transaction."""

    def __init__(self, conn: sa.Connection, account: str) -> None:
        self.conn = conn
        self.account = account

    # reading

    def open_send(self) -> Send | None:
        """The send that is not over, of which there is at most one."""
        query = sa.select(SEND).where(SEND.c.account == self.account, SEND.c.state.in_(OPEN_SENDS))
        row = self.conn.execute(query).first()
        if row is None:
            return None
        return Send(
            row.id, row.client_id, row.state, row.calling, row.handle, row.platform_id, row.attempts, row.next_at,
            self.posts(POST.c.send == row.id),
        )  # fmt: skip

    def posts(self, *conditions: sa.ColumnElement[bool]) -> tuple[Post, ...]:
        """Posts of the account, in order."""
        query = sa.select(POST).where(POST.c.account == self.account, *conditions).order_by(POST.c.at, POST.c.position)
        return tuple(_post(row) for row in self.conn.execute(query))

    def due_removal(self, now: datetime) -> Post | None:
        """A post that is to be taken down, longest due first."""
        query = sa.select(POST).where(POST.c.account == self.account, POST.c.state == "removing", POST.c.next_at <= now)
        row = self.conn.execute(query.order_by(POST.c.next_at).limit(1)).first()
        return _post(row) if row else None

    def known_ids(self) -> frozenset[str]:
        """Every platform id that belongs to one of our posts."""
        query = sa.select(POST.c.platform_id).where(POST.c.account == self.account)
        return frozenset(self.conn.execute(query.where(POST.c.platform_id.is_not(None))).scalars())

    def waiting(self) -> int:
        """Deliveries that still owe their receipt."""
        query = sa.select(sa.func.count()).where(DELIVERY.c.account == self.account, DELIVERY.c.state.in_(OPEN))
        return int(self.conn.execute(query).scalar_one())

    def used(self, period: str) -> int:
        """Sends of a period that were, or may have been, taken."""
        taken = sa.or_(SEND.c.state.in_(("submitted", "sent", "failed")), SEND.c.calling == "submit")
        query = sa.select(sa.func.count()).where(SEND.c.account == self.account, SEND.c.period == period, taken)
        return int(self.conn.execute(query).scalar_one())

    def is_closed(self, period: str) -> bool:
        """Whether the platform said that this period's quota is used up."""
        query = sa.select(CLOSED.c.period).where(CLOSED.c.account == self.account)
        return self.conn.execute(query).scalar() == period

    def candidates(self) -> list[Any]:
        """Deliveries that may be sent and have nothing on the platform."""
        return list(self.conn.execute(self._queued()))

    def has_due(self, now: datetime) -> bool:
        """Whether the slot of one of them has come."""
        return self.conn.execute(self._queued().where(DELIVERY.c.slot_at <= now).limit(1)).first() is not None

    def _queued(self) -> sa.Select[Any]:
        there = sa.exists().where(
            POST.c.subject == DELIVERY.c.subject, POST.c.account == DELIVERY.c.account,
            POST.c.state.in_(ON_PLATFORM),
        )  # fmt: skip
        return sa.select(
            DELIVERY.c.subject, DELIVERY.c.quota_class, DELIVERY.c.ready_at, DELIVERY.c.slot_at, DELIVERY.c.solo
        ).where(DELIVERY.c.account == self.account, DELIVERY.c.state == "queued", ~there)

    def deliveries(self, subjects: Sequence[str], state: str) -> dict[str, Delivery]:
        """Deliveries by subject, held against others until the transaction ends."""
        query = sa.select(DELIVERY).where(
            DELIVERY.c.account == self.account, DELIVERY.c.subject.in_(subjects), DELIVERY.c.state == state
        )
        return {row.subject: Delivery.of_row(row) for row in self.conn.execute(query.with_for_update())}

    def is_overtaken(self, send: Send) -> bool:
        """Whether one of the send's items has a newer record by now."""
        query = sa.select(sa.func.count()).where(
            DELIVERY.c.account == self.account, DELIVERY.c.state == "sending",
            DELIVERY.c.feed_id.in_([post.feed_id for post in send.posts]),
        )  # fmt: skip
        return bool(self.conn.execute(query).scalar_one() < len(send.posts))

    # sends

    def form(
        self, chosen: Sequence[tuple[Delivery, Article]], period: str, now: datetime, *, state: str, look_first: str
    ) -> None:
        """A new send of these; `look_first` names a call of which another life of this store may know."""
        send, rounds = uuid4().hex, max(each.round for each, _ in chosen)
        feeds = "\n".join(sorted(each.feed_id for each, _ in chosen))
        self.conn.execute(SEND.insert(), {
            "id": send, "account": self.account, "state": state, "calling": look_first, "handle": None,
            "client_id": sha256(f"{rounds}\n{feeds}".encode()).hexdigest()[:40], "platform_id": None,
            "period": period, "attempts": 0, "next_at": now, "created_at": now, "detail": "",
        })  # fmt: skip
        self.conn.execute(POST.insert(), [
            {
                "send": send, "position": position, "account": self.account, "subject": each.subject,
                "partition": each.partition, "version": each.version, "feed_id": each.feed_id,
                "event": msgspec.json.encode(each.event).decode(), "article": msgspec.json.encode(article).decode(),
                "state": "sending", "platform_id": None, "attempts": 0, "next_at": now, "at": now,
            }
            for position, (each, article) in enumerate(chosen)
        ])  # fmt: skip
        for each, _ in chosen:
            self.move(each.feed_id, "queued", now, state="sending")

    def update_send(self, send: str, **values: Any) -> None:
        """Change a send's row."""
        self.conn.execute(SEND.update().where(SEND.c.id == send).values(**values))

    def update_post(self, post: Post, **values: Any) -> None:
        """Change a post's row."""
        row = (POST.c.send == post.send, POST.c.position == post.position)
        self.conn.execute(POST.update().where(*row).values(**values))

    def move(self, feed_id: str, was: str, now: datetime, **values: Any) -> bool:
        """Change the delivery that still stands for this feed record in this state; False where none does."""
        row = (DELIVERY.c.account == self.account, DELIVERY.c.feed_id == feed_id, DELIVERY.c.state == was)
        done = self.conn.execute(DELIVERY.update().where(*row).values(updated_at=now, **values))
        return done.rowcount == 1

    def publish(self, send: Send, ids: Sequence[str], now: datetime) -> list[Ending]:
        """The send is public: every post has its id, every feed record its end."""
        self.update_send(send.id, state="sent", calling="", detail="")
        endings = []
        for post, platform_id in zip(send.posts, ids, strict=True):
            self.update_post(post, state="live", platform_id=platform_id, at=now)
            self.move(post.feed_id, "sending", now, state="live", content=None, detail="")
            endings.append(replace(post.ending("published", now), platform_id=platform_id))
        return endings

    def release(self, send: Send, state: str, now: datetime, **values: Any) -> list[Ending]:
        """The send is over and nothing of it is public: its items wait again, overtaken ones end."""
        self.update_send(send.id, state=state, calling="")
        endings = []
        for post in send.posts:
            self._forget(post)
            if not self.move(post.feed_id, "sending", now, state="queued", **values):
                endings.append(post.ending("superseded", now, OVERTAKEN))
        return endings

    def refuse(self, send: Send, now: datetime, detail: str) -> list[Ending]:
        """A send of one item that the platform will never take: the item ends with nothing done."""
        self.update_send(send.id, state="dropped", calling="", detail=detail)
        post = send.posts[0]
        self._forget(post)
        standing = self.move(post.feed_id, "sending", now, state="noted", content=None, detail=detail)
        return [post.ending("noted" if standing else "superseded", now, detail if standing else OVERTAKEN)]

    def _forget(self, post: Post) -> None:
        """It never became public."""
        self.conn.execute(POST.delete().where(POST.c.send == post.send, POST.c.position == post.position))

    def close_period(self, period: str) -> None:
        """The platform itself says that the quota is used up."""
        self.conn.execute(CLOSED.delete().where(CLOSED.c.account == self.account))
        self.conn.execute(CLOSED.insert(), {"account": self.account, "period": period})

    def postpone(self, before: datetime, slot: datetime, emergency: str, *, emergencies: bool) -> list[str]:
        """Move what was to go before `before` to `slot`: the emergencies (class `emergency`), or all others."""
        mine = DELIVERY.c.quota_class == emergency if emergencies else DELIVERY.c.quota_class != emergency
        moved = (
            DELIVERY.update()
            .where(DELIVERY.c.account == self.account, DELIVERY.c.state == "queued", DELIVERY.c.slot_at < before, mine)
            .values(slot_at=slot)
            .returning(DELIVERY.c.subject)
        )
        return list(self.conn.execute(moved).scalars())

    # what stands on the platform against what is wanted

    def is_unsettled(self) -> bool:
        """Whether a removal is to be ordered, or a take-down or newer version can end."""
        item = (POST.c.subject == DELIVERY.c.subject, POST.c.account == DELIVERY.c.account)
        live = sa.exists().where(*item, POST.c.state == "live")
        there = sa.exists().where(*item, POST.c.state.in_(ON_PLATFORM))
        query = sa.select(DELIVERY.c.subject).where(
            DELIVERY.c.account == self.account,
            sa.or_(
                sa.and_(DELIVERY.c.state == "removing", sa.or_(live, ~there)),
                sa.and_(DELIVERY.c.state == "queued", live),
            ),
        )
        return self.conn.execute(query.limit(1)).first() is not None

    def take_down(self, now: datetime) -> list[Ending]:
        """Order the removal of what must go, and end take-downs that have nothing left to remove."""
        query = sa.select(DELIVERY).where(DELIVERY.c.account == self.account, DELIVERY.c.state == "removing")
        endings = []
        for delivery in [Delivery.of_row(row) for row in self.conn.execute(query.with_for_update())]:
            posts = self.posts(POST.c.subject == delivery.subject)
            for post in posts:
                if post.state == "live":
                    self.update_post(post, state="removing", next_at=now)
            if any(post.state in ON_PLATFORM for post in posts):
                continue
            gone = [post for post in posts if post.state == "removed"]
            kind: ReceiptKind = "removed" if gone else "noted"
            detail = None if gone else NEVER_CARRIED
            if self.move(delivery.feed_id, "removing", now, state=kind, detail=detail or ""):
                endings.append(delivery.ending(kind, now, gone[-1].platform_id if gone else None, detail))
        return endings

    def renew(self, now: datetime, *, replaces: bool) -> list[Ending]:
        """A newer version of what already stands there: take the old one down first, or leave it and say so."""
        pairs = sa.select(DELIVERY).where(
            DELIVERY.c.account == self.account, DELIVERY.c.state == "queued",
            sa.exists().where(
                POST.c.subject == DELIVERY.c.subject, POST.c.account == DELIVERY.c.account, POST.c.state == "live"
            ),
        )  # fmt: skip
        endings = []
        for delivery in [Delivery.of_row(row) for row in self.conn.execute(pairs.with_for_update())]:
            live = self.posts(POST.c.subject == delivery.subject, POST.c.state == "live")
            if replaces:
                for post in live:
                    self.update_post(post, state="removing", next_at=now)
            elif self.move(delivery.feed_id, "queued", now, state="live", content=None, detail=NOT_REPLACED):
                endings.append(delivery.ending("noted", now, live[-1].platform_id, NOT_REPLACED))
        return endings

    # alerts

    def alert(self, subject: str, kind: str, detail: str, now: datetime) -> bool:
        """Keep an alert; False where it is known already."""
        dialect = postgresql if self.conn.dialect.name == "postgresql" else sqlite
        new = dialect.insert(ALERT).values(
            account=self.account, subject=subject, kind=kind, at=now, detail=detail[:500]
        )
        return self.conn.execute(new.on_conflict_do_nothing()).rowcount == 1

    def calm(self, *kinds: str, subject: str | None = None) -> None:
        """The reason for these alerts is past."""
        gone = ALERT.delete().where(ALERT.c.account == self.account, ALERT.c.kind.in_(kinds))
        self.conn.execute(gone if subject is None else gone.where(ALERT.c.subject == subject))


def _post(row: sa.Row[Any]) -> Post:
    values = dict(row._mapping)
    values["event"] = msgspec.json.decode(values["event"], type=Head)
    article = values["article"]
    values["article"] = msgspec.json.decode(article, type=Article) if article != "{}" else Article(title="", url="")
    return Post(**values)
