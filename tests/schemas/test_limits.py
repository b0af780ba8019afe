"""How often something may be tried is the pack's to say; where it says nothing, no counter stands open."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.city import PackError, load_pack
from schemas.city.limits import GENERAL
from tests.support.small_city import write_small_city


def made(folder: Path, text: str) -> Path:
    city = write_small_city(folder / "city")
    (city / "limits.toml").write_text(text, "utf-8")
    return city


def test_what_a_pack_does_not_say_is_limited_all_the_same(tmp_path: Path) -> None:
    said = made(tmp_path, '[queries]\nname = "查询"\nmost = 3\nminutes = 5\nbasis = "本市规则"\n')
    limits = load_pack(said).limit
    assert (limits["queries"].most, limits["queries"].minutes) == (3, 5)
    assert {**limits, "queries": GENERAL["queries"]} == GENERAL
    (said / "limits.toml").unlink()
    assert load_pack(said).limit == GENERAL


@pytest.mark.parametrize("wrong", ["most = 0", "minutes = 0", "minutes = 1441", "strange = 1", 'status = "X"'])
def test_a_limit_that_is_none_is_refused(tmp_path: Path, wrong: str) -> None:
    right = 'name = "查询"\nmost = 3\nminutes = 5\nbasis = "本市规则"\n'
    rest = "".join(line for line in right.splitlines(True) if not line.startswith(wrong.partition(" ")[0]))
    with pytest.raises(PackError, match=r"limits\.toml"):
        load_pack(made(tmp_path, f"[queries]\n{rest}{wrong}\n"))


def test_a_limit_of_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"limits\.toml"):
        load_pack(made(tmp_path, '[doors]\nname = "门"\nmost = 3\nminutes = 5\nbasis = "本市规则"\n'))
