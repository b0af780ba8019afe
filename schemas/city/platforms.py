"""`platforms.toml`: outside platforms on which people appeal, their words for fields and states, and ours for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from schemas.base import Code
from schemas.city.matters import CITIZEN, FieldName, Lifecycle, Name, Sentence
from schemas.city.models import Part

if TYPE_CHECKING:
    from schemas.city.pack import Pack
    from schemas.city.tables import Reader

FILE = "platforms.toml"
Path = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,59}(\.[A-Za-z_][A-Za-z0-9_]{0,59}){0,3}$")]
"""Where something stands in an appeal: names with dots between."""


class Places(Part):
    """Where an appeal says what; what the platform does not say has no place."""

    id: Path
    state: Path
    region: Path
    kind: Path
    at: Path
    title: Path
    body: Path
    name: Path
    phone: Path
    urgent: Path | None = None


class Telling(Part):
    """What the platform is told of a step of ours."""

    state: Sentence
    """Its own word."""
    texts: tuple[FieldName, ...] = ()
    """Fields of the step that are told, in this order, beside the sealed reply."""
    reason: bool = False
    """Whether the step's reason is told."""


class Taking(Part):
    """The step that we take at a state of the platform's."""

    step: Name
    fields: dict[FieldName, Path] = {}
    words: dict[str, Code] = {}
    """The platform's words for what such a field says, and ours."""


class AppealPlatform(Part):
    """A platform: whose appeals come in as matters of `lifecycle`, and what is said to and fro of each."""

    id: Name
    name: Code
    basis: Sentence
    lifecycle: Name
    mailbox: Code
    """Whom its appeals go to: a mailbox, or a department."""
    region: Code
    """The platform's code of this city: another city's appeals are refused."""
    page: Annotated[int, Field(ge=1, le=200)]
    """The most appeals that it gives at once."""
    calls: Annotated[int, Field(ge=1, le=6_000)]
    """Calls that it allows in a minute."""
    new: Sentence
    """Its state of an appeal that nobody has taken up."""
    refused: Sentence
    """Its state of one that we do not take."""
    places: Places
    kinds: Annotated[dict[str, Code], Field(min_length=1)]
    """Its kinds of appeals, and ours."""
    tells: Annotated[dict[Name, Telling], Field(min_length=1)]
    """Our steps that it is told of."""
    takes: dict[str, Taking] = {}
    """Its states at which we take a step."""

    @property
    def source(self) -> str:
        """As whom its people speak."""
        return f"/platforms/{self.id}"


def read_platforms(reader: Reader) -> tuple[AppealPlatform, ...]:
    """The platforms of a pack, a table each; none where it has no such file."""
    return tuple(reader.parts(FILE, AppealPlatform, "id").values()) if reader.has(FILE) else ()


def platform_faults(pack: Pack) -> Iterator[tuple[str, str, str]]:
    """Key, code and message of what platforms name and the pack has not."""
    for one in pack.platforms:
        lifecycle = pack.lifecycle.get(one.lifecycle)
        if lifecycle is None:
            yield f"{one.id}.lifecycle", "PACK-REF", f"there is no lifecycle {one.lifecycle!r}"
            continue
        if one.mailbox not in pack.mailbox and one.mailbox not in pack.department:
            yield f"{one.id}.mailbox", "PACK-REF", f"{one.mailbox!r} is no mailbox and no department"
        for key, message in (*_opening(one, lifecycle), *_told(one, lifecycle), *_taken(one, lifecycle)):
            yield f"{one.id}.{key}", "PACK-REF", message


def _opening(one: AppealPlatform, lifecycle: Lifecycle) -> Iterator[tuple[str, str]]:
    """Its kinds are those of the step by which a citizen begins."""
    begun = [step for step in lifecycle.steps if step.opens and CITIZEN in step.by]
    known = {word for step in begun if "kind" in step.field for word in step.field["kind"].choices}
    yield from (("kinds", f"{word!r} is no kind of {lifecycle.id}") for word in one.kinds.values() if word not in known)


def _told(one: AppealPlatform, lifecycle: Lifecycle) -> Iterator[tuple[str, str]]:
    for name, told in one.tells.items():
        if name not in lifecycle.step:
            yield "tells", f"there is no step {name!r} in {lifecycle.id}"
        own = {field for step in lifecycle.step.get(name, ()) for field in step.field}
        yield from (("tells", f"{text!r} is no field of {name}") for text in told.texts if text not in own)


def _taken(one: AppealPlatform, lifecycle: Lifecycle) -> Iterator[tuple[str, str]]:
    for state, taken in one.takes.items():
        steps = [step for step in lifecycle.step.get(taken.step, ()) if CITIZEN in step.by]
        if not steps:
            yield "takes", f"no step {taken.step!r} of {lifecycle.id} is taken by citizens ({state})"
            continue
        known = {name: field for step in steps for name, field in step.field.items()}
        yield from (("takes", f"{name!r} is no field of {taken.step}") for name in taken.fields if name not in known)
        needed = {name for name, field in known.items() if field.required and name not in taken.fields}
        yield from (("takes", f"{taken.step} needs {name!r}") for name in sorted(needed))
        choices = {word for name in taken.fields if name in known for word in known[name].choices}
        yield from (("takes", f"{word!r} is no choice of {taken.step}") for word in taken.words.values()
                    if word not in choices)  # fmt: skip
