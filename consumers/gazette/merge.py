"""What stands in the open issue for one subject, whatever came first: the feed or the portal's receipt (GZ-08).

A document is taken in once the portal has made it public. The state is a join of facts that only grow (versions
offered, versions called off, what the portal said), so any interleaving of topics and partitions ends the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from schemas.records import ReceiptKind


class EventKey(NamedTuple):
    """What names an event."""

    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A version that asks to be gazetted, and the feed record that brought it."""

    version: int
    event: EventKey
    content: str
    """SHA-256 of title, text and attachments: two of them under one version are a conflict."""
    feed_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One subject: the version in the issue, those that wait for the portal, and how far it is called off."""

    off_to: int = 0
    """Versions up to this one are withdrawn, or not for the gazette."""
    taken: Offer | None = None
    waiting: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """How a feed record ended."""

    feed_id: str
    kind: ReceiptKind
    why: Literal["", "older", "not-on-portal", "same-content"] = ""


Said = Mapping[EventKey, ReceiptKind]
"""The portal's receipts, by event."""


def offered(standing: Standing, offer: Offer, said: Said) -> tuple[Standing, list[Answer]]:
    """Take notice of a version that asks to be gazetted."""
    rival = next((known for known in _known(standing) if known.version == offer.version), None)
    if rival is not None and rival.content == offer.content:
        return standing, [Answer(offer.feed_id, "noted", "same-content")]
    if rival is not None:
        return standing, [Answer(offer.feed_id, "conflict")]
    waiting = sorted((*standing.waiting, offer), key=lambda known: known.version)
    return settled(replace(standing, waiting=tuple(waiting)), said)


def called_off(standing: Standing, version: int, feed_id: str, said: Said) -> tuple[Standing, list[Answer]]:
    """Take notice of a withdrawal, or of a version that is no longer for the gazette."""
    after, answers = settled(replace(standing, off_to=max(standing.off_to, version)), said)
    went = standing.taken is not None and after.taken is None
    return after, [*answers, Answer(feed_id, "removed" if went else "noted")]


def settled(standing: Standing, said: Said) -> tuple[Standing, list[Answer]]:
    """The standing once every waiting version of which the portal has spoken is dealt with, lowest first."""
    answers: list[Answer] = []
    waiting: list[Offer] = []
    for offer in standing.waiting:
        standing, answer = _judged(standing, offer, said.get(offer.event))
        if answer is None:
            waiting.append(offer)
        else:
            answers.append(answer)
    kept = tuple(offer for offer in waiting if offer.version > standing.off_to)
    answers += [Answer(offer.feed_id, "superseded", "older") for offer in waiting if offer not in kept]
    gone = standing.taken is not None and standing.taken.version <= standing.off_to
    return replace(standing, waiting=kept, taken=None if gone else standing.taken), answers


def _judged(standing: Standing, offer: Offer, said: ReceiptKind | None) -> tuple[Standing, Answer | None]:
    """What becomes of one waiting version: no answer while the portal is silent."""
    in_issue = standing.taken.version if standing.taken else 0
    if offer.version <= max(standing.off_to, in_issue) or said == "superseded":
        return standing, Answer(offer.feed_id, "superseded", "older")
    if said is None:
        return standing, None
    if said == "published":
        return replace(standing, taken=offer), Answer(offer.feed_id, "published")
    if said == "conflict":
        return standing, Answer(offer.feed_id, "conflict")
    off_to = max(standing.off_to, offer.version)
    return replace(standing, off_to=off_to), Answer(offer.feed_id, "noted", "not-on-portal")


def _known(standing: Standing) -> tuple[Offer, ...]:
    return (*standing.waiting, standing.taken) if standing.taken else standing.waiting
