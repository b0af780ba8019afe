"""Kinds of publications as a pack writes them: a table each, and what changed on a day beneath it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from schemas.city.models import Kind
from schemas.city.tables import Reader

THEN = "then"
"""`[[kind.then]]`: the members that are others from its `from` on; all else stays as it was."""


def read_kinds(reader: Reader) -> tuple[Kind, ...]:
    """Every kind of the pack's kinds/*.toml, each edition by itself, in the order of time."""
    found: dict[str, str] = {}
    kinds: list[Kind] = []
    for file in reader.files("kinds", ".toml"):
        for name, table in reader.toml(file).items():
            if not isinstance(table, dict):
                reader.note(file, 0, name, "PACK-VALUE", f"must be a table [{name}]")
            elif name in found:
                reader.note(file, 0, name, "PACK-DOUBLE", f"{name!r} stands in {found[name]} already")
            else:
                found[name] = file
                kinds += _editions(reader, file, name, table)
    return tuple(kinds)


def _editions(reader: Reader, file: str, name: str, table: dict[str, Any]) -> Iterator[Kind]:
    changes = table.pop(THEN, [])
    if not isinstance(changes, list) or not all(isinstance(change, dict) for change in changes):
        reader.note(file, 0, f"{name}.{THEN}", "PACK-VALUE", f"must be tables [[{name}.{THEN}]]")
        changes = []
    members: dict[str, Any] = {"name": name, **table}
    for change in changes:
        day = change.get("from")
        if not _follows(day, members.get("from")):
            reader.note(file, 0, f"{name}.{THEN}.from", "PACK-VALUE", "must be a day after the edition before it")
            return
        yield from _edition(reader, file, members | {"to": day - timedelta(days=1)})
        members |= change
    yield from _edition(reader, file, members)


def _follows(day: object, before: object) -> bool:
    return type(day) is date and day > date.min and (type(before) is not date or day > before)


def _edition(reader: Reader, file: str, members: Mapping[str, Any]) -> Iterator[Kind]:
    if (kind := reader.part(file, 0, Kind, members)) is not None:
        yield kind
