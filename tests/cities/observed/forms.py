"""Forms of the counter: what citizens are asked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tests.cities.observed.asking import Question, World


def form_questions(world: World) -> Iterator[Question]:
    """What each form asks for, in its order, with the lifecycle's own words."""
    for form in world.pack.forms:
        yield Question("forms.toml", form.id, partial(_form, own=form.id))


def _form(world: World, own: str) -> str:
    form = world.pack.form[own]
    shown = ", ".join(field.name for field in form.shown(world.pack.lifecycle[form.lifecycle]))
    return f"{form!r} | {shown}"
