"""Where citizens have a voice in a matter: the way to its form, how many spoke, and whether what came of it adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from consumers.portal.counter.sheet import is_open, questions_of
from consumers.portal.matters.queries import Found
from consumers.portal.site import matter_path
from schemas.city import Pack
from schemas.city.forms import CitizenForm, Sums
from schemas.city.matters import Lifecycle

Counted = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Outcomes:
    """Received, and by outcome, as the department published it; beside it what this bus counted."""

    received: tuple[str, str]
    parts: Sequence[tuple[str, str]]
    sum: int
    counted: int

    @property
    def agrees(self) -> bool:
        """Whether received = the sum of outcomes = what came in."""
        return self.received[1] == str(self.sum) == str(self.counted)


@dataclass(frozen=True)
class Chosen:
    """A choice, how often it was made, and by how many of a hundred who answered."""

    letter: str
    words: str
    number: int
    share: str


@dataclass(frozen=True)
class Result:
    """A question, what the department says of the answers, and the choices as this bus counted them."""

    words: str
    told: str
    choices: Sequence[Chosen]
    most: int


@dataclass(frozen=True)
class Voice:
    """The form of a matter, and what came of it."""

    form: CitizenForm
    subject: str
    fields: Mapping[str, str]
    taken: int
    open: bool
    outcomes: Outcomes | None
    results: Sequence[Result]

    @property
    def path(self) -> str:
        """Of its form."""
        return f"/counter/{self.form.id}{matter_path(self.subject).removeprefix('/matters')}"

    @property
    def since(self) -> str:
        """Its first day."""
        return self.fields.get(self.form.since or "", "")

    @property
    def until(self) -> str:
        """Its last."""
        return self.fields.get(self.form.until or "", "")


def voice_of(
    pack: Pack, lifecycle: Lifecycle | None, found: Found, tallies: Counted, today: date
) -> Voice | None:  # fmt: skip
    """What citizens may say in a matter; None where they have no form for it."""
    form = next((one for one in pack.forms if lifecycle and one.lifecycle == lifecycle.id and one.until), None)
    if form is None or lifecycle is None:
        return None
    state, fields, taken = found.row.state, found.fields, found.progress.counts.get(form.step, 0)
    fits = state in lifecycle.state and bool(lifecycle.forms(form.step, state))
    return Voice(
        form, found.row.subject, fields, taken, fits and is_open(form, fields, today),
        _outcomes(form.sums, lifecycle, fields, taken), list(_results(lifecycle, form, fields, tallies, taken)),
    )  # fmt: skip


def _outcomes(sums: Sums | None, lifecycle: Lifecycle, fields: Mapping[str, str], counted: int) -> Outcomes | None:
    if sums is None or sums.received not in fields:
        return None
    names = {name: lifecycle.fields[name].name for name in (sums.received, *sums.outcomes)}
    parts = [(names[name], fields.get(name, "0")) for name in sums.outcomes]
    whole = sum(int(text) for _, text in parts if text.isdecimal())
    return Outcomes((names[sums.received], fields[sums.received]), parts, whole, counted)


def _results(
    lifecycle: Lifecycle, form: CitizenForm, fields: Mapping[str, str], tallies: Counted, taken: int
) -> Iterator[Result]:
    """Of each question, once its result is public: before, nobody is to be led by how others answered."""
    for question in questions_of(lifecycle, form, fields):
        if question.asked.result not in fields:
            continue
        of_it = [
            (letter, words, tallies.get((question.asked.choices, letter), 0)) for letter, words in question.choices
        ]
        chosen = [Chosen(letter, words, number, _share(number, taken)) for letter, words, number in of_it]
        shown = chosen if question.sort in {form.one, form.some} else []
        yield Result(question.words, fields[question.asked.result], shown, max(taken, 1))


def _share(number: int, whole: int) -> str:
    return f"{100 * number / whole:.1f}%" if whole else "—"
