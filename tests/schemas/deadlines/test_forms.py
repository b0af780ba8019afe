"""Every form of 公开时限 that cities write means what the table of forms says, and prints back to what it means."""

from __future__ import annotations

import csv
import tomllib

import pytest

from schemas.city.deadlines import FORMS, Form, parse, text_of
from schemas.city.models import TimeLimit
from tests.rules.making import ROOT, pack

PHRASES = pack().phrases


def meaning(limit: TimeLimit) -> str:
    """A time limit as the table of forms says it."""
    length = f"{limit.n} {limit.unit}"
    if limit.cron is not None:
        when = f"cron {limit.cron}" + (f" + {length}" if limit.n else "")
    elif limit.way == "before":
        when = f"{length} before {limit.trigger}" if limit.n else f"before {limit.trigger}"
    else:
        when = f"{limit.trigger} + {length}"
    shown = ["shown {} {}".format(*limit.min_display)] if limit.min_display else []
    return ", ".join([when, *shown, *(["vague"] if limit.vague else []), *(["lasting"] if limit.lasting else [])])


def same(one: TimeLimit, other: TimeLimit) -> bool:
    return one.model_copy(update={"raw": ""}) == other.model_copy(update={"raw": ""})


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.text)
def test_a_form_means_what_the_table_says(form: Form) -> None:
    limit = parse(form.text, PHRASES)
    assert meaning(limit) == form.meaning
    assert limit.raw == form.text


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.text)
def test_a_form_prints_to_a_normal_form_that_means_the_same_and_prints_as_itself(form: Form) -> None:
    limit = parse(form.text, PHRASES)
    printed = text_of(limit, PHRASES)
    again = parse(printed, PHRASES)
    assert same(limit, again)
    assert text_of(again, PHRASES) == printed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("自信息形成或者变更之日起20个工作日内", "formed + 20 WD"), ("信息形成(变更)20个工作日内", "formed + 20 WD"),
        ("20工作日", "formed + 20 WD"),
        ("制定或获取信息之日起10个工作日内,公示7个工作日", "obtained + 10 WD, shown 7 WD"),
        ("每年1月31日前", "cron 01-31"), ("及时公开", "formed + 5 WD, vague"),
        ("长期公开", "formed + 20 WD, lasting"), ("实时公开", "formed + 24 H"),
        ("自作出决定之日起7个工作日内", "decided + 7 WD"),
    ],
)  # fmt: skip
def test_every_form_that_the_rules_name(text: str, expected: str) -> None:
    assert meaning(parse(text, PHRASES)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" 20 个 工作日 内 。", "formed + 20 WD"), ("２０工作天", "formed + 20 WD"),
        ("一百零五日内", "formed + 105 CD"),
        ("廿日", ""), ("000000000020日", "formed + 20 CD"),
        ("公示期为7天，自决定之日起20日内", "decided + 20 CD, shown 7 CD"),
        ("立即公开", "formed + 1 WD, vague"),
        ("提前3日公告", "3 CD before formed"), ("不超过20个工作日", "formed + 20 WD"), ("三个月内", "formed + 3 M"),
        ("一年内", "formed + 12 M"), ("半年内", "formed + 6 M"), ("年度终了后半个月内", "cron 12-31 + 15 CD"),
        ("每年2月29日前", "cron 02-29"), ("每年第一个月15日前", "cron 01-15"), ("当月底前", "cron =*-31"),
        ("下季度第2个月10日前", "cron +Q2-10"), ("至少公示7日", ""), ("公示至少7日", "formed + 20 WD, shown 7 CD"),
        ("不少于7日公示", "formed + 20 WD, shown 7 CD"), ("批复后（20日内）", ""),
    ],
)  # fmt: skip
def test_what_is_understood_beside_the_table_and_what_is_not(text: str, expected: str) -> None:
    try:
        told = meaning(parse(text, PHRASES))
    except ValueError:
        told = ""
    assert told == expected


def test_every_time_limit_of_the_example_city_is_understood_and_prints_back() -> None:
    files = sorted((ROOT / "cities/example/catalogues").rglob("*.csv"))
    texts = {row["公开时限"] for file in files for row in csv.DictReader(file.read_text("utf-8-sig").splitlines())}
    assert len(texts) > 20
    for text in texts:
        limit = parse(text, PHRASES)
        assert same(parse(text_of(limit, PHRASES), PHRASES), limit), text


def test_every_phrase_of_the_city_starts_its_own_clock() -> None:
    words = tomllib.loads((ROOT / "cities/example/deadlines.toml").read_text("utf-8"))
    for trigger, table in words["triggers"].items():
        for phrase in table["phrases"]:
            assert meaning(parse(f"自{phrase}之日起7日内", PHRASES)) == f"{trigger} + 7 CD"
    for word, table in words["words"].items():
        assert meaning(parse(f"{word}公开", PHRASES)).startswith(f"formed + {table['n']} {table['unit']}")
