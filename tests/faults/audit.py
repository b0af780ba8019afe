"""What a bus that came to rest owes: nothing lost, nothing doubled, every item's versions in order, no gap.

Each check returns its complaints; a whole bus has none, and a bus with a safeguard taken away must have some.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa

from bus.record import Record
from bus.settings import Settings
from bus.store import Store
from bus.store.rebuilding import read_to_end
from bus.store.tables import INBOX, OUTBOX
from schemas.ids import feed_id
from schemas.topics import (
    CITY,
    DUTIES,
    GAZETTE_FEED,
    NEWMEDIA_FEED,
    OUTPUTS,
    PORTAL_FEED,
    PUBLICATIONS,
    RECEIPTS,
    VERDICTS,
    Topic,
)  # fmt: skip
from streams.matters.judging import PART as MATTERS
from tests.faults.city import PLATFORMS, City
from tests.faults.gauge import READS, WITH_STORE
from tests.faults.workload import Event

FEEDS = (PORTAL_FEED, NEWMEDIA_FEED, GAZETTE_FEED)
SHOWN = 5


@dataclass
class Log:
    """What the topics say."""

    verdicts: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """By (source, id) of the event."""
    receipts: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """By feed id."""
    ids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By topic, every gk-id on it."""
    counts: Counter[str] = field(default_factory=Counter)
    """By topic, its records."""
    versions: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    """By topic and subject, the version numbers as they stand there, first occurrences of each event."""

    @classmethod
    def read(cls, settings: Settings) -> Log:
        """All of it, to its end."""
        log = cls()
        for topic in (PUBLICATIONS, *OUTPUTS, CITY):
            seen: set[tuple[str, str]] = set()
            for batch in read_to_end(settings, topic):
                for record in batch:
                    log._take(topic, record, seen)
        return log

    def _take(self, topic: Topic, record: Record, seen: set[tuple[str, str]]) -> None:
        self.counts[topic.name] += 1
        if record.gk_id:
            self.ids[topic.name].add(record.gk_id)
        if topic is CITY:
            return  # files of the pack, as they are
        value: dict[str, Any] = msgspec.json.decode(record.value or b"{}")
        if topic is VERDICTS:
            event = value["data"]["event"]
            self.verdicts[event["source"], event["id"]].append(value["data"])
        elif topic is RECEIPTS:
            self.receipts[value["data"]["feed_id"]].append(value)
        elif topic in (PUBLICATIONS, *FEEDS):
            key = (value["id"], record.gk_id or "")
            if key not in seen and value["type"].split(".")[3] != "withdrawn":
                self.versions[topic.name, value["subject"]].append(value["data"]["version"])
            seen.add(key)


def audit(city: City) -> dict[str, list[str]]:
    """Every check that has a complaint, with its first ones."""
    log = Log.read(city.settings)
    checks: Mapping[str, Callable[[], Iterable[str]]] = {
        "lost": lambda: _lost(city.publisher.taken, log),
        "doubled in stores": lambda: _doubled(city.settings, log),
        "missing in stores": lambda: _in_stores(city.settings, lambda conn, part: _fewer(conn, part, log)),
        "inboxes": lambda: _in_stores(city.settings, lambda conn, part: _inbox(conn, part, log)),
        "doubled outside": lambda: _doubled_outside(city, log),
        "disorder": lambda: _disorder(log),
        "gap": lambda: _gap(city),
        "refused": lambda: city.publisher.refused,
    }
    found = {name: list(check()) for name, check in checks.items()}
    return {name: [f"{len(said)} in all", *said[:SHOWN]] for name, said in found.items() if said}


def _lost(taken: Mapping[str, Event], log: Log) -> Iterator[str]:
    """What was answered 202 and has no verdict, what a verdict names and has no receipt."""
    for event in taken.values():
        verdicts = log.verdicts.get((event.source, event.id))
        if not verdicts:
            yield f"{event.subject} v{event.version} has no verdict"
            continue
        if verdicts[0]["outcome"] != "accepted":
            yield f"{event.subject} v{event.version} was {verdicts[0]['outcome']}"
        for routed in verdicts[0]["outlets"]:
            if feed_id(event.source, event.id, routed["outlet"]) not in log.receipts:
                yield f"{event.subject} v{event.version} has no receipt of {routed['outlet']}"


def _doubled(settings: Settings, log: Log) -> Iterator[str]:
    """An effect that a store holds twice, or an answer that was given twice with two contents."""
    yield from _in_stores(settings, lambda conn, part: _more(conn, part, log))
    for feed, said in log.receipts.items():
        if len({json.dumps(each["data"], sort_keys=True) for each in said}) > 1:
            yield f"two receipts for feed record {feed}: {[each['data']['kind'] for each in said]}"


def _in_stores(settings: Settings, check: Callable[[sa.Connection, str], Iterable[str]]) -> Iterator[str]:
    for part in WITH_STORE:
        store = Store.reader(settings, part, sa.MetaData())
        try:
            with store.read() as conn:
                yield from check(conn, part)
        finally:
            store.close()


def _inbox(conn: sa.Connection, part: str, log: Log) -> Iterator[str]:
    """An inbox that does not hold each record of its topics once: bookkeeping, no effect that anybody sees.

    Matters keep none: a step that came twice is to be given its verdict twice.
    """
    if part == MATTERS:
        return
    kept = (*READS[part], CITY) if part == "portal" else READS[part]
    read: set[str] = set().union(*(log.ids[topic.name] for topic in kept))
    applied = conn.execute(sa.select(sa.func.count()).select_from(INBOX)).scalar_one()
    if applied != len(read):
        yield f"{part} remembers {applied} records, its topics hold {len(read)}"


def _more(conn: sa.Connection, part: str, log: Log) -> Iterator[str]:
    """An effect that stands there twice."""
    twice = sa.select(OUTBOX.c.gk_id).where(OUTBOX.c.gk_id.is_not(None)).group_by(OUTBOX.c.gk_id)
    for row in conn.execute(twice.having(sa.func.count() > 1)):
        yield f"{part} sent {row.gk_id.hex()} twice"
    for what, found, wanted in _counted(conn, part, log):
        if found > wanted:
            yield f"{part}: {found} {what}, not {wanted}"


def _fewer(conn: sa.Connection, part: str, log: Log) -> Iterator[str]:
    """An effect that is not there."""
    for what, found, wanted in _counted(conn, part, log):
        if found < wanted:
            yield f"{part}: {found} {what}, not {wanted}"


def _counted(conn: sa.Connection, part: str, log: Log) -> Iterator[tuple[str, int, int]]:
    for what, statement, wanted in _ROWS.get(part, ()):
        yield what, conn.execute(sa.text(statement)).scalar_one() or 0, wanted(log)


def _distinct(*topics: Topic) -> Callable[[Log], int]:
    return lambda log: sum(len(log.ids[topic.name]) for topic in topics)


def _none(_: Log) -> int:
    return 0


_TOLD = tuple(topic for topic in READS["gateway"] if topic is not DUTIES)
"""What a department's feed is made of; duties have worklists of their own."""
_PORTAL_RECEIPTS = "SELECT count(*) FROM receipts WHERE part = 'portal'"
_ROWS: dict[str, tuple[tuple[str, str, Callable[[Log], int]], ...]] = {
    "gateway": (
        ("records of its feed", "SELECT count(*) FROM door_feed", _distinct(*_TOLD)),
        ("records that a department reads twice", (
            "SELECT count(*) FROM (SELECT 1 FROM door_feed WHERE gk_id <> '' GROUP BY gk_id HAVING count(*) > 1) t"),
            _none),
        ("rows more than numbers in its lanes", (
            "SELECT (SELECT count(*) FROM gk_outbox) - (SELECT sum(written) FROM gk_lanes)"), _none),
    ),
    "portal": (
        ("entries", "SELECT count(*) FROM entries", _distinct(PORTAL_FEED)),
        ("index numbers drawn and not given", (
            "SELECT (SELECT sum(last) FROM serials) - (SELECT count(*) FROM index_numbers)"), _none),
        ("items with two index numbers", (
            "SELECT count(*) FROM (SELECT subject FROM index_numbers GROUP BY subject HAVING count(*) > 1)"), _none),
    ),
    "assessment": (
        ("portal receipts", _PORTAL_RECEIPTS, _distinct(PORTAL_FEED)),
        ("receipts", "SELECT count(*) FROM receipts", _distinct(RECEIPTS)),
        ("outcomes and repeats", (
            "SELECT (SELECT count(*) FROM outcomes) + (SELECT count(*) FROM repeats)"), _distinct(VERDICTS)),
    ),
    "newmedia": (
        ("versions of an item live twice on an account", (
            "SELECT count(*) FROM (SELECT 1 FROM post GROUP BY subject, account, version HAVING count(*) > 1)"), _none),
    ),
    "gazette": (
        ("documents twice in an issue", (
            "SELECT count(*) FROM (SELECT 1 FROM documents GROUP BY feed_id HAVING count(*) > 1)"), _none),
    ),
}  # fmt: skip


def _doubled_outside(city: City, log: Log) -> Iterator[str]:
    """An item that a platform itself counts twice on an account, or a post that no receipt tells of."""
    posts = [post for platform in PLATFORMS for post in city.posts(platform)]
    said = Counter((post["account"], _title(post)) for post in posts)
    yield from (
        f"{title} stands {number} times on {account}" for (account, title), number in said.items() if number > 1
    )
    told = Counter(
        receipt["data"]["platform_id"]
        for (receipt, *_) in log.receipts.values()
        if receipt["source"] == "/engine/newmedia" and receipt["data"]["kind"] == "published"
    )
    there = Counter(post["id"] for post in posts)
    if told != there:
        yield f"posts without a receipt: {list(there - told)}, receipts without a post: {list(told - there)}"


def _title(post: Mapping[str, Any]) -> str:
    return str(post.get("title") or post["text"].partition("】")[0])


def _disorder(log: Log) -> Iterator[str]:
    """A version that came before an earlier one of its item, on a topic or at the portal."""
    for (topic, subject), versions in log.versions.items():
        firsts = list(dict.fromkeys(versions))
        if firsts != sorted(firsts):
            yield f"{topic}: {subject} came as {firsts}"
    for said in log.receipts.values():
        for receipt in said:
            if receipt["source"] == "/engine/portal" and receipt["data"]["kind"] not in ("published", "removed"):
                data = receipt["data"]
                yield f"portal: {receipt['subject']} v{data['version']} was {data['kind']}"


def _gap(city: City) -> Iterator[str]:
    """What `gongkai reconcile` finds."""
    done = city.command("reconcile", "--json")
    if done.returncode not in (0, 1):
        yield done.stderr.strip()
        return
    counted = json.loads(done.stdout)
    yield from (f"{gap['count']} × {gap['law']}: {gap['first'][:2]}" for gap in counted["gaps"])
    owed = {name: counted[name] for name in ("in_flight", "waiting", "lost", "rejected", "dead", "conflicts")}
    if any(owed.values()):
        yield f"counts: {owed}"
    if counted["accepted"] != len(city.publisher.taken):
        yield f"{counted['accepted']} accepted, {len(city.publisher.taken)} answered 202"
