"""A part of a pack with what changed on a day beneath it: one table, `[[name.then]]` tables, an edition each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, TypeGuard, TypeVar

from schemas.city.models import Dated
from schemas.city.tables import Reader

THEN = "then"
"""`[[name.then]]`: the members that are others from its `from` on; all else stays as it was."""

D = TypeVar("D", bound=Dated)


def read_editions(reader: Reader, file: str, model: type[D], key: str, table: Mapping[str, Any]) -> Iterator[D]:
    """Each edition of the part that `table` describes and `table[key]` names, in the order of time."""
    where = f"{table[key]}.{THEN}"
    members = {name: value for name, value in table.items() if name != THEN}
    for change in _changes(reader, file, where, table.get(THEN, [])):
        day = change.get("from")
        if not _follows(day, members.get("from")):
            reader.note(file, 0, f"{where}.from", "PACK-VALUE", "must be a day after the edition before it")
            return
        yield from _edition(reader, file, model, members | {"to": day - timedelta(days=1)})
        if key in change:
            reader.note(file, 0, f"{where}.{key}", "PACK-DOUBLE", "is the name of its table; take this line out")
        members |= {name: value for name, value in change.items() if name != key}
    yield from _edition(reader, file, model, members)


def _changes(reader: Reader, file: str, where: str, changes: object) -> list[dict[str, Any]]:
    if isinstance(changes, list) and all(isinstance(change, dict) for change in changes):
        return changes
    reader.note(file, 0, where, "PACK-VALUE", f"must be tables [[{where}]]")
    return []


def _follows(day: object, before: object) -> TypeGuard[date]:
    return type(day) is date and day > date.min and (type(before) is not date or day > before)


def _edition(reader: Reader, file: str, model: type[D], members: Mapping[str, Any]) -> Iterator[D]:
    if (part := reader.part(file, 0, model, members)) is not None:
        yield part
