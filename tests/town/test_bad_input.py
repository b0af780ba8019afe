"""Steps that are wrong: each is answered in one clear sentence at the door, changes nothing, and nothing is lost."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import Any

from schemas.topics import JUDGED
from tests.support.events import JsonObject, event
from tests.town.town import Town

KEY = "zfb/2026-5"
REPLY = "经现场核实，路灯线路老化，已于今日更换并恢复照明。依据《城市照明管理规定》第二十条办理。"
PHRASES = "您好，来信收悉。感谢您对我们工作的关心和支持，已转相关部门办理，请您耐心等待，祝您生活愉快。"


def test_a_step_for_a_matter_nobody_knows(city: Town) -> None:
    told = wrong(city, "accepted")
    assert told == {"SM-UNKNOWN": "没有编号为“zfb/2026-5”的事项，不能办理“accepted”。"}


def test_a_step_twice_out_of_order_and_of_the_wrong_department(city: Town) -> None:
    letter(city)
    city.does(KEY, "accepted", family="complaint")
    assert list(wrong(city, "accepted")) == ["SM-ILLEGAL"]
    (told,) = wrong(city, "closed").values()
    assert "已受理" in told and "转办" in told
    (told,) = wrong(city, "assigned", dept="czj", fields={"dept": "zjj"}).values()
    assert told.startswith("“转办”应由")
    again = city.stepping(KEY, "assigned", family="complaint")
    again["data"]["fields"] = {"dept": "zjj"}
    first, before = city.send(again), len(city.log)
    assert city.caller("zfb").post(again).json()["outcome"] == "repeated"
    city.carry()
    assert (first["state"], len(city.log)) == ("accepted", before), "a repeat is the first answer again"
    changed = {**again, "data": {**again["data"], "fields": {"dept": "jtj"}}}
    assert city.caller("zfb").post(changed).json()["code"] == "ID-REUSED"


def test_a_step_dated_ahead_or_before_its_cause_is_refused_and_a_back_dated_one_flagged(city: Town) -> None:
    letter(city)
    city.clock.pass_(timedelta(hours=2))
    began = city.clock.now
    city.does(KEY, "accepted", family="complaint")
    city.clock.pass_(timedelta(hours=2))
    (told,) = wrong(city, "assigned", at=city.clock.now + timedelta(hours=1), fields={"dept": "zjj"}).values()
    assert "时间" in told
    (told,) = wrong(city, "assigned", at=began - timedelta(minutes=1), fields={"dept": "zjj"}).values()
    assert re.search("早于它的前一环节“受理”的时间", told)
    assign(city)
    city.clock.pass_(timedelta(days=3))
    late = city.stepping(KEY, "taken-up", family="complaint", dept="zjj", at=city.clock.now - timedelta(days=2))
    view = city.send({**late, "time": city.clock().isoformat()})
    assert (view["state"], [one["rule"] for one in view["findings"]]) == ("accepted", ["SM-BACKDATED"])


def test_a_step_with_a_file_that_another_department_uploaded(city: Town) -> None:
    letter(city)
    file = city.caller("jyj").http.post("/v1/files", params={"name": "a.txt"}, content="附件".encode()).json()
    made = city.stepping(KEY, "accepted", family="complaint")
    made["data"]["attachments"] = [file]
    answer = city.caller("zfb").post(made)
    assert (answer.status_code, answer.json()["code"]) == (422, "ATTACHMENT-FOREIGN")
    assert "附件a.txt不是本单位上传的" in answer.json()["findings"][0]["message"]["zh"]
    city.carry()
    assert city.sees(KEY)["state"] == "SUBMITTED"


def test_a_reply_that_says_nothing_or_holds_a_telephone_number(city: Town) -> None:
    letter(city)
    city.does(KEY, "accepted", family="complaint")
    assign(city)
    city.does(KEY, "taken-up", family="complaint", dept="zjj")
    told = wrong(city, "replied", dept="zjj", fields={"reply": PHRASES})
    assert "答复只有套话，没有实际内容。" in told.values()
    told = wrong(
        city, "replied", dept="zjj", fields={"reply": f"{REPLY}如有疑问请致电13900001111。", "result": "已修复"}
    )
    assert told
    assert not any("13900001111" in sentence for sentence in told.values()), "told masked"
    assert city.sees(KEY, "zjj")["state"] == "HANDLING"


def test_a_request_without_identity_and_a_comment_after_the_end(city: Town) -> None:
    given = city.citizen().hand_in("foi-requests", applicant="自然人", way="互联网", title="路灯维修记录",
                                   body="申请公开示例路今年的路灯维修记录。", name="示例居民")  # fmt: skip
    assert (given.status_code, given.json()["code"]) == (422, "FOI-IDENTITY")
    assert given.json()["zh"].endswith("。")
    data = {
        "title": "征求意见", "explanation": "说明", "starts_on": "2026-09-21", "ends_on": "2026-09-25",
        "ways": ["电话", "电子邮件"],
        "fields": {"type": "其他", "modes": "网络征集", "draft": "草案", "basis_text": "依据"},
    }  # fmt: skip
    city.send(event("consultation", "opened", "jtj", "", data, subject="jtj/C-1"))
    city.until(city.clock.now + timedelta(days=6))
    given = city.citizen().hand_in("comments", consultation="jtj/C-1", body="建议增加班次。")
    assert (given.status_code, given.json()["code"]) == (422, "COMMENT-CLOSED")
    assert "2026-09-25" in given.json()["zh"]


def test_a_pause_that_never_ends_is_asked_about(city: Town) -> None:
    key = request_paused(city)
    assert [one["clock"] for one in city.duties("zfb", state="paused") if one["subject"] == key] == ["reply"]
    waiting = {one["clock"] for one in city.duties("zfb") if one["subject"] == key}
    assert waiting, "what the pause waits for has a day of its own"
    city.until(city.clock.now + timedelta(days=60))
    assert [word for word in city.words("zfb", key) if word.endswith("urged") and not word.startswith("reply ")]


def test_of_all_that_came_in_each_has_one_verdict_and_what_it_became_adds_up(city: Town) -> None:
    letter(city)
    for step in ("accepted", "closed", "flown"):
        city.step(KEY, step, family="complaint")
    asked = {"applicant": "自然人", "form_wanted": "电子文本", "title": "路灯记录", "body": "申请公开路灯维修记录。",
             "name": "示例居民", "identity": "居民身份证 示例0001", "phone": "0999-6000123"}  # fmt: skip
    requests = [city.citizen().hand_in("foi-requests", **asked).json()["number"] for _ in range(2)]
    numbers = [
        city.citizen().letter(body=f"第{n}处路灯连续三晚不亮，请尽快派人维修。").json()["number"] for n in range(3)
    ]
    city.carry()
    taken = {f"{record.topic}/{record.partition}/{record.offset}" for records in city.world.log.values()
             for record in records if record.topic in {topic.name for topic in JUDGED}}  # fmt: skip
    verdicts = Counter("/".join(map(str, one["data"]["origin"].values())) for one in city.told("verdicts"))
    assert verdicts == dict.fromkeys(taken, 1)
    received = {KEY, *(f"zfb/{number}" for number in (*numbers, *requests))}
    states = Counter(city.sees(key, "zfb")["state_name"] for key in received)
    assert states == {"已受理": 1, "待审查": 3, "待确认": 2}
    assert states.total() == len(received)


def letter(city: Town) -> None:
    """A letter by telephone that the lead office takes down."""
    data = {
        "mailbox": "hotline", "kind": "求助", "urgent": False, "submitted_at": city.clock().isoformat(),
        "channel": "hotline", "personal": {"title": "路灯不亮", "body": "示例路路灯连续三晚不亮，请派人维修。"},
    }  # fmt: skip
    view = city.send(event("complaint", "submitted", "zfb", "", data, at=city.clock(), subject=KEY))
    assert view["state"] == "accepted", view["findings"]


def assign(city: Town) -> None:
    made = city.stepping(KEY, "assigned", family="complaint")
    made["data"]["fields"] = {"dept": "zjj"}
    assert city.send(made)["state"] == "accepted"


def wrong(city: Town, step: str, fields: dict[str, str] | None = None, **said: Any) -> dict[str, str]:
    """A step of the letter that is refused and changes nothing: rules and sentences."""
    made: JsonObject = city.stepping(KEY, step, family="complaint", **said)
    made["data"]["fields"] = fields or {}
    made["time"] = city.clock().isoformat()
    before = [matter for matter in city.world.digest().items() if matter[0] == KEY]
    view = city.send(made)
    assert view["state"] == "rejected", view
    assert [matter for matter in city.world.digest().items() if matter[0] == KEY] == before
    told = {finding["rule"]: finding["message"]["zh"] for finding in view["findings"]}
    assert all(sentence.endswith("。") and "{" not in sentence for sentence in told.values()), told
    assert all(finding["remedy"]["zh"] for finding in view["findings"])
    return told


def request_paused(city: Town) -> str:
    """A request whose third party is asked, and never answers."""
    given = city.citizen().hand_in(
        "foi-requests", applicant="自然人", way="互联网", form_wanted="电子文本", title="招标文件",
        body="申请公开示例路改造的招标文件。", name="示例居民", identity="居民身份证 示例0001", phone="0999-6000123",
    )  # fmt: skip
    assert given.status_code == 201, given.text
    city.carry()
    key = f"zfb/{given.json()['number']}"
    for step, fields in (
        ("confirmed", {"received_on": "2026-09-21", "agreed_on": "2026-09-21"}), ("registered", {"reg_no": "1"}),
        ("assigned", {"dept": "zfb"}), ("third-party-asked", {"parties": "1"}),
    ):  # fmt: skip
        made = city.stepping(key, step, family="foi-request")
        made["data"]["fields"] = fields
        view = city.send(made)
        assert view["state"] == "accepted", (step, view["findings"])
    return key
