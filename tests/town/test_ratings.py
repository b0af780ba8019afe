"""Ratings: whoever wrote rates the reply with number and code, once, and only when there is one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.producers.counter import Citizen
from tests.support.events import NOON
from tests.town.town import Town, town

REPLY = "经核实，新桥路北段路灯因线路老化熄灭，已于本月更换全部线路并恢复照明。"


def test_a_reply_is_rated_with_number_and_code_and_an_unhappy_writer_has_it_done_again(city: Town) -> None:
    citizen = city.citizen()
    number, code = written(city, citizen)
    assert rate(citizen, number, code).status_code == 422, "there is no reply yet"
    replied(city, f"zfb/{number}")
    assert rate(citizen, number, "0000000000").json()["code"] == "QUERY-WRONG"
    first, again = rate(citizen, number, code, "不满意"), rate(citizen, number, code, "不满意")
    assert [first.status_code, again.status_code] == [202, 202]
    other = rate(citizen, number, code, "满意")
    assert (other.status_code, other.json()["code"]) == (422, "FORM-FIELD")
    city.carry()
    status = citizen.query(number, code).json()
    assert status["state_name"] == "办理中", "done again at once"
    assert [step["step_name"] for step in status["steps"]][-2:] == ["评价", "自动重办"]
    sent = [said for said in city.told("complaints") if said["source"] == "/portal"]
    assert [said["data"].get("step") for said in sent] == [None, "rated"]


@pytest.mark.parametrize(
    ("step", "fields", "place"),
    [
        ("rated", {"rating": "五颗星"}, "/fields/rating"), ("rated", {}, "/fields/rating"),
        ("rated", {"rating": "满意", "more": "x"}, "/fields/more"), ("closed", {}, "/step"), ("no-step", {}, "/step"),
    ],
)  # fmt: skip
def test_a_later_step_that_can_t_be_is_refused_at_once_and_sends_nothing(
    ready: tuple[Town, Citizen, str, str], step: str, fields: dict[str, str], place: str
) -> None:
    _, citizen, number, code = ready
    answer = citizen.http.post(
        "/v1/citizens/steps", json={"number": number, "code": code, "step": step, "fields": fields}
    )
    assert answer.status_code == 422
    assert answer.json()["place"] == place


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with town(tmp_path_factory.mktemp("town"), NOON) as city:
        citizen = city.citizen()
        number, code = written(city, citizen)
        replied(city, f"zfb/{number}")
        yield city, citizen, number, code


def written(city: Town, citizen: Citizen) -> tuple[str, str]:
    given = citizen.letter()
    assert given.status_code == 201, given.text
    city.carry()
    return given.json()["number"], given.json()["code"]


def replied(city: Town, key: str, until: str = "replied") -> None:
    for step, dept, fields in (
        ("accepted", "zfb", {}), ("assigned", "zfb", {"dept": "zjj"}), ("taken-up", "zjj", {}),
        ("replied", "zjj", {"reply": REPLY, "result": "已恢复照明"}),
    ):  # fmt: skip
        city.clock.pass_(timedelta(minutes=10))
        said = city.stepping(key, step, dept=dept, family="complaint")
        said["data"]["fields"] = fields
        view = city.send(said)
        assert view["state"] == "accepted", view["findings"]
        if step == until:
            break


def rate(citizen: Citizen, number: str, code: str, rating: str = "满意") -> Any:
    whole = {"number": number, "code": code, "step": "rated", "fields": {"rating": rating}}
    return citizen.http.post("/v1/citizens/steps", json=whole)


def test_a_mobile_number_in_a_sealed_reply_is_refused_and_a_landline_is_not(city: Town) -> None:
    number, _ = written(city, city.citizen())
    key = f"zfb/{number}"
    replied(city, key, until="taken-up")
    for said, rules_ in (("联系电话：13900002222", ["CMP-Q4"]), ("联系电话：0999-6000000", [])):
        step = city.stepping(key, "replied", dept="zjj", family="complaint", personal={"reply": f"{REPLY}{said}"},
                             reply=REPLY, result="已恢复照明")  # fmt: skip
        view = city.send(step)
        assert [one["rule"] for one in view["findings"] if one["severity"] == "error"] == rules_
    assert b"13900002222" not in b"".join(record.value or b"" for record in city.log)
