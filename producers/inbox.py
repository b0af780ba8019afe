"""Reads the topics `inbox.<code>`, to which departments that speak Kafka write under principals of their own.

Reads:    every `inbox.<code>` of a department of the pack, one partition each, in order.
Writes:   events through the intake, with the broker's append time as arrival.
Keeps:    the next offset of each, in the transaction that takes its records.
Fails to: StoreMismatch where an inbox lost what was not taken; an unreachable broker is waited for without end.

An inbox is no record: what the intake took more than a day ago is deleted from it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from kafka import KafkaConsumer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from bus import clients, log
from bus.errors import Retriable, StoreMismatch
from bus.looping import Looping
from bus.settings import Settings
from bus.topics import inbox_name
from producers.answers import Answer, milliseconds
from producers.checks import Principal, principal
from producers.forms import Given, binary, structured
from producers.intake import Intake
from producers.positions import move, position
from producers.tables import MARKS

SEARCH_SECONDS = 5.0
"""Between looks for inboxes that were made since."""
KEPT = timedelta(days=1)
_MARK_EVERY = timedelta(hours=1)
_POLL_MS = 200
_APPEND_TIME = 1
_log = log.get("producers.inbox")


class Inboxes(Looping):
    """A service with one thread and one consumer over all inboxes."""

    name = "inboxes"

    def __init__(self, settings: Settings, intake: Intake) -> None:
        super().__init__()
        self._settings = settings
        self._intake = intake
        self._consumer: KafkaConsumer | None = None
        self._next: dict[str, int] = {}
        self._searched = 0.0
        self._marked = 0
        self._taken = 0
        self._trouble: str | None = None

    def health(self) -> dict[str, object]:
        """How many inboxes and records, and what troubles it."""
        ok = self.failed is None and self._trouble is None
        return {"ok": ok, "inboxes": len(self._next), "taken": self._taken, "trouble": self._trouble}

    def _leave(self) -> None:
        self._drop()

    def _turn(self) -> None:
        try:
            with clients.kafka_errors("read inboxes"):
                self._read()
            self._trouble = None
        except Retriable as error:
            if self._trouble is None:
                _log.warning("inboxes wait", error=str(error))
            self._trouble = str(error)
            self._drop()
            self._stopping.wait(1.0)

    def _read(self) -> None:
        """Look for new inboxes now and then, take what came, tidy what is old."""
        if self._consumer is None or time.monotonic() - self._searched > SEARCH_SECONDS:
            self._search()
        if self._consumer is None or not self._next:
            self._stopping.wait(_POLL_MS / 1000)
            return
        for place, records in self._consumer.poll(timeout_ms=_POLL_MS, max_records=500).items():
            self._take(place.topic, records)
        self._tidy()

    def _search(self) -> None:
        self._searched = time.monotonic()
        if self._consumer is None:
            self._consumer = clients.consumer(self._settings)
        inboxes = {self._settings.topic(inbox_name(dept)) for dept in self._intake.pack.department}
        there = inboxes & set(self._consumer.topics())
        if new := there - self._next.keys():
            places = [TopicPartition(name, 0) for name in sorted(there)]
            self._consumer.assign(places)
            for place in places:
                self._begin(place)
            _log.info("inboxes found", topics=sorted(self._settings.bare(name) for name in new))

    def _begin(self, place: TopicPartition) -> None:
        """Go to where this store has got; a new inbox begins at its beginning.

        Raises:
            StoreMismatch: the inbox no longer holds what comes next, or never held what was taken.
        """
        assert self._consumer is not None
        taken = position(self._intake.store, self._name(place.topic))
        first, end = self._consumer.beginning_offsets([place])[place], self._consumer.end_offsets([place])[place]
        if taken and not first <= taken <= end:
            raise StoreMismatch(
                f"{self._settings.bare(place.topic)} holds {first} to {end}, but was taken up to {taken}: "
                "it was wiped or shortened; make a new inbox and have the department send again"
            )
        self._next[place.topic] = taken
        self._consumer.seek(place, max(taken, first))

    def _take(self, topic: str, records: Sequence[ConsumerRecord]) -> None:
        since, offsets = self._next[topic], [record.offset + 1 for record in records]
        reached = since

        def moved(conn: sa.Connection, answers: Sequence[Answer]) -> None:
            nonlocal reached
            taken = next((n for n, answer in enumerate(answers) if answer.outcome == "refused"), len(answers))
            if taken:
                reached = offsets[taken - 1]
                move(conn, self._name(topic), since=since, to=reached, at=milliseconds(self._intake.clock()))

        arrivals = [self._arrival(topic, record) for record in records]
        self._intake.take(self._who(topic), [_given(record) for record in records], arrivals=arrivals, also=moved)
        self._next[topic] = reached
        self._taken += len(records)
        if reached != offsets[-1]:
            self._taken -= sum(offset > reached for offset in offsets)
            raise Retriable(f"the outbox of {self._who(topic).dept} is full; its inbox waits")

    def _who(self, topic: str) -> Principal:
        dept = self._settings.bare(topic).removeprefix(inbox_name(""))
        return principal(self._intake.pack, dept, "kafka")

    def _arrival(self, topic: str, record: ConsumerRecord) -> int:
        """The broker's append time.

        Raises:
            StoreMismatch: the topic lets senders set the time.
        """
        if record.timestamp_type != _APPEND_TIME:
            raise StoreMismatch(f"{self._settings.bare(topic)} must have message.timestamp.type=LogAppendTime")
        return int(record.timestamp)

    def _tidy(self) -> None:
        """Once an hour: mark how far each inbox was taken, delete what was taken a day ago."""
        now = milliseconds(self._intake.clock())
        if now - self._marked < _MARK_EVERY // timedelta(milliseconds=1):
            return
        self._marked = now
        with self._intake.store.begin() as conn:
            old = tidy_marks(conn, {self._name(topic): at for topic, at in self._next.items()}, now)
        doomed = {
            TopicPartition(topic, 0): old[self._name(topic)] for topic in self._next if old.get(self._name(topic))
        }
        if doomed:
            with clients.admin(self._settings) as admin:
                admin.delete_records(doomed)
            _log.info("inboxes tidied", inboxes=len(doomed))

    def _name(self, topic: str) -> str:
        return self._settings.bare(topic)

    def _drop(self) -> None:
        if self._consumer is not None:
            self._consumer.close()
        self._consumer, self._next = None, {}


def tidy_marks(conn: sa.Connection, reached: dict[str, int], now: int) -> dict[str, int]:
    """Remember how far each inbox is now; returns how far each was a day ago, and forgets older marks."""
    limit = now - KEPT // timedelta(milliseconds=1)
    query = sa.select(MARKS.c.name, sa.func.max(MARKS.c.position)).where(MARKS.c.at <= limit).group_by(MARKS.c.name)
    old = {name: int(last) for name, last in conn.execute(query)}
    conn.execute(MARKS.delete().where(MARKS.c.at <= limit))
    for name, last in reached.items():
        there = sa.select(MARKS.c.position).where(MARKS.c.name == name, MARKS.c.position == last)
        if conn.execute(there).first() is None:
            conn.execute(MARKS.insert(), [{"name": name, "position": last, "at": now}])
    return old


def _given(record: ConsumerRecord) -> Given:
    """A record in either form of the CloudEvents Kafka binding, made structured."""
    if record.value is None:
        return None
    headers = [(name, (value or b"").decode("utf-8", "replace")) for name, value in record.headers or ()]
    if any(name.startswith("ce_") for name, _ in headers):
        return binary(headers, record.value, "ce_")
    return structured(record.value)
