"""Citizens and clerks go through the whole way of matters: door, judge, query, pages, count; and again after a kill."""

from __future__ import annotations

import json
import os
import re
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bus.settings import Settings
from bus.store.rebuilding import HEAD, read_to_end
from bus.supervise import Supervisor
from schemas.topics import DUTIES, LINKS, PORTAL_FEED, REJECTIONS, VERDICTS
from tests.journeys.casework import Clerk, citizens, hand_in, sent, shown
from tests.journeys.city import PATIENCE, command
from tests.support import events
from tests.support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

LEAD, ACCOUNT = "zfb", "wechat-city"
CHAIN = {"公布决策依据", "公布决策草案及说明", "开始征求意见", "公布意见采纳情况"}
"""The four links that a decision's chain must have."""
ALMOST_A_DAY = timedelta(hours=23, minutes=58)
"""As old as an event may be with two minutes to spare: its day is over, or will be in two minutes."""
BEIJING = timedelta(hours=8)
PERSON = {"name": "示例居民", "phone": "0999-6000123", "email": "resident@example.com"}
REPLY = "经现场核实，示例路12号路灯线路老化，已于今日更换并恢复照明。依据《城市照明管理规定》第二十条办理。"


@pytest.mark.feature("4-24", "4-42")
def test_a_letter_is_taken_passed_on_answered_rated_and_closed_before_its_writer_s_eyes(city: Settings) -> None:
    letter = hand_in(
        city, "letters", mailbox="mayor", kind="求助", title="示例路路灯连续多日不亮请尽快维修",
        body="自本月初起，示例路12号门前的路灯每晚都不亮，居民夜间出行不便，请派人检查维修。", **PERSON,
    )  # fmt: skip
    assert letter.number.startswith("M")
    assert len(letter.code) == 10 and letter.code.isdecimal()
    subject = f"{LEAD}/{letter.number}"
    lead, handler = Clerk(city, LEAD), Clerk(city, "zjj")
    letter.shows("待审查")
    wrong = letter.asked("0" * 10 if letter.code != "0" * 10 else "1" * 10)
    assert wrong.status_code == 404

    skipped = lead.takes("complaint", subject, "assigned", dept="zjj")
    assert skipped["state"] == "rejected"
    assert [finding["rule"] for finding in skipped["findings"]] == ["SM-ILLEGAL"]
    lead.does("complaint", subject, "accepted")
    letter.shows("已受理")
    lead.does("complaint", subject, "assigned", dept="zjj")
    letter.shows("已转办")
    handler.does("complaint", subject, "taken-up")
    letter.shows("办理中")
    lead.does("complaint", subject, "supervised", demand="请尽快到现场核实并答复")
    handler.does("complaint", subject, "replied", reply=REPLY, result="已更换线路并恢复照明")
    told = letter.shows("已答复")
    assert REPLY in json.dumps(told["replies"], ensure_ascii=False)
    lead.does("complaint", subject, "rated", rating="满意")
    letter.shows("已评价")
    lead.does("complaint", subject, "closed")
    end = letter.shows("已办结")
    assert end["ended"] is True
    assert [step["step_name"] for step in end["steps"]] == [
        "提交来信", "受理", "转办", "签收办理", "督办", "答复", "评价", "办结",
    ]  # fmt: skip
    assert lead.sees(subject)["state"] == "CLOSED"


@pytest.mark.feature("4-44")
def test_a_request_takes_six_logged_steps_and_none_can_be_skipped(city: Settings) -> None:
    request = hand_in(
        city, "foi-requests", applicant="自然人", way="互联网", form_wanted="电子文本", title="示例路路灯维修记录",
        body="申请公开示例路今年以来的路灯维修记录。", identity="居民身份证 示例0001", address="示例市示例路12号",
        **PERSON,
    )  # fmt: skip
    subject, lead, handler = f"{LEAD}/{request.number}", Clerk(city, LEAD), Clerk(city, "zjj")
    request.shows("待确认")
    day = today()
    lead.does("foi-request", subject, "confirmed", received_on=day, agreed_on=day)
    lead.does("foi-request", subject, "registered", reg_no="依申请2026第1号")
    skipped = lead.takes("foi-request", subject, "replied", **granted())
    assert skipped["state"] == "rejected"
    (finding,) = skipped["findings"]
    assert finding["rule"] == "SM-ILLEGAL"
    assert "答复" in finding["message"]["zh"]
    assert "转办" in finding["message"]["zh"]

    lead.does("foi-request", subject, "assigned", dept="zjj")
    handler.does("foi-request", subject, "drafted", outcome="granted", statute="《政府信息公开条例》第三十六条第二项")
    lead.does("foi-request", subject, "audited", audit_result="同意按拟办意见答复")
    lead.does("foi-request", subject, "replied", **granted())
    lead.does("foi-request", subject, "archived", library="否", case_outcome="granted",
              case_statute="《政府信息公开条例》第三十六条第二项")  # fmt: skip
    end = request.shows("已归档")
    assert [step["step_name"] for step in end["steps"]] == [
        "提交申请", "确认收到", "登记", "转办", "拟办", "审核", "答复", "归档",
    ]  # fmt: skip
    assert [step["step"] for step in lead.sees(subject)["steps"]] == [
        "submitted", "confirmed", "registered", "assigned", "drafted", "audited", "replied", "archived",
    ]  # fmt: skip


def granted() -> dict[str, Any]:
    """A reply that gives what was asked for."""
    return {
        "outcome": "granted", "reply_no": "公开办〔2026〕1号-告", "statute": "《政府信息公开条例》第三十六条第二项",
        "where": "随本答复以电子文本提供", "remedies": "如不服本答复，可在六十日内申请行政复议，或者提起行政诉讼。",
    }  # fmt: skip


@pytest.mark.feature("0-14", "1-18")
def test_comments_from_the_portal_and_an_account_are_one_pool_each_once(city: Settings) -> None:
    clerk, subject, now = Clerk(city, "fgw"), "fgw/consultation-pool", datetime.now(UTC)
    opened(clerk, subject, "示例市公共照明提升办法（征求意见稿）", now, 40)
    receipt = hand_in(city, "comments", consultation=subject, body="建议增加老旧小区的照明。", **PERSON)
    at = datetime.now(UTC)
    first, again = (account(city, subject, "pool-1", "建议公布维修电话。", at) for _ in range(2))
    assert first.status_code == again.status_code == 202
    assert first.json()["id"] == again.json()["id"]
    assert len(receipt.code) == 10
    receipt.shows("征集中")
    eventually(lambda: commented(clerk.sees(subject)) == 2, PATIENCE, "two comments")
    address = f"{city.url_of('gateway')}/v1/matters/{subject}/personal"
    papers = httpx.get(address, headers=clerk.bearer, timeout=30).raise_for_status().json()["papers"]
    assert Counter((paper["source"], paper["texts"]["body"]) for paper in papers) == {
        ("/portal", "建议增加老旧小区的照明。"): 1, (f"/accounts/{ACCOUNT}", "建议公布维修电话。"): 1,
    }  # fmt: skip
    text = shown(city, f"/matters/{subject}", "征集中")
    assert PERSON["phone"] not in text


def commented(view: dict[str, Any]) -> int:
    """How many comments a department sees of its consultation."""
    return sum(step["step"] == "commented" for step in view["steps"])


def account(city: Settings, subject: str, foreign: str, body: str, at: datetime) -> httpx.Response:
    """The city's account passes a comment on."""
    form = {"consultation": subject, "channel": ACCOUNT, "foreign_id": foreign, "at": at.isoformat(), "body": body}
    return httpx.post(f"{citizens(city)}/comments", json=form, headers=Clerk(city, LEAD).bearer, timeout=30)


def opened(clerk: Clerk, subject: str, title: str, at: datetime, days: int) -> None:
    """A consultation begins, and ends at the end of a day."""
    data = {
        "title": title, "explanation": "为改善夜间出行条件起草。", "starts_on": day_of(at),
        "ends_on": day_of(at + timedelta(days=days)), "ways": ["电话", "电子邮件", "网上"],
        "fields": {"type": "其他", "modes": "网络征集", "draft": "草案附后", "basis_text": "《城市照明管理规定》"},
    }  # fmt: skip
    view = clerk.opens("consultation", subject, data, at)
    assert view["state"] == "accepted", view


@pytest.mark.feature("0-14")
def test_a_comment_after_the_end_is_told_the_end_and_the_feedback_adds_up(city: Settings) -> None:
    clerk, subject, now = Clerk(city, "fgw"), "fgw/consultation-over", datetime.now(UTC)
    began = now - ALMOST_A_DAY
    opened(clerk, subject, "示例市夜间照明规划（征求意见稿）", began, 0)
    within, ids = began + timedelta(seconds=1), []
    for number in range(3):
        sent_one = account(city, subject, f"over-{number}", f"建议{number}：增加照明。", within)
        assert sent_one.status_code == 202
        ids.append(sent_one.json()["id"])
    eventually(lambda: clerk.sees(subject)["state"] == "CLOSED", 3 * PATIENCE, "the period ends by itself")
    ended = {"accepted", "rejected"}
    eventually(lambda: all(account_sees(city, one)["state"] in ended for one in ids), PATIENCE, "three are judged")
    taken = [account_sees(city, one)["state"] for one in ids].count("accepted")  # the clock may have been faster
    eventually(lambda: commented(clerk.sees(subject)) == taken, PATIENCE, f"{taken} comments")

    late = account(city, subject, "over-late", "迟到的意见。", datetime.now(UTC)).json()["id"]
    (finding,) = refused(city, late, f"/accounts/{ACCOUNT}")
    assert finding["rule"] == "DEC-02E"
    assert day_of(began) in finding["message"]["zh"]
    by_portal = sent(city, "comments", consultation=subject, body="来晚了的意见。", **PERSON)
    assert by_portal.status_code == 422
    assert day_of(began) in by_portal.json()["zh"]

    numbers: dict[str, Any] = {
        "received": str(taken),
        "adopted": "0",
        "partly": "0",
        "refused": "0",
        "reasons": "与现行规定不一致。",
    }
    wrong = clerk.takes("consultation", subject, "analysed", unrelated=str(taken + 1), **numbers)
    assert [finding["rule"] for finding in wrong["findings"]] == ["DEC-11S"]
    clerk.does("consultation", subject, "analysed", unrelated=str(taken), **numbers)
    clerk.does("consultation", subject, "feedback-published")
    text = shown(city, f"/matters/{subject}", "已反馈")
    said = dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", text))
    outcomes = [int(said[name]) for name in ("采纳", "部分采纳", "未采纳", "与征集事项无关")]
    assert sum(outcomes) == int(said["收到意见数"]) == taken


def account_sees(city: Settings, event_id: str) -> dict[str, Any]:
    """What the lead office sees of an account's event."""
    address, params = f"{city.url_of('gateway')}/v1/events/{event_id}", {"source": f"/accounts/{ACCOUNT}"}
    found = httpx.get(address, params=params, headers=Clerk(city, LEAD).bearer, timeout=30).raise_for_status()
    view: dict[str, Any] = found.json()
    return view


def refused(city: Settings, event_id: str, source: str) -> list[dict[str, Any]]:
    """What was found against an event of a source that the lead office sees."""
    address, lead = f"{city.url_of('gateway')}/v1/events/{event_id}", Clerk(city, LEAD)

    def found() -> list[dict[str, Any]] | None:
        view = httpx.get(address, params={"source": source}, headers=lead.bearer, timeout=30).raise_for_status().json()
        return view["findings"] if view["state"] == "rejected" else None

    findings = eventually(found, PATIENCE, f"{event_id} is refused")
    assert findings is not None
    return findings


def test_a_decision_s_page_names_the_link_that_is_missing(city: Settings) -> None:
    clerk, subject, now = Clerk(city, "fgw"), "fgw/decision-chain", datetime.now(UTC)
    view = clerk.opens("matter", subject, {
        "lifecycle": "decision", "title": "示例市供暖价格调整方案", "lead_dept": "fgw", "at": now.isoformat(),
        "fields": {"scope": "重大公共政策", "catalogued": "是"},
    })  # fmt: skip
    assert view["state"] == "accepted", view["findings"]
    for step, fields in (
        ("started", {"approved_by": "示例市人民政府"}), ("basis-published", {}), ("draft-published", {}),
        ("legality-sent", {}), ("legality-passed", {"opinion_no": "1号"}),
    ):  # fmt: skip
        clerk.does("matter", subject, step, **fields)
    view = clerk.does("matter", subject, "discussed")
    assert "CHAIN-GAP-FEEDBACK" in {finding["rule"] for finding in view["findings"]}
    text = shown(city, f"/matters/{subject}", "已集体讨论", "缺失")
    links = dict(re.findall(r"<li><p><b>([^<]+)</b>(.*?)</p>", text))
    assert {name: "缺失" in words for name, words in links.items() if name in CHAIN} == {
        "公布决策依据": False, "公布决策草案及说明": False, "开始征求意见": True, "公布意见采纳情况": True,
    }  # fmt: skip
    assert "缺失：没有公布意见采纳情况。" in text
    assert "{" not in text.partition("<article>")[2]


@pytest.mark.feature("0-16")
def test_a_hot_spot_counts_down_on_the_board_and_its_answer_stands_there(city: Settings) -> None:
    lead, subject, title, now = Clerk(city, LEAD), f"{LEAD}/hot", "网民反映示例路夜间照明不足", datetime.now(UTC)
    view = lead.opens("matter", subject, {
        "lifecycle": "hot-spot", "title": title, "lead_dept": LEAD, "at": now.isoformat(),
        "fields": {"found_at": (now - timedelta(hours=1)).isoformat(), "source": "论坛"},
    })  # fmt: skip
    assert view["state"] == "accepted", view["findings"]
    running = shown(city, "/matters/board", title).partition("已经回应")[0]
    assert re.search(r"政务舆情回应：还剩 4[56] 小时", running)
    lead.does("matter", subject, "verified", level="一般", involves="涉及公众切身利益")
    lead.does("matter", subject, "assigned", responsible="zjj")
    Clerk(city, "zjj").does("matter", subject, "responded", form="权威发布", response="路灯线路已于今日全部更换。")
    answered = shown(city, "/matters/board", "路灯线路已于今日全部更换。")
    assert "政务舆情回应：已完成，按期" in answered
    lead.does("matter", subject, "settled", outcome="已全部更换")
    lead.does("matter", subject, "responded", form="网上答复", response="示例路夜间照明已经恢复，欢迎监督。")
    ended = shown(city, "/matters/board", "示例路夜间照明已经恢复，欢迎监督。").partition("已经回应")[2]
    assert title in ended
    assert "政务舆情回应：已完成，按期" in ended


def test_nothing_is_lost_or_said_twice_by_a_kill_and_a_rebuild(city: Settings) -> None:
    supervisor, clerk = Supervisor(city), Clerk(city, "fgw")
    assert counted(city)["gap"] == 0
    sent_ids = [hot_spot(clerk, number) for number in range(6)]
    os.kill(supervisor.pids()["matters"], signal.SIGKILL)
    sent_ids += [hot_spot(clerk, number) for number in range(6, 12)]
    eventually(lambda: all(clerk.known(one)["state"] == "accepted" for one in sent_ids), 2 * PATIENCE, "all are judged")
    assert counted(city)["gap"] == 0

    supervisor.stop_program("matters")
    before = said(city)
    done = command(city, "rebuild", "matters", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["to_send"] == 0
    supervisor.start_program("matters")
    assert counted(city)["gap"] == 0
    after = said(city)  # the calendar may have opened a standing duty meanwhile
    assert {one: after[one] for one in before} == before  # a killed relay may have repeated some; a rebuild adds none
    assert {after[one] for one in after - before} <= {1}


def hot_spot(clerk: Clerk, number: int) -> str:
    """A matter begins, and nobody waits for what becomes of it; its event's id."""
    now = datetime.now(UTC).isoformat()
    data = {"lifecycle": "hot-spot", "title": f"网民反映第{number}处路灯不亮", "lead_dept": "fgw", "at": now,
            "fields": {"found_at": now, "source": "论坛"}}  # fmt: skip
    event = events.event("matter", "opened", "fgw", "", data, at=datetime.now(UTC), subject=f"fgw/kill-{number}")
    assert clerk.post(event).status_code == 202
    return str(event["id"])


def counted(city: Settings) -> dict[str, Any]:
    """What reconcile counts, once nothing is on its way."""

    def found() -> dict[str, Any] | None:
        done = command(city, "reconcile", "--json")
        count: dict[str, Any] = json.loads(done.stdout)
        return count if done.returncode == 0 and not count["in_flight"] and not count["waiting"] else None

    count = eventually(found, 2 * PATIENCE, "a count without anything on its way")
    assert count is not None
    return count


def said(city: Settings) -> Counter[tuple[str, str]]:
    """Every record that matters wrote, by topic and id, and how often it is there."""
    return Counter(
        (topic.name, record.gk_id or "")
        for topic in (VERDICTS, REJECTIONS, LINKS, DUTIES, PORTAL_FEED)
        for some in read_to_end(city, topic)
        for record in some
        if HEAD.decode(record.value or b"{}").source == "/engine/matters"
    )


def today() -> str:
    """This day in the city."""
    return day_of(datetime.now(UTC))


def day_of(at: datetime) -> str:
    """The day in the city."""
    return (at + BEIJING).date().isoformat()
