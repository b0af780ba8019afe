"""`forms.toml`: what citizens fill in at the counter, and how what came of it adds up; the fields are the lifecycles'.

A form is one of the counter's four sorts. Its `fields` are those of the step that it becomes; its `texts` are sealed
at the door and stand in no lifecycle.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from schemas.base import Code
from schemas.city.matters import CITIZEN, FieldName, Lifecycle, Name, Sentence, StepField
from schemas.city.models import Part

if TYPE_CHECKING:
    from schemas.city.pack import Pack
    from schemas.city.tables import Reader

FILE = "forms.toml"
Sort = Literal["letters", "foi-requests", "comments", "answers"]
TextName = Literal["title", "body", "name", "phone", "email", "address", "id", "identity"]


class FormText(Part):
    """Something that a citizen writes, and that is sealed."""

    id: TextName
    name: Code
    en: Sentence
    required: bool = False
    lines: Annotated[int, Field(ge=1, le=30)] = 1
    hint: str = ""
    hint_en: str = ""


class Asked(Part):
    """A question of a questionnaire: which fields hold its words, its sort, what was chosen, written and told."""

    text: FieldName
    sort: FieldName
    choices: FieldName
    words: FieldName
    result: FieldName


class Sums(Part):
    """What must add up: a number that was received, by outcome, and how often the step that brings one was taken."""

    received: FieldName
    outcomes: Annotated[tuple[FieldName, ...], Field(min_length=1)]


class CitizenForm(Part):
    """A form of the counter."""

    id: Sort
    name: Code
    en: Sentence
    hint: str = ""
    hint_en: str = ""
    lifecycle: Name
    step: Name
    """The step that it becomes."""
    fields: dict[FieldName, Sentence] = {}
    """Fields of that step that the citizen fills in, with their English names; the counter gives the others."""
    texts: tuple[FormText, ...] = ()
    files: bool = False
    since: FieldName | None = None
    until: FieldName | None = None
    """Fields of the matter that say the first and the last day on which it is taken."""
    questions: tuple[Asked, ...] = ()
    one: Code = "单选"
    """What a question's sort says where one choice is made; and where some are."""
    some: Code = "多选"
    sums: Sums | None = None
    tells: dict[Name, tuple[FieldName, ...]] = {}
    """Steps whose reason its writer is told, and fields of theirs, beside all that is public."""
    later: dict[Name, tuple[FieldName, ...]] = {}
    """Steps that its writer may take afterwards with number and code, and the fields that they fill in."""

    def shown(self, lifecycle: Lifecycle) -> list[StepField]:
        """The fields to fill in, as the lifecycle has them."""
        known = {field.id: field for step in reversed(lifecycle.step.get(self.step, ())) for field in step.fields}
        return [known[name] for name in self.fields if name in known]


def read_forms(reader: Reader) -> tuple[CitizenForm, ...]:
    """The forms of a pack, a table each; none where it has no such file."""
    return tuple(reader.parts(FILE, CitizenForm, "id").values()) if reader.has(FILE) else ()


def form_faults(pack: Pack) -> Iterator[tuple[str, str, str]]:
    """Key, code and message of what forms name and no lifecycle has."""
    for form in pack.forms:
        lifecycle = pack.lifecycle.get(form.lifecycle)
        if lifecycle is None:
            yield f"{form.id}.lifecycle", "PACK-REF", f"there is no lifecycle {form.lifecycle!r}"
            continue
        for key, message in _faults(form, lifecycle):
            yield f"{form.id}.{key}", "PACK-REF", message


def _faults(form: CitizenForm, lifecycle: Lifecycle) -> Iterator[tuple[str, str]]:
    steps = [step for step in lifecycle.step.get(form.step, ()) if CITIZEN in step.by]
    if not steps:
        yield "step", f"no step {form.step!r} of {lifecycle.id} is taken by citizens"
    own = {field.id for step in steps for field in step.fields}
    for key, names in (
        ("fields", form.fields),
        ("questions", [name for q in form.questions for name in (q.choices, q.words)]),
    ):
        yield from ((key, f"{name!r} is no field of {form.step}") for name in names if name not in own)
    for name, fields in form.tells.items():
        said = {field.id for step in lifecycle.step.get(name, ()) for field in step.fields}
        if name not in lifecycle.step:
            yield "tells", f"there is no step {name!r} in {lifecycle.id}"
        yield from (("tells", f"{each!r} is no field of {name}") for each in fields if each not in said)
    yield from _later(form, lifecycle)
    public = {field.id for step in lifecycle.steps for field in step.fields if field.public}
    asked = [("since", form.since), ("until", form.until)]
    asked += [("questions", name) for q in form.questions for name in (q.text, q.sort, q.result)]
    asked += [("sums", name) for name in ((form.sums.received, *form.sums.outcomes) if form.sums else ())]
    yield from ((key, f"{name!r} is no public field") for key, name in asked if name and name not in public)


def _later(form: CitizenForm, lifecycle: Lifecycle) -> Iterator[tuple[str, str]]:
    for name, fields in form.later.items():
        steps = [step for step in lifecycle.step.get(name, ()) if CITIZEN in step.by]
        if not steps:
            yield "later", f"no step {name!r} of {lifecycle.id} is taken by citizens"
        own = {field.id for step in steps for field in step.fields}
        yield from (("later", f"{each!r} is no field of {name}") for each in fields if each not in own)
