"""Which observer asks about which files of a pack; a file that nobody asks about is an error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from tests.cities.observed.asking import GOLDEN, Observer, Question, World, golden, read, written
from tests.cities.observed.forms import form_questions
from tests.cities.observed.kinds import document_questions, kind_questions, outlet_questions
from tests.cities.observed.lifecycles import (
    charge_questions,
    counter_questions,
    ladder_questions,
    lifecycle_questions,
    mailbox_questions,
    reply_questions,
    scope_questions,
    standing_questions,
)
from tests.cities.observed.places import (
    catalogue_questions,
    city_questions,
    column_questions,
    department_questions,
    field_questions,
    header_questions,
    section_questions,
)
from tests.cities.observed.platforms import limit_questions, platform_questions
from tests.cities.observed.registers import register_questions
from tests.cities.observed.rows import row_questions
from tests.cities.observed.texts import text_questions
from tests.cities.observed.timing import calendar_questions, clock_questions, deadline_questions

OBSERVERS: dict[str, tuple[str, Observer]] = {
    "rows": ("catalogues/*.csv", row_questions),
    "departments": ("departments.csv", department_questions),
    "clocks": ("clocks.toml", clock_questions),
    "calendars": ("calendars/*.toml", calendar_questions),
    "deadlines": ("deadlines.toml", deadline_questions),
    "kinds": ("kinds/*.toml", kind_questions),
    "documents": ("documents.toml", document_questions),
    "outlets": ("outlets.toml", outlet_questions),
    "registers": ("registers/*.toml", register_questions),
    "texts": ("checks/*.toml", text_questions),
    "city": ("city.toml", city_questions),
    "columns": ("columns.toml", column_questions),
    "fields": ("fields.toml", field_questions),
    "catalogues": ("catalogues.toml", catalogue_questions),
    "headers": ("headers.toml", header_questions),
    "lifecycles": ("matters/*.toml", lifecycle_questions),
    "charges": ("charges.toml", charge_questions),
    "replies": ("replies.toml", reply_questions),
    "ladders": ("ladders.toml", ladder_questions),
    "scope": ("scope.toml", scope_questions),
    "forms": ("forms.toml", form_questions),
    "limits": ("limits.toml", limit_questions),
    "platforms": ("platforms.toml", platform_questions),
    "mailboxes": ("mailboxes.toml", mailbox_questions),
    "counters": ("counters.toml", counter_questions),
    "standing": ("duties.toml", standing_questions),
    "gazette": ("gazette.toml", section_questions),
}
"""Name of the file of answers to the pack's files and who asks about them."""


def questions(world: World, names: Iterable[str] = tuple(OBSERVERS)) -> list[Question]:
    """Every question that the observers of these names ask of a pack.

    Raises:
        LookupError: nobody asks about one of its files.
    """
    wanted = tuple(names)
    found = [question for name in wanted for question in OBSERVERS[name][1](world)]
    if wanted == tuple(OBSERVERS):
        asked = {question.subject.partition(" ")[0] for question in found}
        if silent := sorted(file for file in world.files if file not in asked):
            raise LookupError(f"no observer for {', '.join(silent)}: write one in tests/cities/observed")
    return found


def observer_of(file: str) -> str:
    """The name of the observer that asks about a file of the pack."""
    return next(name for name, (pattern, _) in OBSERVERS.items() if fnmatchcase(file, pattern))


def write(world: World) -> list[str]:
    """Write every answer anew; the files that changed."""
    changed = []
    for name in OBSERVERS:
        text = written(questions(world, (name,)), world)
        file = GOLDEN / f"{name}.txt"
        if not file.exists() or file.read_text("utf-8") != text:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
            changed.append(file.name)
    return changed


def differences(world: World, asked: Sequence[Question], kept: dict[tuple[str, str], str]) -> list[str]:
    """Every question that is answered otherwise than it was, or that was never asked."""
    told = []
    for question in asked:
        was, now = kept.get((question.subject, question.key)), question.answer(world)
        if was != now:
            told.append(f"{question.subject}: {question.key}\n  was {was}\n  now {now}")
    return told


__all__ = ["OBSERVERS", "differences", "golden", "observer_of", "questions", "read", "write"]
