"""The records of registers are judged whole by their schema: each rule has a record that breaks it and is named."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.city.registers import steps_of
from schemas.decode import decode
from tests.cities.test_registers import LIST, loaded
from tests.rules.making import Event, changed, envelope, example, judged, pack, rules_of
from tests.support.events import event as made
from tests.support.events import to_bytes

POWER = {"事项名称": "城镇燃气经营许可", "事项类型": "行政许可", "实施依据": "条例第十五条", "承办科室": "审批科"}


def load(*records: dict[str, Any], dept: str = "xzsp", register: str = "power-list") -> Event:
    data = {"register_name": register, "records": list(records)}
    return made("register", "loaded", dept, "", data, subject=f"{dept}/{register}")


def power(code: str = "000120", version: int = 1, **fields: str) -> dict[str, Any]:
    return {"record": code, "version": version, "fields": POWER | fields}


def findings(event: Event) -> list[tuple[str, str]]:
    return [(one.rule, one.place) for one in judged(event).findings]


def test_a_record_that_fits_is_accepted_and_goes_to_the_portal_alone() -> None:
    from rules.routing import route

    event = load(power())
    assert (judged(event).outcome, judged(event).title) == ("accepted", "权责清单：城镇燃气经营许可")
    routed = route(pack(), decode(to_bytes(event)))
    assert [(one.outlet, one.feed, one.action) for one in routed] == [("portal", "portal-feed", "carry")]
    taken = route(pack(), decode(to_bytes(example("register.removed"))))
    assert [(one.outlet, one.action) for one in taken] == [("portal", "take-down")]


@pytest.mark.feature("2-12")
def test_the_type_of_a_power_is_one_of_ten_and_no_other() -> None:
    types = pack().register["power-list"].field["事项类型"].values
    assert len(types) == 10
    assert all(judged(load(power(事项类型=each))).outcome == "accepted" for each in types)
    refused = judged(load(power(事项类型="行政指导")))
    assert (refused.outcome, rules_of(refused)) == ("rejected", ["REG-ENUM"])
    assert "10种" in refused.findings[0].message.zh


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (load(power(), register="no-list"), ("REG-UNKNOWN", "/data/register_name")),
        (envelope(load(power()), {"subject": "xzsp/power-000120"}), ("REG-SUBJECT", "/subject")),
        (load(power(), dept="dhq-gy-01"), ("REG-WHO", "/source")),
        (load(power("第1号")), ("REG-CODE", "/data/records/0/record")),
        (load(power(), power()), ("REG-DOUBLE", "/data/records/1/record")),
        (load(power(颜色="红")), ("REG-FIELD", "/data/records/0/fields/颜色")),
        (load(power(事项名称="  ")), ("REG-MISSING", "/data/records/0/fields/事项名称")),
        (load(power(事项名称="长" * 201)), ("REG-VALUE", "/data/records/0/fields/事项名称")),
        (load(power(事项名称="坏\x00字")), ("REG-VALUE", "/data/records/0/fields/事项名称")),
        (load(power(监督电话="热线")), ("REG-VALUE", "/data/records/0/fields/监督电话")),
        (load(power(关键环节="受理=99-99")), ("REG-VALUE", "/data/records/0/fields/关键环节")),
        (load(power(关键环节="=05-01")), ("REG-VALUE", "/data/records/0/fields/关键环节")),
    ],
)
def test_each_rule_names_what_breaks_it(event: Event, found: tuple[str, str]) -> None:
    assert judged(event).outcome == "rejected"
    assert findings(event) == [found]


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("int", "-12", "1.5"), ("int", "0", "１２"), ("amount", "12.50", "12,000"), ("amount", "-3", "3元"),
        ("date", "2026-02-28", "2026-02-29"), ("date", "2024-02-29", "20240229"),
        ("url", "https://www.shilishi.example/a?b=1", "javascript:alert(1)"), ("url", "http://a.b", "http://"),
        ("dept", "xzsp", "审批局"), ("uscc", "119999000000000198", "119999000000000199"),
        ("code", "A-1.b", "A 1"), ("row", "01-06", "甲"), ("steps", "受理；审核=01-06", "审核=甲"),
        ("text", "两行\n文字", "铃\x07"),
    ],
)  # fmt: skip
def test_a_value_is_read_by_its_type(type_: str, good: str, bad: str) -> None:
    city = loaded(proofs=LIST + f'\n[[fields]]\nname = "值"\ntype = "{type_}"\n')

    def outcome(value: str) -> str:
        record = {"record": "1", "fields": {"证明名称": "无房证明", "值": value}}
        return judged(load(record, register="proofs"), by=city).outcome

    assert (outcome(good), outcome(bad)) == ("accepted", "rejected")


def test_what_is_recorded_once_has_one_version() -> None:
    city = loaded(proofs='versions = "one"\n' + LIST)
    record = {"record": "1", "version": 2, "fields": {"证明名称": "无房证明"}}
    assert rules_of(judged(load(record, register="proofs"), by=city)) == ["REG-VERSION"]


def test_an_expected_field_that_is_empty_is_remarked_on_and_taken() -> None:
    fields = {
        "项目名称": "道路养护",
        "年度": "2026",
        "类别": "项目支出",
        "预算类型": "一般公共预算",
        "预算金额万元": "30",
    }
    given = judged(load({"record": "P1", "fields": fields}, dept="czj", register="budget-targets"))
    assert (given.outcome, rules_of(given)) == ("accepted", ["REG-EMPTY"])


def test_gaps_never_hide_a_fault_and_many_faults_are_told_in_part() -> None:
    fields = {"项目名称": "养护", "年度": "2026", "类别": "项目支出", "预算类型": "一般公共预算", "预算金额万元": "30"}
    records = [{"record": f"P{n}", "fields": fields} for n in range(300)]
    records.append({"record": "P999", "fields": fields | {"年度": "二〇二六"}})
    given = judged(load(*records, dept="czj", register="budget-targets"))
    assert given.outcome == "rejected"
    assert rules_of(given) == ["REG-VALUE", *["REG-EMPTY"] * 100]
    many = judged(load(*(power(f"p{n}", 事项类型="无") for n in range(1_000))))
    assert len(many.findings) == 100


def test_a_unit_records_its_own_or_one_above_it_does_or_the_keeper() -> None:
    item = {
        "事项名称": "居住证明",
        "事项性质": "公共服务",
        "实施单位": "dhq-gy-01",
        "办理地点": "便民服务站",
        "承诺时限": "1",
    }

    def outcome(dept: str) -> list[str]:
        return rules_of(judged(load({"record": "S1", "fields": item}, dept=dept, register="service-items")))

    assert [outcome(dept) for dept in ("dhq-gy-01", "dhq-gy", "dhq", "xzsp")] == [[], [], [], []]
    assert (outcome("xsq"), outcome("mzj")) == (["REG-WHO"], ["REG-WHO"])


def test_a_single_record_and_a_removal_are_judged_by_the_same_rules() -> None:
    single = changed(example("register.recorded"), fields={"事项类型": "行政指导"})
    assert sorted(rules_of(judged(single))) == ["REG-ENUM", "REG-MISSING", "REG-MISSING", "REG-MISSING"]
    assert rules_of(judged(changed(example("register.removed"), record="../x"))) == ["REG-CODE"]


def test_steps_are_read_with_either_semicolon_and_lines() -> None:
    assert steps_of("受理=05-01；现场核查 = 05-03;\n决定") == (("受理", "05-01"), ("现场核查", "05-03"), ("决定", ""))


def test_a_successor_speaks_for_the_register_of_the_department_it_took_over() -> None:
    city = pack()
    heir = next(one for one in city.departments if one.successor)
    assert heir.successor in city.above[heir.code]
