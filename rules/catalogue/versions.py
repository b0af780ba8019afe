"""The table of a catalogue in catalogues.toml: made when it is first imported, its version counted up after."""

from __future__ import annotations

from dataclasses import dataclass, fields

import tomlkit

TABLES = "catalogues.toml"


@dataclass(frozen=True, slots=True)
class Described:
    """What the office says of a catalogue; empty says nothing."""

    name: str = ""
    set: str = ""
    dept: str = ""
    parent: str = ""
    basis: str = ""


def with_version(text: bytes, stem: str, version: int, described: Described, title: str) -> bytes:
    """catalogues.toml with the catalogue's table as described; comments and order of the rest stay as they are."""
    document = tomlkit.parse(text.decode("utf-8-sig"))
    if stem not in document:
        document[stem] = tomlkit.item(
            {"name": title, "set": "department" if described.dept else "other", "basis": title}
        )
    table = document[stem]
    wanted = {one.name: getattr(described, one.name) for one in fields(described) if getattr(described, one.name)}
    for name, value in wanted.items():
        if table.get(name) != value:
            table[name] = value
    if version != table.get("version", 1):
        table["version"] = version
    return tomlkit.dumps(document).encode()
