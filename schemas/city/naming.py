"""What to say where somebody names a department that the pack does not have."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from schemas.city.models import Department
from schemas.city.pack import Pack

SUGGESTED = 3
CLOSE = 0.6
"""`difflib`'s own measure of a good match."""


def unknown_department(pack: Pack, given: str) -> str | None:
    """Why `given` is no department's code, as a Chinese and an English line with those it may mean; None where it is.

    A clerk knows the department's name rather than its code, so names are compared too.
    """
    if given in pack.department:
        return None
    shown = " ".join(given.split())[:40]
    close = _close(pack, shown)
    chinese = "、".join(f"{each.code}（{each.name}）" for each in close)
    english = ", ".join(each.code for each in close)
    return (
        f"城市包里没有代码为“{shown}”的部门"
        + (f"，您要的可能是：{chinese}。" if close else "；部门代码见城市包的 departments.csv。")
        + f"\nthe pack has no department with the code '{shown}': "
        + (f"did you mean {english}?" if close else "departments.csv of the pack lists them")
    )


def _close(pack: Pack, given: str) -> list[Department]:
    """The departments whose code or name is most like `given`, the likest first."""
    if not given:
        return []
    likeness = {each.code: max(_likeness(given.casefold(), name) for name in _names(each)) for each in pack.departments}
    good = [each for each in pack.departments if likeness[each.code] >= CLOSE]
    return sorted(good, key=lambda each: -likeness[each.code])[:SUGGESTED]


def _names(department: Department) -> Iterator[str]:
    yield department.code
    yield department.name
    yield department.short_name


def _likeness(given: str, name: str) -> float:
    """1 where they are the same or (a part of two letters at least) one is in the other."""
    if len(given) > 1 and given in name:
        return 1.0
    return SequenceMatcher(None, given, name, autojunk=False).ratio()
