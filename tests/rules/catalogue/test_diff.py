"""A comparison names every row and cell that changed, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from rules.catalogue import CellChange, diff
from schemas.city import CatalogueRow, load_pack
from tests.support.small_city import small_city

CITY = load_pack(small_city()).rows


def other(changes: dict[str, object], row: CatalogueRow | None = None) -> CatalogueRow:
    return CatalogueRow.model_validate({**(row or CITY[0]).model_dump(), **changes})


FIRST = other({"channels": ("政府网站", "公开查阅点"), "levels": ("市", "区", "街镇"), "principles": ()})
ROWS = (FIRST, *CITY[1:])


def test_a_catalogue_does_not_differ_from_itself_in_any_order() -> None:
    assert diff(ROWS, ROWS).is_empty
    assert diff(ROWS, tuple(reversed(ROWS))).is_empty


def test_rows_come_and_go() -> None:
    found = diff(ROWS[:-1], ROWS[1:])
    assert (found.added, found.removed, found.changed) == ((ROWS[-1],), (ROWS[0],), ())
    assert not found.is_empty


@pytest.mark.parametrize(
    ("column", "changes", "old", "new"),
    [
        ("二级事项", {"level2": "机构职能"}, FIRST.level2, "机构职能"),
        ("公开内容(要素)", {"elements": ("职能", "电话")}, "、".join(FIRST.elements), "职能、电话"),
        ("公开渠道和载体", {"channels": ("政府网站",)}, "■政府网站 ■公开查阅点", "■政府网站"),
        ("公开层级", {"levels": ("市",)}, "■市级 ■县级 ■乡级", "■市级"),
        ("to", {"to": date(2027, 1, 1)}, "", "2027-01-01"),
        ("from", {"from_": date(2020, 1, 1)}, "", "2020-01-01"),
        ("principle", {"principles": ("以公开促服务",)}, "", "以公开促服务"),
        ("n", {"time_limit": FIRST.time_limit.model_copy(update={"n": 10})}, "20", "10"),
    ],
)
def test_a_changed_cell_is_told_with_both_values(column: str, changes: dict[str, object], old: str, new: str) -> None:
    changed = other(changes, FIRST)
    (row,) = diff(ROWS, (changed, *ROWS[1:])).changed
    assert (row.old, row.new, row.cells) == (FIRST, changed, (CellChange(column=column, old=old, new=new),))


def test_every_cell_of_a_row_is_compared() -> None:
    """A column that the comparison forgot would let a row differ without a change being told."""
    rival = next(
        row
        for row in ROWS
        if row.time_limit.raw != FIRST.time_limit.raw and row.clock != FIRST.clock and row.depts != FIRST.depts
    )
    told = {cell.column for cell in diff((FIRST,), (other({"code": FIRST.code}, rival),)).changed[0].cells}
    assert {"一级事项", "二级事项", "公开依据", "公开时限", "公开主体", "kinds", "depts", "clock"} <= told


def test_editions_are_paired_by_their_first_day_and_then_in_order() -> None:
    first, second = other({"to": date(2025, 12, 31)}), other({"from_": date(2026, 1, 1)})
    third = other({"from_": date(2027, 1, 1)})
    assert diff((first, second), (second, first)).is_empty
    assert diff((first,), (first, second)).added == (second,)
    (moved,) = diff((first, second), (first, third)).changed
    assert [(cell.column, cell.new) for cell in moved.cells] == [("from", "2027-01-01")]
