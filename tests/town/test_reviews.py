"""Three reviews and three proofreadings: six sign-offs over one text, level by level, by different persons."""

from __future__ import annotations

import pytest

from tests.support.events import LEVELS, JsonObject, event
from tests.town.papers import paper
from tests.town.town import Town, rules

KEY = "fgw/2026-77"
PEOPLE = {1: "p1", 2: "p2", 3: "p3"}
FIRST, EDITED = "示例路改造方案", "示例路综合改造方案"


@pytest.mark.feature("4-38")
def test_six_sign_offs_by_a_person_of_each_level_pass_a_text(city: Town) -> None:
    text = draft(city, FIRST)
    states = [state_after(city, text, level, role, PEOPLE[level]) for level, role in LEVELS]
    assert states == ["一审一校中", "一审一校通过", "二审二校中", "二审二校通过", "三审三校中", "三审三校通过"]
    assert [step["step"] for step in city.sees(KEY)["steps"]] == ["signed"] * 6


@pytest.mark.feature("4-38")
def test_no_person_signs_at_two_levels_and_no_level_is_skipped(city: Town) -> None:
    text = draft(city, FIRST)
    assert rules(sign(city, text, 2, "审", "p2")) == ["REV-01"]
    passed(city, text, 1)
    assert rules(sign(city, text, 2, "审", "p1")) == ["REV-PERSON"]
    assert rules(sign(city, text, 3, "审", "p3")) == ["REV-02"]
    passed(city, text, 2)
    for person in ("p1", "p2"):
        assert rules(sign(city, text, 3, "审", person)) == ["REV-PERSON"]
    assert rules(sign(city, text, 3, "校", "p3")) == []
    assert rules(sign(city, text, 3, "校", "p3")) == ["REV-BOTH"], "each level both reviews and proofreads"


@pytest.mark.feature("4-38")
def test_an_edit_after_the_second_review_returns_to_the_first(city: Town) -> None:
    before, after = draft(city, FIRST), draft(city, EDITED)
    passed(city, before, 1)
    passed(city, before, 2)
    assert rules(sign(city, after, 3, "审", "p3")) == ["REV-EDIT"]
    assert state_after(city, after, 1, "审", "p1") == "一审一校中"
    assert "REV-01" in rules(sign(city, after, 3, "校", "p3"))
    assert state_after(city, after, 1, "校", "p1") == "一审一校通过"
    passed(city, after, 2)
    passed(city, after, 3)
    assert city.sees(KEY)["state"] == "PASSED"


@pytest.mark.feature("4-38")
def test_what_is_sent_back_begins_anew_with_its_reason(city: Town) -> None:
    text = draft(city, FIRST)
    passed(city, text, 1)
    assert step(city, text, 2, "审", "p2", reason="第二段数据有误，请核实。")["state"] == "accepted"
    view = city.sees(KEY)
    assert (view["state_name"], view["steps"][-1]["reason"]) == ("已退回", "第二段数据有误，请核实。")
    assert rules(sign(city, text, 2, "审", "p2")) == ["REV-01"]
    assert state_after(city, text, 1, "审", "p1") == "一审一校中"


@pytest.mark.feature("4-38")
def test_a_text_is_published_by_those_who_signed_it_in_review_or_told_apart(city: Town) -> None:
    text = draft(city, FIRST)
    for level in (1, 2, 3):
        passed(city, text, level)
    assert text["data"]["sign_offs"][0]["person"] == "s001"
    city.send(text)
    told = city.caller("fgw").http.get("/v1/rejections", params={"code": "SM-REVIEW"}).json()["items"]
    assert [one["event_id"] for one in told] == [text["id"]]


def draft(city: Town, title: str) -> JsonObject:
    return paper("notice", KEY, city.clock(), title=title)


def passed(city: Town, text: JsonObject, level: int) -> None:
    """Both sign-offs of a level."""
    for role in ("审", "校"):
        assert rules(sign(city, text, level, role, PEOPLE[level])) == []


def state_after(city: Town, text: JsonObject, level: int, role: str, person: str) -> str:
    assert rules(sign(city, text, level, role, person)) == []
    return str(city.sees(KEY)["state_name"])


def sign(city: Town, text: JsonObject, level: int, role: str, person: str) -> JsonObject:
    return step(city, text, level, role, person)


def step(city: Town, text: JsonObject, level: int, role: str, person: str, *, reason: str = "") -> JsonObject:
    """A sign-off over the text, or with a reason its return."""
    digest = text["data"]["sign_offs"][0]["content_sha256"]
    off = {"level": level, "role": role, "person": person, "content_sha256": digest, "at": city.clock().isoformat()}
    data = {"publication": KEY, "version": 1, "sign_off": off, **({"reason": reason} if reason else {})}
    return city.send(event("review", "returned" if reason else "signed", "fgw", "", data, at=city.clock(), subject=KEY))
