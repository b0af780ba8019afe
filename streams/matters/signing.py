"""Whether a publication's sign-offs are those that its review steps told of (RULES §2.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from schemas.envelope import Envelope

Place = tuple[int, int, str]
"""Version, level and role."""


class Signature(NamedTuple):
    """Who signed, over which content."""

    person: str
    content_sha256: str


class SignedOff(msgspec.Struct, frozen=True, gc=False):
    """A sign-off as a verdict tells of it."""

    level: int
    role: str
    person: str
    content_sha256: str


def signed(kept: Mapping[Place, Signature], event: Envelope) -> dict[Place, Signature]:
    """The sign-offs after a review step; one that sends a version back undoes what that version had."""
    data: Any = event.data  # type: ignore[attr-defined]
    if getattr(data, "reason", None) is not None:
        return {place: one for place, one in kept.items() if place[0] != data.version}
    off = data.sign_off
    return {**kept, (data.version, off.level, off.role): Signature(off.person, off.content_sha256)}


def disagreements(
    kept: Mapping[Place, Signature], version: int, given: Iterable[SignedOff]
) -> Iterator[tuple[str, str]]:
    """Where the two differ, in Chinese and English; nothing where no review step of that version was sent."""
    told = {place[1:]: one for place, one in kept.items() if place[0] == version}
    said = {(one.level, one.role): Signature(one.person, one.content_sha256) for one in given}
    for place in sorted(told.keys() | said.keys()) if told else ():
        name = "".join(("一二三"[place[0] - 1] if 0 < place[0] < 4 else str(place[0]), place[1]))
        if place not in said:
            yield f"{name}在审核环节中已签，发布件中没有", f"{name} was signed in review and is not in the publication"
        elif place not in told:
            yield f"{name}在发布件中有，审核环节中没有", f"{name} is in the publication and was not signed in review"
        elif told[place] != said[place]:
            yield f"{name}的签批人或者内容与审核环节不一致", f"{name} is of another person or content than in review"
