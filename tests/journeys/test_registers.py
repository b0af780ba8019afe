"""A department loads a register with the command, and citizens find it; nothing is lost on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bus.settings import Settings
from tests.journeys.city import PATIENCE, Department, command, page
from tests.support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
PROJECTS, FUNDS = 8_390, 18
HEAD = "项目编码,项目名称,年度,类别,预算类型,预算金额万元,主管部门,绩效目标\n"


@pytest.mark.feature("2-28")
@pytest.mark.feature("2-13")
def test_a_file_becomes_a_register_that_citizens_search(city: Settings, tmp_path: Path) -> None:
    lines = [
        f"J{n:04},道路养护项目{n},2026,项目支出,一般公共预算,{n}.5,市财政局,{'' if n == 7 else '完好率98%'}"
        for n in range(PROJECTS)
    ]
    lines += [f"Z{n:02},专项资金{n},2026,专项资金,一般公共预算,{n}.5,市财政局,按期拨付" for n in range(FUNDS)]
    file = tmp_path / "targets.csv"
    file.write_text(HEAD + "\n".join([*lines, lines[0]]), encoding="utf-8")
    department = Department(city, "czj")
    words = ("register", "import", "budget-targets", str(file), "--key", department.key, "--json")

    first = command(city, *words)
    said = json.loads(first.stdout)
    assert (first.returncode, said["sent"], said["refused"], said["duplicates"]) == (0, PROJECTS + FUNDS, 0, 1)
    assert [(one["row"], one["rule"]) for one in said["remarks"]] == [
        (9, "REG-EMPTY"),
        (PROJECTS + FUNDS + 2, "REG-DOUBLE"),
    ]

    def found() -> bool:
        return bool(page(city, "/api/v1/registers/budget-targets?q=养护&dept=czj").json()["total"] == PROJECTS)

    eventually(found, PATIENCE, "the register on the portal")
    report = page(city, "/api/v1/registers/budget-targets/report").json()
    assert [gap["record"] for gap in report["empty"]] == ["J0007"]
    assert "不完整" in page(city, "/registers/budget-targets/report").text
    again = json.loads(command(city, *words).stdout)
    assert (again["sent"], again["unchanged"]) == (0, PROJECTS + FUNDS)

    def even() -> bool:
        balance = json.loads(command(city, "reconcile", "--json").stdout)
        assert balance["gaps"] == []
        return bool(balance["in_flight"] == 0)

    eventually(even, PATIENCE, "a balance with nothing in flight")
