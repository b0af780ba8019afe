"""What is no time limit is told by character, in both languages, with what could stand there and the nearest form."""

from __future__ import annotations

import pickle

import pytest

from schemas.city.deadlines import GENERAL, DeadlineError, parse
from tests.rules.making import pack

PHRASES = pack().phrases


def wrong(text: str) -> DeadlineError:
    with pytest.raises(DeadlineError) as caught:
        parse(text, PHRASES)
    return caught.value


@pytest.mark.parametrize(
    ("text", "at", "expected", "nearest"),
    [
        ("20工做日", "工", "个工作日", "20工作日"),
        ("自项目验收之日起10个工作日内", "项", "起算的事项", "之日起20个工作日内"),
        ("自信息形成之日起工作日内", "工", "数字", "自信息形成之日起20个工作日内"),
        ("每年1月前", "前", "数字", "每年1月31日前"),
        ("20个工作日内，", "", "数字", "20工作日"),
        ("听证会举行前7日内", "内", "结束", "听证会举行前7日"),
        ("依申请公开", "依", "起算的事项", ""),
        ("20個工作日", "個", "个工作日", "20"),
        ("及时公开（尽快）", "尽", "数字", "及时公开"),
    ],
)
def test_it_points_at_the_character_and_says_what_could_stand_there(
    text: str, at: str, expected: str, nearest: str
) -> None:
    error = wrong(text)
    assert text[error.position : error.position + 1] == at
    assert any(expected in said.zh for said in error.expected), error.zh
    assert nearest in error.nearest
    assert f"第{error.position + 1}个字" in error.zh
    assert f"character {error.position + 1}:" in error.en


@pytest.mark.parametrize(
    ("text", "at", "zh"),
    [
        ("0个工作日内", "0", "不在1至1000之间"), ("1001日内", "1001", "不在1至1000之间"),
        ("99999999999999999999日内", "999", "不在1至1000之间"), ("100年内", "100", "不在1至83之间"),
        ("二三日内", "二", "不是一个数"), ("每年13月1日前", "13", "不在1至12之间"),
        ("每年2月30日前", "30", "不在1至29之间"),
        ("每月32日", "32", "不在1至31之间"), ("每季度15日前", "每", "哪个月"),
        ("每季度第五个月1日前", "第", "只有3个月"),
        ("每月第2个月1日前", "第", "没有第几个月"), ("每月3月1日前", "每", "每年"), ("每季度3月底前", "每", "每年"),
        ("20日内，10日内", "10", "已经写过一个时限"), ("3日内公示7日，公示5日", "5", "已经写过公示多久"),
        ("及时公开，实时公开", "实", "已经写过一个时限"),
        ("法律另有规定的，从其规定", "法", "没有写明何时公开"),
    ],
)  # fmt: skip
def test_what_reads_well_and_can_not_be_is_refused_where_it_stands(text: str, at: str, zh: str) -> None:
    error = wrong(text)
    assert text[error.position :].startswith(at)
    assert zh in error.zh


def test_the_caret_stands_under_the_character_counting_wide_ones_twice_and_blanks_too() -> None:
    error = wrong("自 信息形成之日起 20 工做日")
    line, caret = error.picture.split("\n")
    assert line == "自 信息形成之日起 20 工做日"
    assert line[error.position] == "工"
    assert caret == " " * (2 * 9 + 3 + 2 - 2) + "^"


def test_an_error_is_told_without_control_characters_and_survives_a_process() -> None:
    error = wrong("20\x00个\x1b[31m工作日")
    assert "\x00" not in error.picture
    assert "\x1b" not in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("text", ["", " ", "　", "。", "，", "x" * 201, "20" * 120, "自" * 200, "（" * 200, "\ud800日"])
def test_nothing_hostile_is_more_than_an_error(text: str) -> None:
    error = wrong(text)
    assert 0 <= error.position <= len(text)
    assert error.picture


def test_a_pack_without_words_has_the_laws_own_and_no_number_for_in_good_time() -> None:
    assert parse("自信息形成或者变更之日起20个工作日内", GENERAL).trigger == "formed"
    for text in ("及时公开", "长期公开", "公示7日"):
        with pytest.raises(DeadlineError):
            parse(text, GENERAL)
