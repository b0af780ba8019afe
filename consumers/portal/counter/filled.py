"""What is wrong with a form as it was filled in, field by field; else what the counter is sent. Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import NamedTuple

from consumers.portal.counter.reading import MOST_FILE, MOST_FILES, Came
from consumers.portal.counter.sheet import YES, Control, Sheet

FILES = "files"


class Wrong(NamedTuple):
    """A fault, at a control or, without one, of the whole form."""

    name: str
    zh: str
    en: str


def faults(sheet: Sheet, came: Came) -> list[Wrong]:
    """Everything that can be seen here, all at once."""
    return [*(wrong for control in sheet.controls for wrong in _control(control, came)), *_files(came)]


def body_of(sheet: Sheet, came: Came, subject: str) -> dict[str, object]:
    """The form as the counter takes it."""
    form, said = sheet.form, {control.name: _said(control, came) for control in sheet.controls}
    texts: dict[str, object] = {text.id: came.value(text.id) for text in form.texts}
    fields = {name: said[name] for name in form.fields if name in said and said[name] not in ("", [])}
    whole = texts | {"token": came.value("token"), "website": came.value("website")}
    whole["files"] = [{"name": name, "content": base64.b64encode(content).decode()} for name, content in came.files]
    if form.id == "comments":
        return whole | fields | {"consultation": subject}
    if form.id == "answers":
        chosen = {q.choices: str(said[q.choices]) for q in form.questions if said.get(q.choices)}
        words = {q.words: str(said[q.words]) for q in form.questions if said.get(q.words)}
        return whole | {"questionnaire": subject, "step": form.step, "choices": chosen, "words": words}
    return whole | fields


def _control(control: Control, came: Came) -> Iterator[Wrong]:
    values = [value for value in came.values.get(control.name, ()) if value.strip()]
    if control.required and not values:
        verb, en = ("选择", "choose") if control.choices else ("填写", "fill in")
        yield Wrong(control.name, f"请{verb}“{control.label}”。", f"Please {en}: {control.en}.")
    if control.choices and set(values) - {value for value, _ in control.choices}:
        yield Wrong(control.name, f"“{control.label}”没有这一选项。", f"{control.en}: there is no such choice.")
    if control.sort in {"one", "select", "list"} and len(values) > 1:
        yield Wrong(control.name, f"“{control.label}”只能选一项。", f"{control.en}: one choice alone.")
    if (length := len(came.value(control.name))) > control.most and not control.choices:
        yield Wrong(
            control.name, f"“{control.label}”有{length}个字，最多{control.most}个字。",
            f"{control.en}: {length} characters, {control.most} at most.",
        )  # fmt: skip


def _files(came: Came) -> Iterator[Wrong]:
    if len(came.files) > MOST_FILES:
        yield Wrong(FILES, f"附件最多{MOST_FILES}个。", f"{MOST_FILES} files at most.")
    for name, content in came.files:
        if len(content) > MOST_FILE:
            yield Wrong(FILES, f"附件“{name}”超过5 MB。", f"{name} is larger than 5 MB.")


def _said(control: Control, came: Came) -> object:
    if control.sort == "yes":
        return came.value(control.name) == YES
    if control.sort == "list":
        return [value for value in came.values.get(control.name, ()) if value]
    if control.choices:
        return " ".join(value for value in came.values.get(control.name, ()) if value)
    return came.value(control.name)
