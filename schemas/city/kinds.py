"""Kinds of publications as a pack writes them: a table each, and what changed on a day beneath it."""

from __future__ import annotations

from schemas.city.editions import read_editions
from schemas.city.models import Kind
from schemas.city.tables import Reader


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
                kinds += read_editions(reader, file, Kind, "name", reader.named(file, "name", name, table))
    return tuple(kinds)
