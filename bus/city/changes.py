"""What a release changes against the one before it: files by digest, and the pack's parts by their codes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from bus.city.releasing import Plan
from schemas.city import Pack, PackError

_CODES = ("code", "id", "name", "year", "stem", "key")
"""What a part of a pack may be known by, the first that it has."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Which of one kind of part are new, changed or gone."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changes, by the name of what it is: `files`, `departments`, `rows` and so on."""

    parts: Mapping[str, Counted]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "changes": {
                name: {"new": list(each.new), "changed": list(each.changed), "gone": list(each.gone)}
                for name, each in self.parts.items()
            }
        }


def changes(planned: Plan) -> Changes:
    """What the release changes; of a first one, everything is new."""
    before = planned.before
    compared = {"files": _compare(dict(before.said.files) if before else {}, dict(planned.said.data.files))}
    try:
        old = _parts(before.load()) if before else {}
    except PackError:  # an older build's: its files still tell
        old = {}
    for name, new in _parts(planned.pack).items():
        compared[name] = _compare(old.get(name, {}), new)
    return Changes({name: each for name, each in compared.items() if each or name == "files"})


def _compare(old: Mapping[str, object], new: Mapping[str, object]) -> Counted:
    return Counted(
        tuple(name for name in new if name not in old),
        tuple(name for name in new if name in old and new[name] != old[name]),
        tuple(name for name in old if name not in new),
    )


def _parts(pack: Pack) -> dict[str, dict[str, object]]:
    """Every tuple of the pack, its members by what they are known by."""
    found: dict[str, dict[str, object]] = {}
    for field in fields(pack):
        members = getattr(pack, field.name)
        if isinstance(members, tuple):
            found[field.name] = {_code(each): each for each in members}
    return found


def _code(part: Hashable) -> str:
    return next((str(getattr(part, name)) for name in _CODES if hasattr(part, name)), str(part)[:100])
