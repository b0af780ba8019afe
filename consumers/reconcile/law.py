"""The anti-joins: each names what breaks the law, and the first twenty of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from consumers.reconcile.books import Books

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Gap:
    """One way in which the law is broken: how often, and where first."""

    law: str
    count: int
    first: tuple[str, ...]


def gaps(books: Books, *, with_door: bool) -> Iterator[Gap]:
    """Every way in which what the books hold breaks the law; `with_door` where there is a door's store to ask."""
    for law, statement in {**LAWS, **(DOOR_LAWS if with_door else {})}.items():
        found = books.ask(statement)
        first = tuple(str(row[0]) for row in islice(found, SHOWN))
        if first:
            yield Gap(law, len(first) + sum(1 for _ in found), first)


DOOR_LAWS: dict[str, str] = {
    "a row that the door marked as sent is not where the broker put it": """
        SELECT d.topic || '/' || d.partition || '/' || d.offset || ' (lane ' || d.lane || ', row ' || d.seq || ')'
        FROM door d LEFT JOIN inputs i ON (i.topic, i.partition, i.offset) = (d.topic, d.partition, d.offset)
        WHERE d.offset IS NOT NULL AND d.gk_id IS NULL AND i.sha IS NOT d.sha""",
    "a rejection or dead letter that the door marked as sent is not on its topic": """
        SELECT d.topic || ' (lane ' || d.lane || ', row ' || d.seq || ')'
        FROM door d LEFT JOIN ours o ON o.topic = d.topic AND o.gk_id = d.gk_id
        WHERE d.offset IS NOT NULL AND d.gk_id IS NOT NULL AND o.gk_id IS NULL""",
    "an input record did not come through the door": """
        SELECT i.topic || '/' || i.partition || '/' || i.offset
        FROM inputs i LEFT JOIN door_later d ON d.sha = i.sha WHERE d.sha IS NULL AND i.topic <> 'links'""",
}

LAWS: dict[str, str] = {
    "an input record that the router is past has no verdict": """
        SELECT i.topic || '/' || i.partition || '/' || i.offset
        FROM inputs i JOIN committed c ON (c.topic, c.partition) = (i.topic, i.partition) AND i.offset < c.next
        LEFT JOIN verdicts v ON (v.topic, v.partition, v.offset) = (i.topic, i.partition, i.offset)
        WHERE v.outcome IS NULL""",
    "a verdict is about a record that is not there": """
        SELECT v.topic || '/' || v.partition || '/' || v.offset
        FROM verdicts v LEFT JOIN inputs i ON (i.topic, i.partition, i.offset) = (v.topic, v.partition, v.offset)
        WHERE i.topic IS NULL""",
    "one record was given two different answers": """
        SELECT topic || ' ' || lower(hex(gk_id)) FROM said GROUP BY topic, gk_id HAVING count(*) > 1""",
    "a refused record has no rejection or dead letter": """
        SELECT v.topic || '/' || v.partition || '/' || v.offset
        FROM verdicts v JOIN committed c ON (c.topic, c.partition) = (v.topic, v.partition) AND v.offset < c.next
        LEFT JOIN answered a ON (a.topic, a.partition, a.offset) = (v.topic, v.partition, v.offset)
            AND a.kind = CASE v.outcome WHEN 'dead' THEN 'dead-letters' ELSE 'rejections' END
        WHERE v.outcome <> 'accepted' AND a.kind IS NULL""",
    "an outlet that a verdict names has no feed record": """
        SELECT w.outlet || ' of ' || w.topic || '/' || w.partition || '/' || w.offset
        FROM wanted w JOIN committed c ON (c.topic, c.partition) = (w.topic, w.partition) AND w.offset < c.next
        LEFT JOIN fed f ON f.gk_id = w.gk_id AND f.feed = w.feed
        WHERE f.gk_id IS NULL""",
    "a feed record has no verdict that names its outlet": """
        SELECT f.feed || '/' || f.partition || '/' || f.offset
        FROM fed f JOIN committed c ON (c.topic, c.partition) = (f.o_topic, f.o_partition) AND f.o_offset < c.next
        LEFT JOIN wanted w ON w.gk_id = f.gk_id
        WHERE w.gk_id IS NULL""",
    "a feed record was applied, and neither has a receipt nor waits for one": """
        SELECT f.feed || '/' || f.partition || '/' || f.offset
        FROM fed f JOIN positions p ON (p.topic, p.partition) = (f.feed, f.partition) AND f.offset < p.next
        LEFT JOIN receipts r ON r.gk_id = f.receipt LEFT JOIN pending o ON o.gk_id = f.receipt
        WHERE r.gk_id IS NULL AND o.gk_id IS NULL""",
    "a receipt answers no feed record": """
        SELECT r.part || ' ' || lower(hex(r.gk_id)) FROM receipts r LEFT JOIN fed f ON f.receipt = r.gk_id
        WHERE f.gk_id IS NULL""",
    "a rung was read, and nobody decided who is told of it": """
        SELECT r.topic || '/' || r.partition || '/' || r.offset
        FROM rungs r JOIN positions p
            ON p.part = 'notices' AND (p.topic, p.partition) = (r.topic, r.partition) AND r.offset < p.next
        LEFT JOIN ours o ON o.topic = 'deliveries' AND o.gk_id = r.plan LEFT JOIN pending q ON q.gk_id = r.plan
        WHERE o.gk_id IS NULL AND q.gk_id IS NULL""",
    "a store is past a record that it did not apply": """
        SELECT p.part || ': ' || o.topic || '/' || o.partition || '/' || o.offset
        FROM ours o JOIN positions p ON (p.topic, p.partition) = (o.topic, o.partition) AND o.offset < p.next
        LEFT JOIN inbox i ON i.part = p.part AND i.gk_id = o.gk_id
        WHERE i.gk_id IS NULL""",
    "a store applied a record that is on no topic": """
        SELECT i.part || ' ' || lower(hex(i.gk_id)) FROM inbox i LEFT JOIN ours o ON o.gk_id = i.gk_id
        WHERE o.gk_id IS NULL""",
}
"""Law to the statement that finds what breaks it. What lies behind a committed offset or a position is no longer in
flight, and everything that follows from it was written before the topics were read."""
