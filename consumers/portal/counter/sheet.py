"""A form as it is shown: its controls, from the pack's forms and the lifecycles' fields. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from schemas.city import Pack
from schemas.city.forms import Asked, CitizenForm, FormText
from schemas.city.matters import CITIZEN, Lifecycle, StepField

MOST_TEXT, MOST_LINE = 20_000, 200
"""Characters that the counter takes of a text, and of a line."""
YES = "是"
MAILBOX = "mailbox"
"""The field of the counter's letters that says to whom."""
_MARK = re.compile(r"(?<![A-Za-z])([A-Z])\s*[.．、:：)）]\s*")
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Control:
    """One thing to fill in."""

    name: str
    label: str
    en: str
    sort: Literal["line", "area", "select", "list", "one", "some", "yes"]
    required: bool = False
    choices: Choices = ()
    most: int = MOST_LINE
    lines: int = 1
    hint: str = ""
    hint_en: str = ""


@dataclass(frozen=True)
class Later:
    """A step that may follow, and what it asks."""

    step: str
    name: str
    controls: Sequence[Control]


@dataclass(frozen=True)
class Question:
    """A question of a questionnaire, taken apart."""

    asked: Asked
    words: str
    sort: str
    choices: Choices


@dataclass(frozen=True)
class Sheet:
    """A form for one matter, or for a new one."""

    form: CitizenForm
    controls: Sequence[Control]
    basis: str

    @property
    def names(self) -> frozenset[str]:
        """Of its controls."""
        return frozenset(control.name for control in self.controls)


def sheet_of(pack: Pack, form: CitizenForm, fields: Mapping[str, str], today: date) -> Sheet:
    """What `form` asks; `fields` are the public ones of the matter it is for."""
    lifecycle = pack.lifecycle[form.lifecycle]
    controls = [
        *(_control(pack, form, field, today) for field in form.shown(lifecycle)),
        *(_answer(form, question) for question in questions_of(lifecycle, form, fields)),
        *(_text(text) for text in form.texts),
    ]
    return Sheet(form, controls, lifecycle.basis)


def questions_of(lifecycle: Lifecycle, form: CitizenForm, fields: Mapping[str, str]) -> Iterator[Question]:
    """The questions that a questionnaire asks: words before the first marked choice, then the choices."""
    known = lifecycle.fields
    for asked in form.questions:
        if not (text := fields.get(asked.text, "")):
            continue
        sort, letters = fields.get(asked.sort, ""), known[asked.choices].choices
        words, *marked = _MARK.split(text) if sort in {form.one, form.some} else [text]
        pairs = zip(marked[::2], marked[1::2], strict=True)
        choices = [(letter, said.strip(" ；;，,。")) for letter, said in pairs if letter in letters]
        yield Question(asked, words.strip() or text, sort, choices or [(letter, "") for letter in letters])


def later_of(pack: Pack, form: CitizenForm, state: str) -> Iterator[Later]:
    """The steps that whoever handed the form in may take now."""
    lifecycle = pack.lifecycle[form.lifecycle]
    for name, wanted in form.later.items():
        steps = [
            step for step in (lifecycle.forms(name, state) if state in lifecycle.state else ()) if CITIZEN in step.by
        ]
        if steps:
            known = {field.id: field for step in reversed(steps) for field in step.fields}
            yield Later(name, steps[0].name, [_plain(known[each], "") for each in wanted if each in known])


def is_open(form: CitizenForm, fields: Mapping[str, str], today: date) -> bool:
    """Whether the matter takes it on that day, by what the public knows of its first and last day."""
    since, until = fields.get(form.since or "", ""), fields.get(form.until or "", "")
    return (not since or since <= today.isoformat()) and (not until or today.isoformat() <= until)


def mailboxes(pack: Pack, today: date) -> Choices:
    """To whom letters may go: the city's mailboxes, and every department there is."""
    own = [(mailbox.id, mailbox.name) for mailbox in pack.mailboxes]
    return [*own, *_departments(pack, today)]


def _control(pack: Pack, form: CitizenForm, field: StepField, today: date) -> Control:
    en = form.fields[field.id]
    if field.id == MAILBOX:
        return Control(field.id, field.name, en, "select", field.required, mailboxes(pack, today))
    if field.type in {"dept", "depts"}:
        return Control(field.id, field.name, en, "list", field.required, _departments(pack, today))
    return _plain(field, en)


def _departments(pack: Pack, today: date) -> Choices:
    return [(one.code, one.name) for one in pack.department.values() if one.in_force(today)]


def _plain(field: StepField, en: str) -> Control:
    if field.type == "yes":
        return Control(field.id, field.name, en, "yes")
    if field.type in {"choice", "choices"}:
        labels = field.labels or field.choices
        pairs = list(zip(field.choices, labels, strict=True))
        return Control(field.id, field.name, en, "select" if field.type == "choice" else "some", field.required, pairs)
    return Control(field.id, field.name, en, "line", field.required, most=min(field.max, 100))


def _text(text: FormText) -> Control:
    most, sort = (MOST_TEXT, "area") if text.lines > 1 else (MOST_LINE, "line")
    return Control(
        text.id, text.name, text.en, "area" if sort == "area" else "line", text.required, most=most, lines=text.lines,
        hint=text.hint, hint_en=text.hint_en,
    )  # fmt: skip


def _answer(form: CitizenForm, question: Question) -> Control:
    if question.sort == form.one:
        return Control(
            question.asked.choices, question.words, "one choice", "one", required=True, choices=question.choices
        )
    if question.sort == form.some:
        return Control(
            question.asked.choices, question.words, "one or more", "some", required=True, choices=question.choices
        )
    return Control(question.asked.words, question.words, "in words", "area", most=500, lines=3)
