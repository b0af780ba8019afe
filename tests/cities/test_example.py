"""The example city is large enough to be real, and right."""

from __future__ import annotations

import pickle
from datetime import date, timedelta

import chinese_calendar
import pytest

from rules.calendar import calendar_of
from schemas.city import CHANNELS, load_pack
from schemas.city.uscc import uscc_fault
from tests.rules.making import ROOT, pack

TODAY = date(2026, 3, 10)


@pytest.mark.feature("4-18")
def test_52_city_departments_are_in_force_and_every_level_is_there() -> None:
    assert len(pack().departments_on(TODAY, "市")) == 52
    assert {one.level for one in pack().departments_on(TODAY)} == {"市", "区", "街镇", "村居"}


def test_every_department_has_its_own_right_code() -> None:
    codes = [one.uscc for one in pack().departments]
    assert len(set(codes)) == len(codes)
    assert [uscc_fault(code) for code in codes] == [None] * len(codes)
    assert all(code[2:8] == pack().division for code in codes)


def test_19_basic_rows_include_the_five_named() -> None:
    basic = [row for row in pack().rows if row.group == "basic"]
    assert len(basic) == 19
    assert {"领导介绍", "机构职责", "行政规范性文件", "重要会议", "工作进展"} <= {row.level2 for row in basic}


def test_25_key_field_rows_are_each_of_one_of_three_fields_and_on_the_portal() -> None:
    key = [row for row in pack().rows if row.group == "key-fields"]
    assert len(key) == 25
    assert {row.field for row in key} == {"重大建设项目批准和实施", "公共资源配置", "社会公益事业建设"}
    assert all("政府网站" in row.channels for row in key)


def test_every_row_has_basis_limit_and_channel_and_every_number_of_the_law_its_article() -> None:
    assert all(row.basis and row.time_limit.raw and row.channels and row.elements for row in pack().rows)
    assert {channel for row in pack().rows for channel in row.channels} <= set(CHANNELS)
    assert all(part.basis for part in (*pack().clocks, *pack().kinds, *pack().outlets, *pack().years))


@pytest.mark.parametrize("year", range(2018, 2027))
def test_the_calendar_agrees_with_the_published_one_day_by_day(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    mine = {day: calendar_of(pack()).is_workday(day) for day in days if day.year == year}
    assert mine == {day: chinese_calendar.is_workday(day) for day in mine}


def test_a_department_is_succeeded_for_good() -> None:
    assert pack().is_or_succeeds("wlj", "lvyj")
    assert pack().is_or_succeeds("xczx", "fpb")
    assert pack().is_or_succeeds("lvyj", "lvyj")
    assert not pack().is_or_succeeds("lvyj", "wlj")
    assert not pack().is_or_succeeds("nobody", "wlj")


def test_publishers_are_chosen_by_code_class_and_level_within_the_rows_levels() -> None:
    assert pack().publishers["02-03"] == {"zfb"}
    assert "dhq" in pack().publishers["08-01"]
    assert "zfb" not in pack().publishers["08-01"]
    assert {"dhq-gy", "xsq-bl-01"} <= pack().publishers["13-01"]
    assert "mzj" not in pack().publishers["13-01"]


def test_the_pack_travels_by_pickle_with_its_look_ups() -> None:
    copy = pickle.loads(pickle.dumps(pack()))
    assert copy.row["02-01"] == pack().row["02-01"]
    assert copy.outlets_for(["两微一端"], "mzj", "动态") == pack().outlets_for(["两微一端"], "mzj", "动态")


def test_a_pack_is_loaded_by_path_as_text_too() -> None:
    assert load_pack(str(ROOT / "cities/example")).release == "1"


def test_the_accounts_have_the_limits_and_quotas_of_their_platforms() -> None:
    wechat = [one for one in pack().outlets if one.platform == "wechat"]
    assert {one.account_type for one in wechat} == {"subscription", "service"}
    assert all(one.limits.title == 32 and one.limits.articles == 8 for one in wechat)
    assert {(one.quota.n, one.quota.per) for one in wechat if one.quota} == {(1, "day"), (4, "month")}
