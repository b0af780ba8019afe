"""The one list of topics: what travels on each, who writes it, who reads it.

Broker topics, ACLs, the docs' table and AsyncAPI derive from `TOPICS`; nobody types a topic's name twice.
A name here is without the city's prefix (`Settings.topic`). Cycles are allowed (DESIGN §3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["keyed", "single", "inbox"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: `keyed` ones share one number of partitions, `single` and `inbox` have one."""

    name: str
    summary: str
    events: tuple[str, ...]
    """Families (`publication`) whose events and records travel here, or single types of one (`matter.moved`)."""
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    shape: Shape = "keyed"
    followed: bool = False
    """Whether every process of a reader reads it whole into memory, in no consumer group: nothing is committed."""


GATEWAY = ("gateway",)
MATTERS_ALONE = ("matters",)

PUBLICATIONS = Topic(
    "publications",
    "Items of the catalogue: submitted, updated, withdrawn.",
    ("publication",),
    GATEWAY,
    ("router",),
)
REGISTERS = Topic("registers", "Records of the lists a department keeps.", ("register",), GATEWAY, ("router",))
REVIEWS = Topic(
    "reviews",
    "Review steps of a publication, where a department sends them.",
    ("review",),
    GATEWAY,
    MATTERS_ALONE,
)
CONSULTATIONS = Topic(
    "consultations", "Public consultations and their comments.", ("consultation",), GATEWAY, MATTERS_ALONE
)
COMPLAINTS = Topic("complaints", "Letters and complaints.", ("complaint",), GATEWAY, MATTERS_ALONE)
FOI_REQUESTS = Topic("foi-requests", "Requests for information.", ("foi-request",), GATEWAY, MATTERS_ALONE)
MATTERS = Topic(
    "matters",
    "Decisions, hot spots, meetings and other ongoing cases.",
    ("matter.opened", "matter.stepped"),
    GATEWAY,
    MATTERS_ALONE,
)

ROUTED = (PUBLICATIONS, REGISTERS)
"""Judged by the router, each record by itself."""
STEPPED = (REVIEWS, CONSULTATIONS, COMPLAINTS, FOI_REQUESTS, MATTERS)
"""Judged by `matters`, each record against its matter as it stands."""
INPUTS = (*ROUTED, *STEPPED)
"""What the door alone writes."""
LINKS = Topic(
    "links",
    "Steps that follow from something in another stream, keyed by the matter they are for.",
    ("matter.linked",),
    MATTERS_ALONE,
    MATTERS_ALONE,
)
JUDGED = (*INPUTS, LINKS)
"""Every record of these is given one verdict."""

PORTAL_FEED = Topic(
    "portal-feed",
    "What the portal must carry, and what the public may see of matters.",
    ("publication", "register", "matter.moved"),
    ("router", "matters"),
    ("portal",),
)
NEWMEDIA_FEED = Topic(
    "newmedia-feed",
    "What each account must carry, one record an account.",
    ("publication",),
    ("router",),
    ("newmedia",),
)
GAZETTE_FEED = Topic("gazette-feed", "What the gazette must carry.", ("publication",), ("router",), ("gazette",))
VERDICTS = Topic(
    "verdicts",
    "One record for every input record, whatever its outcome: the assessment's ledger.",
    ("verdict",),
    ("router", "matters"),
    ("assessment", "gateway", "matters"),
)
REJECTIONS = Topic(
    "rejections",
    "Refusals, with rule, basis and remedy, for departments.",
    ("rejection",),
    ("router", "matters", "gateway", "assessment"),
    ("gateway",),
)
DEAD_LETTERS = Topic(
    "dead-letters",
    "What could not be judged, whole or its first 64 KB; for operators alone.",
    (),
    ("router", "matters", "gateway"),
    ("gateway",),
)
RECEIPTS = Topic(
    "receipts",
    "What became public, where and when: one for every feed record.",
    ("receipt",),
    ("portal", "newmedia", "gazette"),
    ("assessment", "gateway", "gazette", "matters", "newmedia"),
)
DUTIES = Topic(
    "duties",
    "What is due: each word about a duty, with the duty as it stands then; keyed by the matter.",
    ("duty",),
    MATTERS_ALONE,
    ("assessment", "gateway", "notices", "portal"),
)
DELIVERIES = Topic(
    "deliveries",
    "Who was told of a rung by mail or webhook, and what an operator wants tried again; keyed by the matter.",
    ("delivery",),
    ("notices", "operators"),
    ("notices",),
)

OUTPUTS = (PORTAL_FEED, NEWMEDIA_FEED, GAZETTE_FEED, VERDICTS, REJECTIONS, DEAD_LETTERS, RECEIPTS, DUTIES, DELIVERIES)

CITY = Topic(
    "city",
    "Releases of the city pack: every file a record, then one that names them all.",
    ("pack",),
    ("operators",),
    ("router", "matters", "gateway", "portal", "newmedia", "gazette", "assessment", "notices"),
    "single",
    followed=True,
)

INBOX = Topic(
    "inbox", "A department's own way in over Kafka: `inbox.<code>`, written by its principal alone.",
    tuple(event for topic in INPUTS for event in topic.events),
    ("department",), ("gateway",), "inbox",
)  # fmt: skip

TOPICS = (*JUDGED, *OUTPUTS, CITY)
"""Every topic that exists once in a city. `INBOX` exists once for each department that asks for it."""

BY_NAME = {topic.name: topic for topic in TOPICS}

TOPIC_OF_FAMILY = {event.partition(".")[0]: topic for topic in INPUTS for event in topic.events}
"""The input topic on which a family of events travels."""


def read_in_group(part: str) -> tuple[Topic, ...]:
    """What a part reads in the consumer group of its name, and so how far behind it can be."""
    return tuple(topic for topic in TOPICS if part in topic.readers and not topic.followed)
