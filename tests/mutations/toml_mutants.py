"""Every value, list, table and word of a TOML file, changed in each way that a slip of the pen or a notice might."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date, timedelta
from functools import partial
from typing import Any

from tests.cities.observed.strange import STRANGE
from tests.mutations.mutant import Dropped, Files, Mutant, others_of, typo

Path = tuple[str | int, ...]
_OF_PARTS = (
    "clocks.toml",
    "outlets.toml",
    "columns.toml",
    "fields.toml",
    "catalogues.toml",
    "headers.toml",
    "gazette.toml",
)
"""Files of one table a part, each of which is observed by itself."""


def toml_mutants(file: str, files: Files) -> Iterator[Mutant]:
    """All of one file's, in its order."""
    table = tomllib.loads(files[file].decode())
    used = _used(table)
    for path, value in _places(table):
        for what, edit in _edits(table, path, value, used):
            yield Mutant(file, _subject(file, path), _name(path), what, str(value), partial(_made, file, edit))


def _subject(file: str, path: Path) -> str:
    in_parts = file in _OF_PARTS or file.startswith("kinds/")
    return f"{file} {path[0]}" if in_parts else file


def _name(path: Path) -> str:
    return ".".join(map(str, path))


def _places(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value with its path, those that hold others before those they hold."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _places(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _places(each, (*path, number))


def _used(table: Mapping[str, Any]) -> dict[str, list[str]]:
    """Name of a key to the words that stand there, whatever table it is in; of a list, its members."""
    found: dict[str, set[str]] = {}
    for path, value in _places(table):
        if isinstance(value, str):
            found.setdefault(_key(path), set()).add(value)
    return {key: sorted(words) for key, words in found.items()}


def _key(path: Path) -> str:
    return next(str(step) for step in reversed(path) if isinstance(step, str))


def _edits(
    table: Mapping[str, Any], path: Path, value: Any, used: Mapping[str, list[str]]
) -> Iterator[tuple[str, Callable[[dict[str, Any]], None]]]:  # fmt: skip
    yield "dropped", partial(_put, path, Dropped)
    for what, other in others_of(value, used.get(_key(path), []), _key(path)):
        yield what, partial(_put, path, other)
    if isinstance(value, list) and not any(isinstance(one, dict) for one in value):
        for more in _more(table, path, value, used):
            yield f"with {more} more", partial(_put, path, [*value, more])
    last = path[-1]
    if isinstance(last, str) and not last.isascii():
        yield "its key with a typo", partial(_rename, path, typo(last))


def _more(table: Mapping[str, Any], path: Path, value: Sequence[Any], used: Mapping[str, list[str]]) -> Iterator[Any]:
    """A member more: one that such lists have elsewhere, and one that no list has."""
    if value and isinstance(value[0], date):
        yield from _free_day(value)
    elif "allow" in path:
        yield f"{STRANGE}{_allowed(table, path)}"
    else:
        elsewhere = [word for word in used.get(_key(path), []) if word not in value]
        yield from elsewhere[:1]
        yield STRANGE[:2] if _key(path) == "pairs" else STRANGE


def _allowed(table: Any, path: Path) -> str:
    """A word that a list of longer and right words is about: none but what holds it has any effect there."""
    if path[-1] != "allow":
        return str(path[-1])
    for step in path[:-1]:
        table = table[step]
    return str(table["words"][0])


def _free_day(days: Sequence[date]) -> Iterator[date]:
    """The first day after the last that is of the other sort, so that naming it changes it."""
    weekend = days[-1].weekday() >= 5 and all(day.weekday() >= 5 for day in days)
    day = days[-1].replace(month=11, day=1)
    while (day.weekday() >= 5) != weekend or day in days:
        day += timedelta(days=1)
    yield day


def _put(path: Path, other: object, table: dict[str, Any]) -> None:
    held: Any = table
    for step in path[:-1]:
        held = held[step]
    if other is Dropped:
        del held[path[-1]]
    else:
        held[path[-1]] = other


def _rename(path: Path, name: str, table: dict[str, Any]) -> None:
    held: Any = table
    for step in path[:-1]:
        held = held[step]
    members = [(name if key == path[-1] else key, each) for key, each in held.items()]
    held.clear()
    held.update(members)


def _made(file: str, edit: Callable[[dict[str, Any]], None], files: Files) -> bytes:
    table = deepcopy(tomllib.loads(files[file].decode()))
    edit(table)
    return dumped(table).encode()


def dumped(table: Mapping[str, Any]) -> str:
    """A table as TOML, each of its members on one line."""
    return "".join(f"{_text(key)} = {_text(value)}\n" for key, value in table.items())


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)} = {_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return value.isoformat() if hasattr(value, "isoformat") else repr(value)
