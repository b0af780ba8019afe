"""Hearings: who takes part is public before, papers come a week ahead, and whoever complains is given a code."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rules.calendar import SHANGHAI
from tests.town.town import Town

KEY = "jtj/T-1"
HELD = datetime(2026, 11, 20, 9, 0, tzinfo=SHANGHAI)


@pytest.mark.feature("0-15")
def test_a_hearing_without_its_participants_and_papers_in_time_raises_an_alert_for_each(city: Town) -> None:
    announced(city)
    assert city.dues("jtj", KEY) == {"materials": "2026-11-12 23:59", "participants": "2026-11-20 09:00"}
    city.until(datetime(2026, 11, 11, 9, 0, tzinfo=SHANGHAI))
    assert "materials reminded" in city.words("jtj", KEY)
    city.until(datetime(2026, 11, 13, 0, 0, tzinfo=SHANGHAI))
    assert {"materials urged", "materials supervised"} <= set(city.words("jtj", KEY))
    assert "送达听证材料" in city.assessment.get("/overdue").text
    overdue = city.caller("zfb").http.get("/v1/duties/overdue").json()
    assert [one["duty"]["clock"] for one in overdue["page"]["items"] if one["duty"]["subject"] == KEY] == ["materials"]
    city.until(HELD)
    assert "participants reminded" in city.words("jtj", KEY)
    assert city.does(KEY, "held", attending="12", statements="是") == ["CHAIN-GAP-PARTICIPANTS", "CHAIN-GAP-MATERIALS"]
    page = city.page(f"/matters/{KEY}")
    assert "缺失：举行听证会之前没有公布参加人名单。" in page
    assert "缺失：没有提前送达听证材料的记录。" in page


@pytest.mark.feature("0-15")
def test_papers_that_leave_six_whole_days_are_remarked_on_and_seven_are_enough(city: Town) -> None:
    announced(city)
    announced(city, "jtj/T-2", HELD + timedelta(days=1))
    city.clock.now = datetime(2026, 11, 13, 17, 0, tzinfo=SHANGHAI)
    assert city.does(KEY, "materials-delivered", delivered_on="2026-11-13") == ["DEC-03"]
    assert city.page("/matters?kind=hearing").count("缺失 1 项") == 1
    assert city.does("jtj/T-2", "materials-delivered", delivered_on="2026-11-13") == []
    assert city.page("/matters?kind=hearing").count("缺失 1 项") == 1


@pytest.mark.feature("0-15")
def test_a_hearing_prepared_in_time_shows_its_participants_before_it_and_no_alert(city: Town) -> None:
    announced(city)
    city.does(KEY, "participants-published", participants="市民代表5名、经营者代表4名、专家3名")
    city.does(KEY, "materials-delivered", delivered_on="2026-09-21")
    page = city.page(f"/matters/{KEY}")
    for words in ("市民代表5名", "市交通局会议室", "随机抽选", "2026-11-20 09:00"):
        assert words in page, words
    city.until(HELD)
    assert city.does(KEY, "held", attending="12", statements="是") == []
    assert not [word for word in city.words("jtj", KEY) if "urged" in word or "supervised" in word]
    assert "缺失" not in city.page(f"/matters/{KEY}")


@pytest.mark.feature("0-15")
def test_a_complaint_about_a_hearing_is_answered_with_a_code_by_which_it_is_followed(city: Town) -> None:
    writer = city.citizen()
    body = "市交通局的听证会开始前没有公布参加人名单，请查明原因并答复。"
    given = writer.letter(title="听证会没有公布参加人名单", body=body)
    assert given.status_code == 201, given.text
    number, code = given.json()["number"], given.json()["code"]
    assert len(code) == 10
    assert code.isdecimal()
    city.carry()
    shown = writer.query(number, code)
    assert (shown.status_code, shown.json()["state_name"]) == (200, "待审查")
    assert writer.query(number, f"{(int(code) + 1) % 10**10:010}").status_code == 404


def announced(city: Town, key: str = KEY, held: datetime = HELD) -> None:
    view = city.open("hearing", key, "示例市出租汽车运价调整听证会", lead_dept="jtj", type="其他",
                     place="市交通局会议室", held_at=held.isoformat(), selection="随机抽选", draft="附后")  # fmt: skip
    assert view["state"] == "accepted", view["findings"]
