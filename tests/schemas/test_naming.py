"""A department that the pack does not have is told with those that were meant, by code and by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.city import Pack, load_pack
from schemas.city.naming import unknown_department


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(Path("cities/example"))


def test_every_department_of_the_pack_is_known(pack: Pack) -> None:
    assert {unknown_department(pack, code) for code in pack.department} == {None}


@pytest.mark.parametrize(
    ("given", "meant"), [("mzj2", "mzj"), ("MZJ", "mzj"), ("民政局", "mzj"), ("发改委", "fgw"), ("示例市教育局", "jyj")]
)
def test_what_was_meant_comes_first(pack: Pack, given: str, meant: str) -> None:
    chinese, english = (unknown_department(pack, given) or "").splitlines()
    assert f"没有代码为“{given}”的部门，您要的可能是：{meant}（{pack.department[meant].name}）" in chinese
    assert f"did you mean {meant}" in english


@pytest.mark.parametrize("given", ["", "zzzzzz", "局", " \n ", "x" * 100_000])
def test_where_nothing_is_like_it_the_file_that_lists_them_is_named(pack: Pack, given: str) -> None:
    chinese, english = (unknown_department(pack, given) or "").splitlines()
    assert "departments.csv" in chinese
    assert "departments.csv" in english
    assert len(chinese) < 100
