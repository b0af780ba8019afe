"""Every reason the judge gives: it fires where it must, and not on what is right beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from rules.judge import RULES
from schemas.city import TimeLimit
from schemas.reasons import TEXTS, Reason
from tests.rules.making import (
    Event,
    backfill,
    changed,
    envelope,
    example,
    judged,
    normative,
    pack,
    rules_of,
    signed,
)

MEDIA = ["政府网站", "两微一端"]
LONG = "关于进一步规范示例市临时救助工作流程和加强临时救助资金使用管理监督检查工作的通知"


def without(name: str) -> Event:
    return changed(example(), **{name: None})


def elements(**values: str) -> Event:
    event = example()
    event["data"]["elements"] |= values
    return event


def sign_off(number: int, **values: object) -> Event:
    event = example()
    event["data"]["sign_offs"][number] |= values
    return event


def secrecy(**values: object) -> Event:
    event = example()
    event["data"]["secrecy_review"] |= values
    return event


def dates(event: Event, **values: str | None) -> Event:
    event["data"]["dates"] = {name: day for name, day in (event["data"]["dates"] | values).items() if day}
    return event


def as_updated(version: int) -> Event:
    return changed(example("publication.updated"), version=version)


def unsigned(event: Event, *numbers: int) -> Event:
    event["data"]["sign_offs"] = [one for n, one in enumerate(event["data"]["sign_offs"]) if n not in numbers]
    return event


def service_message(**data: object) -> Event:
    return signed(changed(
        envelope(example(), {"source": "/departments/zjj", "subject": "zjj/1"}), item="12-01", kind="service-message",
        responsible_dept="zjj", audience="特定群体", channels=["精准推送"], dates={"decided": "2026-03-06"},
        elements={"补贴对象": "在册家庭", "补贴标准": "每月每平方米八元", "发放时间": "三月", "咨询电话": "12345"},
        **data,
    ))  # fmt: skip


def notice(title: str, **data: object) -> Event:
    event = changed(example(), title=title, channels=MEDIA, **data)
    return signed(event)


def mzj(item: str, kind: str, title: str = "示例市民政局信息", **data: object) -> Event:
    """A valid publication of another row and kind by the same department."""
    return signed(changed(example(), item=item, kind=kind, title=title, channels=["政府网站"], **data))


def final_accounts(body: str) -> Event:
    words = {"收支总表": "见附件", "三公经费": "见附件", "绩效管理情况": "见正文", "决算说明": "见正文"}
    return mzj("06-02", "final-accounts", body=body, elements=words, five_open="结果", dates={"approved": "2026-03-06"})


def random_inspection(**values: str) -> Event:
    words = {
        "抽查事项": "养老机构", "抽查对象": "五家", "抽查时间": "2026-03-05", "抽查结果": "合格",
        "检查对象抽取情况": "从名录库随机抽取", "检查人员选派情况": "随机选派两人",
    }  # fmt: skip
    return mzj("08-03", "random-inspection", elements=words | values, five_open="结果", dates={"decided": "2026-03-06"})


def guide(title: str) -> Event:
    words = dict.fromkeys(pack().row["01-08"].elements, "见正文")
    return mzj(
        "01-08", "foi-guide", title, elements=words, five_open=pack().row["01-08"].five_open,
        dates={"formed": "2026-03-06"},
    )  # fmt: skip


FIRES: list[tuple[str, str, Callable[[], Event]]] = [
    ("REJ-NOITEM", "/data/item", lambda: changed(example(), item="99-99")),
    ("REJ-NOITEM", "/data/item", lambda: changed(example(), item="11-09")),
    ("REJ-AUTHORITY", "/source", lambda: envelope(example(), {"source": "/departments/nobody"})),
    ("REJ-AUTHORITY", "/source", lambda: envelope(example(), {"source": "/somewhere"})),
    ("REJ-AUTHORITY", "/source", lambda: envelope(example(), {"source": "/departments/fpb"})),
    ("REJ-AUTHORITY", "/subject", lambda: envelope(example(), {"subject": "jyj/2026-1"})),
    ("REJ-AUTHORITY", "/data/responsible_dept", lambda: changed(example(), responsible_dept="jyj")),
    ("REJ-AUTHORITY", "/data/responsible_dept", lambda: changed(example(), item="07-04", kind="service-guide")),
    ("REJ-KIND", "/data/kind", lambda: changed(example(), kind="penalty")),
    ("REJ-KIND", "/data/kind", lambda: changed(example(), kind="no-such-kind")),
    ("REJ-VERSION", "/data/version", lambda: changed(example(), version=2)),
    ("REJ-VERSION", "/data/version", lambda: as_updated(1)),
    ("REJ-ELEMENTS", "/data/elements", lambda: elements(标准="")),
    ("REJ-ELEMENTS", "/data/elements", lambda: elements(流程="  ")),
    ("REJ-USCC", "/data/elements/统一社会信用代码", lambda: elements(统一社会信用代码="119999000000000199")),
    ("REJ-CHANNEL", "/data/channels", lambda: changed(example(), channels=["政府网站", "广播电视"])),
    ("REJ-CHANNEL", "/data/channels", lambda: changed(example(), channels=["两微一端"])),
    ("REJ-CHANNEL", "/data/channels", lambda: changed(normative(), channels=["政府网站"])),
    ("REJ-AUDIENCE", "/data/audience", lambda: changed(example(), audience="特定群体")),
    ("REJ-AUDIENCE", "/data/channels", lambda: changed(service_message(), channels=["公开查阅点"])),
    ("REJ-MODE", "/data/disclosure_attr", lambda: changed(example(), disclosure_attr="依申请公开")),
    ("REJ-SECRET", "/data/disclosure_attr", lambda: changed(example(), disclosure_attr="不予公开")),
    ("REJ-SECRET", "/data/secrecy_review/result", lambda: secrecy(result="不公开")),
    ("REJ-PENDING", "/data/secrecy_review/result", lambda: secrecy(result="报请确定")),
    ("REJ-REVIEW", "/data/secrecy_review", lambda: without("secrecy_review")),
    ("REJ-REVIEW", "/data/secrecy_review/at", lambda: secrecy(at="2026-03-10T09:36:00+08:00")),
    ("REJ-REVIEW", "/data/sign_offs", lambda: unsigned(example(), 3)),
    ("REJ-REVIEW", "/data/sign_offs", lambda: unsigned(example(), 0, 1, 2, 3, 4, 5)),
    ("REJ-REVIEW", "/data/sign_offs", lambda: changed(example(), body="改动后的正文")),
    ("REJ-REVIEW", "/data/sign_offs", lambda: changed(example(), attachments=[])),
    ("REJ-REVIEW", "/data/sign_offs", lambda: sign_off(2, person="mzj-101")),
    ("REJ-REVIEW", "/data/sign_offs", lambda: sign_off(4, at="2026-03-09T10:05:00+08:00")),
    ("REJ-REVIEW", "/data/sign_offs", lambda: sign_off(5, at="2026-03-10T09:36:00+08:00")),
    ("REJ-CONFIRM", "/data/co_issuers", lambda: changed(example(), co_issuers=[{"dept": "czj"}])),
    ("REJ-CONFIRM", "/data/coordination", lambda: changed(
        example(), coordination=[{"dept": "czj", "confirmed_at": "2026-03-11T00:00:00+08:00"}])),
    ("REJ-DOCNO", "/data/docno", lambda: changed(normative(), docno=None)),
    ("REJ-DOCNO", "/data/docno", lambda: changed(normative(), docno="示政发〔26〕5号")),
    ("REJ-DOCNO", "/data/docno", lambda: changed(normative(), docno="示政发〔2027〕5号")),
    ("REJ-DOCNO", "/data/docno", lambda: changed(example(), docno="示民发〔2026〕5号")),
    ("DOCNO-FIX", "/data/docno", lambda: changed(normative(), docno="示政发[2026]第5号")),
    ("DOCNO-YEAR", "/data/docno", lambda: changed(normative(), docno="示政发〔2025〕5号")),
    ("REJ-LINK", "/data/links", lambda: changed(normative(), links=[])),
    ("REJ-LINK", "/data/links", lambda: changed(example(), links=[{"rel": "nonsense", "target": "mzj/1"}])),
    ("REJ-LINK", "/data/links", lambda: changed(example(), links=[{"rel": "follows", "target": "mzj/1"}] * 31)),
    ("REJ-DATE", "/data/dates", lambda: changed(example(), dates={})),
    ("REJ-DATE", "/data/dates", lambda: dates(normative(), effective=None)),
    ("REJ-DATE", "/data/dates/obtained", lambda: dates(example(), obtained="2026-03-11")),
    ("REJ-DATE", "/data/dates/expires", lambda: dates(normative(), expires="2026-03-31")),
    ("REJ-TITLE", "/data/title", lambda: notice(LONG)),
    ("REJ-TITLE", "/data/title", lambda: notice(LONG, short_title=LONG[:33])),
    ("REJ-BACKFILL", "/data/published_on", lambda: changed(example(), published_on="2020-01-01")),
    ("REJ-BACKFILL", "/data/published_on", lambda: changed(backfill(), published_on=None)),
    ("REJ-BACKFILL", "/data/published_on", lambda: changed(backfill(), published_on="2024-01-01")),
    ("REJ-LINK", "/data/links", lambda: changed(example(), links=[{"rel": "follows", "target": "javascript:1"}])),
    ("REJ-LINK", "/data/links", lambda: changed(example(), links=[{"rel": "follows", "target": "mzj/一"}])),
    ("REJ-CONFIRM", "/data/co_issuers", lambda: changed(
        example(), co_issuers=[{"dept": "nobody", "confirmed_at": "2026-03-09T00:00:00+08:00"}])),
    ("REJ-CONFIRM", "/data/co_issuers", lambda: changed(
        example(), co_issuers=[{"dept": "mzj", "confirmed_at": "2026-03-09T00:00:00+08:00"}])),
    ("REJ-ELEMENTS", "/data/body", lambda: final_accounts("一、收支总表\n本年部门整体绩效管理情况良好。")),
    ("REJ-ELEMENTS", "/data/body", lambda: final_accounts("一、收支总表\n部门整体绩效管理情况良好。")),
    ("REJ-ELEMENTS", "/data/body", lambda: final_accounts("部门整体绩效管理情况" + "一、二、" * 20)),
    ("REJ-ELEMENTS", "/data/elements", lambda: random_inspection(检查人员选派情况=" ")),
    ("REJ-USCC", "/data/elements/供应商统一社会信用代码", lambda: elements(
        供应商统一社会信用代码="119999000000000199")),
    ("REJ-USCC", "/data/elements/甲~1乙~0统一社会信用代码", lambda: elements(
        **{"甲/乙~统一社会信用代码": "119999000000000199"})),
    ("REJ-ORGCODE", "/data/elements/组织机构代码", lambda: elements(组织机构代码="00001434A")),
    ("DOC-INWARD", "/data/title", lambda: notice("关于调整临时救助标准的请示")),
    ("DOC-INWARD", "/data/title", lambda: notice("关于临时救助工作情况的报告（摘要）")),
    ("DOC-INWARD", "/data/title", lambda: notice("市民政局办公会议纪要")),
    ("TITLE-FORM", "/data/title", lambda: guide("示例市民政局公开指南")),
    ("INDEX-FORM", "/data/index_no", lambda: changed(example(), index_no="2026第5号")),
    ("INDEX-FORM", "/data/index_no", lambda: changed(example(), index_no="119999000000000199/2026-00005")),
    ("INDEX-FORM", "/data/index_no", lambda: changed(example(), index_no="00001434A/2026-00005")),
    ("TOPIC-UNKNOWN", "/data/topic", lambda: changed(example(), topic="民政")),
    ("TOPIC-UNKNOWN", "/data/topic", lambda: changed(example(), topic="综合政务\\天气")),
    ("FIVE-OPEN", "/data/five_open", lambda: changed(example(), five_open="决策")),
    ("VALIDITY", "/data/dates/expires", lambda: dates(normative(), expires="2031-04-02")),
    ("VALIDITY", "/data/dates/expires", lambda: dates(normative(), expires=None)),
    ("VALIDITY", "/data/dates/expires", lambda: signed(changed(normative(), title="示例市临时救助暂行办法"))),
    ("TX-03", "/data/annotation", lambda: changed(example(), annotation="（此件依申请公开）")),
    ("TX-03", "/data/annotation", lambda: changed(example(), annotation="[此件不予公开]")),
    ("TX-03", "/data/body", lambda: signed(changed(example(), body="正文。\n(此件依申请公开)\n"))),
    ("REJ-LATE", "/data/dates", lambda: dates(example(), obtained="2026-02-12")),
    ("CALENDAR-GAP", "/data/dates", lambda: dates(envelope(example(), {"time": "2026-12-30T09:00:00+08:00"}),
                                                   obtained="2026-12-29")),
]  # fmt: skip


def test_what_all_the_changes_start_from_is_accepted_without_a_word() -> None:
    for event in (example(), normative(), backfill(), service_message(), example("publication.updated")):
        assert judged(event) == judged(event)
        assert (judged(event).outcome, judged(event).findings) == ("accepted", ())


@pytest.mark.parametrize(("rule", "place", "make"), FIRES, ids=[f"{n}-{one[0]}" for n, one in enumerate(FIRES)])
def test_a_reason_fires_where_it_must(rule: str, place: str, make: Callable[[], Event]) -> None:
    given = judged(make())
    found = [one for one in given.findings if (one.rule, one.place) == (rule, place)]
    assert found, given.findings
    assert given.outcome == ("accepted" if found[0].severity == "warn" and len(given.findings) == 1 else "rejected")
    assert all(text and "—" not in text for one in found for text in (one.message.zh, one.remedy.zh, one.message.en))


NEXT_TO_IT: list[Callable[[], Event]] = [
    lambda: elements(统一社会信用代码="119999000000000198"),
    lambda: changed(example(), channels=["政府网站"]),
    lambda: sign_off(1, person="mzj-101"),
    lambda: changed(example(), co_issuers=[{"dept": "czj", "confirmed_at": "2026-03-09T00:00:00+08:00"}]),
    lambda: changed(normative(), docno="示例市人民政府令第5号"),
    lambda: changed(example(), links=[{"rel": "follows", "target": "mzj/1"}] * 30),
    lambda: dates(normative(), expires="2026-04-01"),
    lambda: notice(LONG[:32]),
    lambda: notice(LONG, short_title=LONG[:32]),
    lambda: changed(notice(LONG), channels=["政府网站"]),
    lambda: changed(backfill(), published_on="2023-12-31"),
    lambda: dates(example(), obtained="2026-02-25"),
    lambda: secrecy(result="部分公开"),
    lambda: changed(backfill(), dates={"obtained": "2010-01-04"}),
    lambda: final_accounts("一、收支总表\n（二）部门整体绩效管理情况说明\n绩效良好。"),
    lambda: final_accounts("## 第三部分 部门整体绩效管理情况\n绩效良好。"),
    random_inspection,
    lambda: guide("示例市民政局政府信息公开指南"),
    lambda: elements(组织机构代码="00001434-9"),
    lambda: notice("关于调整临时救助标准请示的批复"),
    lambda: notice("关于上报情况的通知（附报告）"),
    lambda: changed(example(), index_no="11441700007280420Y/2021-00050"),
    lambda: changed(example(), index_no="000014349/2017-00110"),
    lambda: changed(example(), index_no="01527918X-2020-153077"),
    lambda: changed(example(), topic="综合政务\\政务公开"),
    lambda: changed(example(), topic="民政、扶贫、救灾"),
    lambda: signed(
        changed(
            normative(),
            title="示例市临时救助试行办法",
            dates={"formed": "2026-03-02", "effective": "2026-04-01", "expires": "2028-04-01"},
        )
    ),
    *(
        lambda mark=mark: changed(example(), annotation=mark)
        for mark in (  # type: ignore[misc]
            "（此件公开发布）",
            "(此件公开发布)",
            "此件删减后公开",
            "〔此件公开发布〕",
            "【此件主动公开】",
            "联系人另告",
        )
    ),
    lambda: signed(changed(example(), body="此件依申请公开的规定另行通知。\n（此件公开发布）")),
]


@pytest.mark.parametrize("make", NEXT_TO_IT)
def test_what_is_right_beside_it_is_left_alone(make: Callable[[], Event]) -> None:
    assert rules_of(judged(make())) == []


@pytest.mark.parametrize(
    ("late_by", "found"),
    [
        (timedelta(hours=24), []), (timedelta(hours=24, seconds=1), ["REJ-TIME"]), (timedelta(minutes=-5), []),
        (timedelta(minutes=-5, seconds=-1), ["REJ-TIME"]),
    ],
)  # fmt: skip
def test_an_events_time_lies_at_most_a_day_before_and_five_minutes_after_its_arrival(
    late_by: timedelta, found: list[str]
) -> None:
    assert rules_of(judged(example(), late_by)) == found
    assert rules_of(judged(example("publication.withdrawn"), late_by)) == found
    assert rules_of(judged(example("register.recorded"), late_by)) == found
    assert rules_of(judged(backfill(), late_by)) == []


def test_lateness_is_counted_by_days_of_shanghai_and_accepted() -> None:
    event = dates(example(), obtained="2026-02-25")
    assert judged(event).dues[0].due.isoformat() == "2026-03-10"
    last = envelope(event, {"time": "2026-03-10T15:59:59+00:00"})
    over = envelope(event, {"time": "2026-03-10T16:00:00+00:00"})
    assert rules_of(judged(last, timedelta(0))) == []
    assert (judged(over, timedelta(0)).outcome, rules_of(judged(over, timedelta(0)))) == ("accepted", ["REJ-LATE"])


def test_a_successor_speaks_for_whom_it_succeeded_and_nobody_else_does() -> None:
    words = {"事项": "一", "发布机关": "二", "联系方式": "三"}
    event = changed(
        example(), item="01-06", kind="notice", responsible_dept="lvyj", channels=["政府网站"], elements=words,
        dates={"formed": "2026-03-09"}, five_open=pack().row["01-06"].five_open,
    )  # fmt: skip
    event["subject"] = "lvyj/2018-7"
    heir = envelope(event, {"source": "/departments/wlj"})
    assert rules_of(judged(heir)) == []
    assert rules_of(judged(envelope(event, {"source": "/departments/jyj"}))) == ["REJ-AUTHORITY"] * 2
    assert "REJ-AUTHORITY" in rules_of(judged(envelope(event, {"source": "/departments/lvyj"})))


def test_a_withdrawal_needs_authority_and_a_row_that_ever_was() -> None:
    event = example("publication.withdrawn")
    given = judged(event)
    assert (given.outcome, given.version, given.title) == ("accepted", 2, event["data"]["notice"])
    assert rules_of(judged(envelope(event, {"source": "/departments/jyj"}))) == ["REJ-AUTHORITY"]
    assert rules_of(judged(changed(event, item="99-99"))) == ["REJ-NOITEM"]


def override(rule: str, excerpt: str) -> dict[str, Any]:
    digest = hashlib.sha256(excerpt.encode()).hexdigest()
    return {"rule": rule, "excerpt_sha256": digest, "reason": "已由主管领导核定", "by": "mzj-301"}


def test_an_error_may_be_answered_for_and_a_block_never() -> None:
    missing = elements(标准="")
    answered = judged(changed(missing, overrides=[override("REJ-ELEMENTS", "标准"), override("REJ-LATE", "x")]))
    assert (answered.outcome, [one.overridden for one in answered.findings]) == ("accepted", [True])
    assert [one.rule for one in answered.overrides] == ["REJ-ELEMENTS"]
    for wrong in (override("REJ-ELEMENTS", "流程"), override("REJ-CHANNEL", "标准")):
        assert judged(changed(elements(标准=""), overrides=[wrong])).outcome == "rejected"
    blocked = changed(secrecy(result="不公开"), overrides=[override("REJ-SECRET", "不公开")])
    assert judged(blocked).outcome == "rejected"


def test_severity_is_the_kinds_where_it_says_so() -> None:
    kinds = tuple(
        kind.model_copy(update={"severity": {"REJ-ELEMENTS": "warn"}}) if kind.name == "relief-guide" else kind
        for kind in pack().kinds
    )
    milder = replace(pack(), kinds=kinds)
    given = judged(elements(标准=""), by=milder)
    assert (given.outcome, given.findings[0].severity) == ("accepted", "warn")


def test_one_person_at_a_level_may_be_forbidden() -> None:
    city = pack().city.model_copy(update={"one_person_a_level": False})
    strict = replace(pack(), city=city)
    assert rules_of(judged(example(), by=strict)) == []
    assert rules_of(judged(sign_off(1, person="mzj-101"), by=strict)) == ["REJ-REVIEW"]


def test_a_kind_may_ask_for_fewer_sign_offs() -> None:
    event = signed(changed(
        envelope(example(), {"source": "/departments/sthj", "subject": "sthj/aqi-1"}), item="09-01", kind="air-quality",
        responsible_dept="sthj", channels=MEDIA, dates={"obtained": "2026-03-10"}, five_open="管理",
        elements={"空气质量指数": "42", "首要污染物": "无", "监测站点": "示例站", "监测时间": "2026-03-10 09:00"},
    ))  # fmt: skip
    assert rules_of(judged(unsigned(event, 2, 3, 4, 5))) == []
    assert rules_of(judged(unsigned(event, 0))) == ["REJ-REVIEW"]


def test_several_things_wrong_are_all_named_in_one_answer() -> None:
    event = changed(elements(标准=""), channels=["广播电视"], secrecy_review=None)
    assert rules_of(judged(event)) == ["REJ-ELEMENTS", "REJ-CHANNEL", "REJ-REVIEW"]


def test_missing_elements_are_listed() -> None:
    event = changed(example(), elements={"事项": "临时救助"})
    message = judged(event).findings[0].message
    assert "条件、标准、材料、流程、办理时间地点、联系方式" in message.zh
    assert "条件、标准" in message.en


def test_of_many_wrong_codes_the_first_twenty_are_told() -> None:
    given = judged(elements(**{f"第{number}家统一社会信用代码": "119999000000000199" for number in range(50)}))
    assert sum(one.rule == "REJ-USCC" for one in given.findings) == 20


def test_what_a_verdict_may_hold_is_bounded_and_findings_are_masked() -> None:
    given = judged(changed(normative(), docno="联系13812345678"))
    found = next(one for one in given.findings if one.rule == "REJ-DOCNO")
    assert found.excerpt == "联系138****5678"
    assert given.title is None
    assert given.links == ()
    many = changed(example(), channels=[f"渠道{n}" * 20 for n in range(400)])
    assert all(len(one.model_dump_json()) < 4_000 for one in judged(many).findings)


def test_a_hostile_name_of_a_department_names_none() -> None:
    given = judged(changed(envelope(example(), {"source": "/departments/" + "x" * 180}), responsible_dept="没有"))
    assert (given.outcome, given.dept) == ("rejected", None)


def test_every_reason_of_the_judge_has_its_test() -> None:
    tested = {rule for rule, _, _ in FIRES} | {"REJ-TIME"}
    here = {reason.value for reason in Reason if TEXTS[reason].where == "judge"}
    elsewhere = {code for code in here if code.startswith(("TX-", "REG-"))} - {"TX-03"}
    assert here - elsewhere == tested
    assert len(set(RULES)) == len(RULES)


def test_what_must_be_public_ahead_of_an_event_may_name_its_day_to_come_or_not_at_all() -> None:
    row = pack().row["07-01"]
    limit = TimeLimit(trigger="decided", way="before", raw="决策前公开，征集期不少于7日", min_display=(7, "CD"))
    early = row.model_copy(update={"time_limit": limit})
    ahead = replace(pack(), rows=tuple(early if one is row else one for one in pack().rows))
    unknown = judged(dates(example(), formed="2026-03-05"), by=ahead)
    assert (rules_of(unknown), unknown.dues) == ([], ())
    known = judged(dates(example(), decided="2026-03-27"), by=ahead)
    assert (rules_of(known), [due.due for due in known.dues]) == ([], [date(2026, 3, 19)])
    late = judged(dates(example(), decided="2026-03-12"), by=ahead)
    assert rules_of(late) == ["REJ-LATE"]
    assert rules_of(judged(dates(example(), decided="2026-03-27", formed="2026-03-20"), by=ahead)) == ["REJ-DATE"]


def test_what_waited_for_its_minute_may_be_older_than_a_day_and_nothing_else_may() -> None:
    event = example()
    minute = (datetime.fromisoformat(event["time"]) + timedelta(days=3)).isoformat()
    held = changed(event, release_at=minute)
    assert "REJ-TIME" not in rules_of(judged(held, minute))
    assert "REJ-TIME" in rules_of(judged(held, timedelta(days=4)))
