"""What is asked of a pack, what it answers, and the files that keep the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TypeVar, cast

from schemas.city import Pack, load_pack
from schemas.city.gazette import Section, load_sections
from schemas.city.sources import pack_files

ROOT = Path(__file__).parent.parent.parent.parent
EXAMPLE = ROOT / "cities/example"
GOLDEN = Path(__file__).parent / "golden"
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class World:
    """A pack under observation, with what several questions need of it made once."""

    files: Mapping[str, bytes]
    pack: Pack
    _made: dict[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> World:
        """The world of these files.

        Raises:
            PackError: the pack's own checks refuse them.
        """
        world = cls(files, load_pack(files))
        _ = world.sections
        return world

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The gazette's."""
        return load_sections(self.files)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made at the first question that needs it."""
        if name not in self._made:
            self._made[name] = make()
        return cast("T", self._made[name])


@dataclass(frozen=True, slots=True)
class Question:
    """One thing asked of the engine about one part of a pack, whatever pack then answers it."""

    subject: str
    """The file, and the part of it that the question is about, where the file has parts: `clocks.toml CLK-01`."""
    key: str
    ask: Callable[[World], str]

    def answer(self, world: World) -> str:
        """What the engine says, on one line; an engine that stumbles over a changed pack says so."""
        try:
            return self.ask(world).replace("\n", "⏎")
        except Exception as error:  # noqa: BLE001 - a mutant may break anything, and that is a difference
            return f"{STUMBLED}{type(error).__name__}: {error}".replace("\n", "⏎")


STUMBLED = "!! "
"""Begins an answer that is none; the pack as it is gives no such answer."""

Observer = Callable[[World], Iterator[Question]]


def example() -> dict[str, bytes]:
    """The example city's files."""
    return pack_files(EXAMPLE)


def written(questions: Iterable[Question], world: World) -> str:
    """Subject by subject, each question with its answer."""
    lines: list[str] = []
    for subject, asked in groupby(questions, key=lambda question: question.subject):
        lines += ["", f"# {subject}", *(f"{each.key} => {each.answer(world)}" for each in asked)]
    return "\n".join(lines[1:]) + "\n"


def read(text: str) -> dict[tuple[str, str], str]:
    """Subject and key to answer."""
    found: dict[tuple[str, str], str] = {}
    subject = ""
    for line in text.split("\n"):
        if line.startswith("# "):
            subject = line[2:]
        elif line:
            key, _, answer = line.partition(" => ")
            if (subject, key) in found:
                raise ValueError(f"asked twice: {subject}: {key}")
            found[subject, key] = answer
    return found


def golden() -> dict[tuple[str, str], str]:
    """Every answer kept."""
    return {
        key: answer for file in sorted(GOLDEN.glob("*.txt")) for key, answer in read(file.read_text("utf-8")).items()
    }
