"""A schedule that arrives and a rule that changes move open due days, and say by what (RULES CAL-04)."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from rules.calendar import Counted
from rules.redating import OpenDue, Redated, redate
from schemas.city import Pack, TimeLimit, load_pack
from tests.rules.making import ROOT, pack

NOTICE_2027 = """year = 2027
version = 1
announced = 2026-11-10
basis = "关于2027年部分节假日安排的通知"
off = [2027-01-01, 2027-01-02, 2027-01-03, 2027-02-05, 2027-02-06, 2027-02-07, 2027-02-08, 2027-02-09, 2027-02-10, 2027-02-11]
work = [2027-01-30, 2027-02-20]
"""  # noqa: E501 - one schedule, as its file has it


def day(text: str) -> date:
    return date.fromisoformat(text)


def city(tmp_path: Path, files: dict[str, str]) -> Pack:
    """The example city with files over it."""
    folder = Path(shutil.copytree(ROOT / "cities/example", tmp_path / "city", dirs_exist_ok=True))
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load_pack(folder)


def working(n: int) -> TimeLimit:
    return TimeLimit(trigger="formed", n=n, unit="WD", raw="")


@pytest.fixture(scope="module")
def with_2027(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return city(tmp_path_factory.mktemp("with-2027"), {"calendars/2027-1.toml": NOTICE_2027})


def test_a_new_schedule_moves_what_reaches_into_its_year_and_nothing_else(with_2027: Pack) -> None:
    dues = [
        OpenDue("a", working(10), day("2027-01-25")),
        OpenDue("b", working(10), day("2026-11-02")),
        OpenDue("c", "01-04", day("2026-12-25")),
        OpenDue("d", "FOI-A33", day("2027-01-20")),
        OpenDue("e", TimeLimit(trigger="obtained", n=48, unit="H", raw=""), day("2027-02-04")),
        OpenDue("f", TimeLimit(trigger="cron", cron="01-31", raw=""), day("2027-01-04")),
    ]
    moved = {one.key: one for one in redate(pack(), with_2027, dues)}
    assert moved.keys() == {"a", "c", "d"}
    assert (moved["a"].was, moved["a"].becomes) == (
        Counted(day("2027-02-10"), complete=False), Counted(day("2027-02-12"), complete=True),
    )  # fmt: skip
    assert moved["a"].why == (
        "2027-01-30由周末(推算)改为调休上班（关于2027年部分节假日安排的通知）",
        "2027-02-09由工作日(推算)改为节假日（关于2027年部分节假日安排的通知）",
        "2027-02-10由工作日(推算)改为节假日（关于2027年部分节假日安排的通知）",
        "2027-02-11由工作日(推算)改为节假日（关于2027年部分节假日安排的通知）",
        "2027年放假安排由推算改为正式公布（关于2027年部分节假日安排的通知）",
    )


def test_an_estimate_that_proves_right_is_confirmed_and_does_not_move(with_2027: Pack) -> None:
    (one,) = redate(pack(), with_2027, [OpenDue("x", working(5), day("2027-03-01"))])
    assert isinstance(one, Redated)
    assert not one.moved
    assert (one.was.complete, one.becomes.complete) == (False, True)
    assert one.why == ("2027年放假安排由推算改为正式公布（关于2027年部分节假日安排的通知）",)


def test_a_new_version_of_a_year_moves_what_crosses_its_days(tmp_path: Path) -> None:
    old = (ROOT / "cities/example/calendars/2026-1.toml").read_text("utf-8")
    changed = old.replace("version = 1", "version = 2").replace("安排的通知", "补充安排的通知")
    changed = changed.replace("off = [", "off = [2026-03-13, ")
    later = city(tmp_path, {"calendars/2026-2.toml": changed})
    crossing = OpenDue("x", working(5), day("2026-03-09"))
    beside = OpenDue("y", working(5), day("2026-03-16"))
    paused = OpenDue("z", working(5), day("2026-03-09"), pauses=((day("2026-03-13"), day("2026-03-13")),))
    (one,) = redate(pack(), later, [crossing, beside, paused])
    assert (one.key, one.was.due, one.becomes.due) == ("x", day("2026-03-16"), day("2026-03-17"))
    assert one.why == ("2026-03-13由工作日改为节假日（国务院办公厅关于2026年部分节假日补充安排的通知）",)


def test_a_rule_that_changes_moves_what_starts_in_its_time_alone(tmp_path: Path) -> None:
    clocks = (ROOT / "cities/example/clocks.toml").read_text("utf-8")
    edition = '[[CMP-08.then]]\nfrom = 2026-04-01\nn = 3\nbasis = "市政府令第9号"\n'
    later = city(tmp_path, {"clocks.toml": f"{clocks}\n{edition}"})
    dues = [OpenDue("old", "CMP-08", day("2026-03-31")), OpenDue("new", "CMP-08", day("2026-04-01"))]
    (one,) = redate(pack(), later, dues)
    assert (one.key, one.was.due, one.becomes.due) == ("new", day("2026-04-09"), day("2026-04-07"))
    assert one.why == ("时限由“自收到咨询之日起5个工作日内”改为“自收到咨询之日起3个工作日内”",)


def test_what_neither_pack_knows_is_left_alone() -> None:
    assert redate(pack(), pack(), [OpenDue("x", "NO-SUCH", day("2026-03-02"))]) == ()
