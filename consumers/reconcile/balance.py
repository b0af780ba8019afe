"""The counts: every submission has exactly one of five ends, and every part says how its feed records ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from consumers.reconcile.books import Books
from consumers.reconcile.law import SHOWN, Gap, gaps
from consumers.reconcile.log import FEEDS
from consumers.reconcile.stores import Door
from schemas.topics import INPUTS


@dataclass(frozen=True, slots=True)
class Outlets:
    """One part's feed records and how they ended."""

    feed: int
    receipts: Mapping[str, int]
    waiting: int
    """Not applied yet, waiting for the portal or a slot, or with the receipt still in the outbox."""


@dataclass(frozen=True, slots=True)
class Balance:
    """submitted = accepted + rejected + dead + repeated + in_flight + lost; what is lost is a gap, among others."""

    submitted: int
    accepted: int
    rejected: int
    dead: int
    repeated: int
    in_flight: int
    lost: int
    resent: int
    """Records that the relay sent again after a crash, or operators after a death: no submissions; each is judged."""
    conflicts: int
    """Accepted events whose version another event holds: refused later by the assessment, counted as accepted."""
    parts: Mapping[str, Outlets]
    gaps: tuple[Gap, ...]

    @property
    def gap(self) -> int:
        """How often the law is broken."""
        return sum(gap.count for gap in self.gaps)

    @property
    def waiting(self) -> int:
        """Feed records that have no receipt yet, over all parts."""
        return sum(part.waiting for part in self.parts.values())


def balance(books: Books, door: Door) -> Balance:
    """Count, and look for gaps, in books that hold everything."""
    books.derive()
    books.run(_SUBMITTED_BY_DOOR if door.exists else _ALL_SUBMITTED, _INPUT_NAMES if door.exists else ())
    ends = dict(books.ask(_ENDS))
    for outcome, count in list(books.ask(_STAND_INS)):
        ends[outcome] = ends.get(outcome, 0) + count
        ends["repeated"] -= count
    for outcome, count in list(books.ask(_REDRIVEN)) if door.exists else ():
        ends[outcome] = ends.get(outcome, 0) + count
        ends["dead"] -= count
    unsent = books.count(_UNSENT, _INPUT_NAMES)
    at_door = door.submissions
    return Balance(
        submitted=sum(ends.values()) + unsent + door.settled,
        accepted=ends.get("accepted", 0) + at_door.get("cancelled", 0),
        rejected=ends.get("rejected", 0) + at_door.get("rejected", 0),
        dead=ends.get("dead", 0) + at_door.get("dead", 0),
        repeated=ends.get("repeated", 0) + at_door.get("repeated", 0),
        in_flight=ends.get("in_flight", 0) + unsent + at_door.get("held", 0),
        lost=ends.get("lost", 0),
        resent=books.count(_RESENT),
        conflicts=books.count(_CONFLICTS),
        parts={feed.name.removesuffix("-feed"): _outlets(books, feed.name) for feed in FEEDS},
        gaps=(*gaps(books, with_door=door.exists), *_uneven(door, sum(ends.values()) + unsent), *_concealed(door)),
    )


def _concealed(door: Door) -> Iterator[Gap]:
    """What was taken, and is no longer there as though it had never come."""
    if door.unheld:
        law = "a citizen was given a number for what the door does not have"
        yield Gap(law, len(door.unheld), door.unheld[:SHOWN])
    if door.torn:
        first = tuple(f"lane {lane}: {count}" for lane, count in door.torn.items())[:SHOWN]
        yield Gap("a numbered row of the door's outbox is gone", sum(door.torn.values()), first)


def _uneven(door: Door, rows: int) -> tuple[Gap, ...]:
    """What the door took and what it put into its outbox must be as many."""
    taken = door.submissions.get("forwarded", 0)
    if not door.exists or taken == rows:
        return ()
    words = f"{taken} submissions were taken, {rows} rows stand in the outbox"
    return (Gap("the door's outbox does not hold what it took", abs(taken - rows), (words,)),)


def _outlets(books: Books, feed: str) -> Outlets:
    part = feed.removesuffix("-feed")
    kinds = dict(books.ask("SELECT kind, count(*) FROM receipts WHERE part = ? GROUP BY kind", [part]))
    fed = books.count("SELECT count(*) FROM fed WHERE feed = ?", [feed])
    return Outlets(fed, kinds, books.count(_WAITING, [feed]))


_INPUT_NAMES = tuple(topic.name for topic in INPUTS)
_MARKS = ", ".join("?" * len(_INPUT_NAMES))

_SUBMITTED_BY_DOOR = f"""
    INSERT OR IGNORE INTO submitted SELECT topic, partition, offset FROM door
    WHERE offset IS NOT NULL AND topic IN ({_MARKS})"""  # noqa: S608 - marks alone
_ALL_SUBMITTED = "INSERT INTO submitted SELECT topic, partition, offset FROM inputs WHERE topic <> 'links'"
_UNSENT = f"SELECT count(*) FROM door WHERE offset IS NULL AND topic IN ({_MARKS})"  # noqa: S608 - marks alone

_ENDS = """
    SELECT CASE WHEN v.outcome = 'dead' OR f.topic IS NOT NULL THEN v.outcome
                WHEN v.outcome IS NOT NULL THEN 'repeated'
                WHEN s.offset < c.next THEN 'lost' ELSE 'in_flight' END AS ended, count(*)
    FROM submitted s
    LEFT JOIN verdicts v ON (v.topic, v.partition, v.offset) = (s.topic, s.partition, s.offset)
    LEFT JOIN firsts f ON (f.topic, f.partition, f.offset) = (s.topic, s.partition, s.offset)
    LEFT JOIN committed c ON (c.topic, c.partition) = (s.topic, s.partition)
    GROUP BY ended"""
"""How each submission ended."""

_STAND_INS = """
    SELECT f.outcome, count(*) FROM firsts f
    LEFT JOIN submitted mine ON (mine.topic, mine.partition, mine.offset) = (f.topic, f.partition, f.offset)
    WHERE mine.topic IS NULL AND EXISTS (
        SELECT 1 FROM verdicts v JOIN submitted s ON (s.topic, s.partition, s.offset) = (v.topic, v.partition, v.offset)
        WHERE v.source = f.source AND v.event_id = f.event_id AND v.outcome <> 'dead')
    GROUP BY f.outcome"""
"""Sent twice after a crash, the door knows the second copy's place and the first copy has the outcome: that one."""

_REDRIVEN = """
    SELECT f.outcome, count(*) FROM firsts f
    JOIN inputs i ON (i.topic, i.partition, i.offset) = (f.topic, f.partition, f.offset)
    JOIN (SELECT DISTINCT d.sha FROM submitted s
          JOIN verdicts v ON (v.topic, v.partition, v.offset) = (s.topic, s.partition, s.offset) AND v.outcome = 'dead'
          JOIN inputs d ON (d.topic, d.partition, d.offset) = (s.topic, s.partition, s.offset)) died ON died.sha = i.sha
    LEFT JOIN submitted mine ON (mine.topic, mine.partition, mine.offset) = (f.topic, f.partition, f.offset)
    WHERE mine.topic IS NULL GROUP BY f.outcome"""
"""Died, and sent again by operators: the submission ended as that record did."""

_RESENT = """
    SELECT count(*) FROM inputs i
    LEFT JOIN submitted s ON (s.topic, s.partition, s.offset) = (i.topic, i.partition, i.offset)
    WHERE s.topic IS NULL AND EXISTS (SELECT 1 FROM door d WHERE d.sha = i.sha AND d.offset IS NOT NULL)"""

_CONFLICTS = "SELECT count(*) FROM (SELECT DISTINCT source, event_id FROM receipts WHERE kind = 'conflict')"

_WAITING = """
    SELECT count(*) FROM fed f LEFT JOIN receipts r ON r.gk_id = f.receipt
    WHERE f.feed = ? AND r.gk_id IS NULL"""
