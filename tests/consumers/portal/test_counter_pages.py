"""Citizens at the portal's forms: what is asked, what is wrong with it, the receipt, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from consumers.portal.counter import reading
from consumers.portal.counter.handing import Counter, Refusal
from producers.tables import PAPERS, RECEIPTS
from tests.consumers.portal.counter import (
    CITIZEN,
    LETTER,
    REQUEST,
    Town,
    consultation,
    questionnaire,
    receipt,
    request_archived,
    town,
    words,
)
from tests.consumers.portal.feeding import BASE
from tests.consumers.portal.serving import served, serving
from tests.producers.door import Caller
from tests.support.events import NOON

REPLY = "经现场核实，路灯线路老化，已于今日更换并恢复照明，依据《城市照明管理规定》第二十条办理。"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path, NOON) as made:
        yield made


@pytest.mark.feature("4-24")
def test_a_letter_to_the_mayor_gives_both_numbers_and_the_query_shows_its_state_history_and_reply(city: Town) -> None:
    number, code = city.takes("/counter/letters", **LETTER)
    assert re.fullmatch(r"M20260921\d{9}", number)
    assert re.fullmatch(r"\d{10}", code)
    assert "待审查" in city.query(number, code)
    subject = f"zfb/{number}"
    assert city.does("complaint", "accepted", "zfb", subject) == []
    assert city.does("complaint", "assigned", "zfb", subject, dept="zjj") == []
    assert city.does("complaint", "taken-up", "zjj", subject) == []
    assert city.does("complaint", "replied", "zjj", subject, reply=REPLY) == []
    told = city.query(number, code)
    assert REPLY in told
    assert "已答复" in told
    assert [name for name in ("提交来信", "受理", "转办", "签收办理", "答复") if name in told] == [
        "提交来信", "受理", "转办", "签收办理", "答复",
    ]  # fmt: skip


@pytest.mark.feature("4-24")
def test_the_mailbox_s_limits_are_said_at_the_field_in_both_languages_and_nothing_typed_is_lost(city: Town) -> None:
    answer = city.send("/counter/letters", **LETTER | {"title": '<路灯>&"'})
    assert answer.status_code == 422
    page = answer.text
    assert re.search(r'<p class="wrong" id="title-wrong">[^<]*10至25个字[^<]*<span lang="en">[^<]*10 to 25', page)
    assert 'value="&lt;路灯&gt;&amp;&#34;"' in page
    assert LETTER["body"] in page
    assert '<option value="mayor" selected>' in page
    assert '<option value="投诉" selected>' in page
    kept = re.search(r'name="token" value="([^"]+)"', page)
    assert kept is not None
    again = city.web.post("/counter/letters", data={"token": kept[1], **LETTER}, files={"files": ("", b"")})
    assert again.status_code == 201


@pytest.mark.feature("4-45")
def test_a_request_is_shown_the_three_cases_nearest_to_it_and_no_case_names_anybody(city: Town) -> None:
    asked = ("新桥路照明养护合同", "新桥路照明改造图纸", "东湖公园照明养护费用", "供水水质监测数据")
    for what in asked:
        request_archived(city, f"申请公开{what}。", f"申请公开{what}")
    request_archived(city, "申请公开新桥路照明养护合同和验收单。")
    typed = REQUEST | {"body": "申请公开新桥路照明养护合同和验收单。"}
    before = handed_in(city)
    looked = city.send("/counter/foi-requests", **typed, look="1")
    assert looked.status_code == 200
    assert typed["body"] in looked.text
    nearest = [f"申请公开{what}" for what in asked[:3]]
    assert cases(looked.text) == nearest
    assert handed_in(city) == before
    taken = city.send("/counter/foi-requests", **typed)
    assert taken.status_code == 201
    assert cases(taken.text) == nearest
    assert handed_in(city) == before + 1
    listed = city.page("/matters?kind=foi-request")
    paths = set(re.findall(r'href="(/matters/zfb/[^"]+)"', listed))
    assert len(paths) == len(asked)
    for page in (listed, *map(city.page, paths)):
        assert not [text for text in (REQUEST["name"], REQUEST["phone"], REQUEST["identity"][-18:]) if text in page]
    other = city.send("/counter/foi-requests", **typed | {"body": "zzz"}, look="1")
    assert "没有相近的案例" in other.text


def cases(page: str) -> list[str]:
    """Titles of the cases that a page of the counter shows as like."""
    return re.findall(r'<a href="/matters/[^"]+">([^<]+)</a>', page.split("<h2>相似案例")[1])


def handed_in(city: Town) -> int:
    """How many forms the door took."""
    with city.gateway.door.store.read() as conn:
        return len(conn.execute(RECEIPTS.select()).all())


def test_everything_that_is_missing_is_said_at_once(city: Town) -> None:
    answer = city.send("/counter/letters", mailbox="", kind="表扬", title="", body="", name="x" * 201)
    assert answer.status_code == 422
    assert set(re.findall(r'id="([a-z]+)-wrong"', answer.text)) == {"mailbox", "kind", "title", "body", "name"}
    assert "x" * 201 in answer.text
    assert city.ends == {}


def test_a_button_pressed_twice_gives_one_receipt(city: Town) -> None:
    whole = city.form("/counter/letters") | LETTER
    answers = [city.web.post("/counter/letters", data=whole) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert receipt(answers[0].text) == receipt(answers[1].text)
    with city.gateway.door.store.read() as conn:
        assert len(conn.execute(RECEIPTS.select()).all()) == 1


def test_a_form_too_old_keeps_what_was_typed_and_gets_another_token(city: Town) -> None:
    whole = city.form("/counter/letters") | LETTER
    city.clock.pass_(timedelta(hours=5))
    answer = city.web.post("/counter/letters", data=whole)
    assert answer.status_code == 403
    assert "表单已过期" in answer.text
    assert LETTER["body"] in answer.text
    fresh = re.search(r'name="token" value="([^"]+)"', answer.text)
    assert fresh is not None
    city.clock.pass_(timedelta(seconds=5))
    assert city.web.post("/counter/letters", data=whole | {"token": fresh[1]}).status_code == 201


def test_files_go_to_the_door_and_have_to_be_chosen_again_after_a_fault(city: Town, tmp_path: Path) -> None:
    picture = ("灯.txt", "路灯编号一二三".encode(), "text/plain")
    wrong = city.send("/counter/letters", [("files", picture)], **LETTER | {"title": ""})
    assert wrong.status_code == 422
    assert "请重新选择：灯.txt" in wrong.text
    right = city.send("/counter/letters", [("files", picture)] * 2, **LETTER)
    assert right.status_code == 201, right.text
    many = city.send("/counter/letters", [("files", picture)] * 6, **LETTER)
    assert (many.status_code, "附件最多5个" in many.text) == (422, True)
    large = city.send("/counter/letters", [("files", ("大.txt", b"a" * 5_000_001, "text/plain"))], **LETTER)
    assert (large.status_code, "超过5 MB" in large.text) == (422, True)


def test_a_form_that_another_site_made_is_not_taken(city: Town) -> None:
    whole = city.form("/counter/letters") | LETTER
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert city.web.post("/counter/letters", data=whole, headers=headers).status_code == 403
    own = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    assert city.web.post("/counter/letters", data=whole, headers=own).status_code == 201


def test_what_is_no_form_or_too_large_is_refused_and_nothing_of_it_is_held(
    city: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content, kind, status in (
        (b"{}", "application/json", 415), (b"x", "multipart/form-data", 400),
        (b"no boundary", "multipart/form-data; boundary=x", 400),
        (b"title=\xff%00&title=2", "application/x-www-form-urlencoded", 422),
    ):  # fmt: skip
        answer = city.web.post("/counter/letters", content=content, headers={"Content-Type": kind})
        assert answer.status_code == status, (content, answer.status_code)
    monkeypatch.setattr(reading, "MOST_BODY", 100)
    assert city.web.post("/counter/letters", data=LETTER).status_code == 413
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MOST_AT_ONCE", 50)
    assert city.web.post("/counter/letters", data=LETTER).status_code == 503
    monkeypatch.undo()
    assert city.send("/counter/letters", **LETTER).status_code == 201


def test_nothing_that_a_citizen_writes_stays_with_the_portal(city: Town, tmp_path: Path) -> None:
    city.takes("/counter/letters", **LETTER)
    city.send("/counter/letters", [("files", ("证.txt", b"999900199001010015" * 100_000, "text/plain"))], **LETTER)
    with city.gateway.door.store.read() as conn:
        assert len(conn.execute(PAPERS.select()).all()) == 2
    for file in (tmp_path / "portal").rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not [
            each for each in (LETTER["name"], LETTER["phone"], "999900199001010015") if each.encode() in content
        ]


def test_a_door_that_does_not_answer_is_said_and_nothing_typed_is_lost(tmp_path: Path) -> None:
    def gone(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with served(tmp_path, httpx.Client(base_url="http://127.0.0.1:9", transport=httpx.MockTransport(gone))) as portal:
        portal.text("/counter/letters", 503)
        answer = portal.client.post("/counter/letters", data={"token": "t", **LETTER})
        assert answer.status_code == 503
        assert "暂时无法使用" in answer.text
        assert LETTER["body"] in answer.text
        assert portal.client.post("/counter/query", data={"number": "M1", "code": "1"}).status_code == 503


def test_an_unknown_number_and_a_wrong_code_look_the_same_and_are_limited_by_the_citizen_s_own_address(
    city: Town,
) -> None:
    number, code = city.takes("/counter/letters", **LETTER)
    answers = [
        city.web.post("/counter/query", data={"number": asked, "code": "0000000000"})
        for asked in (number, "M20260921000000000")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert words(answers[0].text) == words(answers[1].text)
    assert "0000000000" not in answers[0].text
    assert answers[0].headers["cache-control"] == "no-store"
    assert city.web.post("/counter/query", data={"number": "", "code": ""}).status_code == 422
    assert "待审查" in city.query(number, code)
    for n in range(30):
        city.web.post("/counter/query", data={"number": f"M{n}", "code": "1"})
    assert city.web.post("/counter/query", data={"number": "M99", "code": "1"}).status_code == 429


@pytest.mark.feature("4-25")
def test_a_letter_in_the_wrong_mailbox_is_passed_on_within_two_working_days_and_its_writer_sees_it(city: Town) -> None:
    number, code = city.takes("/counter/letters?mailbox=jtj", **LETTER | {"mailbox": "jtj"})
    subject = f"zfb/{number}"
    assert "示例市交通运输局" in city.query(number, code)
    city.clock.pass_(timedelta(days=2))
    assert city.does("complaint", "transferred", "jtj", subject, reason="路灯由住建部门管理", dept="zjj") == []
    told = city.query(number, code)
    history = told.split("办理过程")[1]
    assert re.search("移交.*示例市交通运输局.*负责单位：.*住房.*理由：路灯由住建部门管理", history)
    assert city.does("complaint", "accepted", "zjj", subject) == []

    late, late_code = city.takes("/counter/letters", **LETTER | {"mailbox": "jtj"})
    city.clock.pass_(timedelta(days=9))
    city.does("complaint", "transferred", "jtj", f"zfb/{late}", reason="路灯由住建部门管理", dept="zjj")
    assert "移交" in city.query(late, late_code)
    view = city.callers["zfb"].http.get(f"/v1/matters/zfb/{late}").json()
    assert [step["gaps"] for step in view["steps"]] == [[], ["CMP-02T"]]  # taken, and counted as late


def test_the_form_asks_what_the_pack_says_and_every_control_has_its_label(city: Town) -> None:
    for path in ("/counter/letters", "/counter/foi-requests", "/counter/comments/fgw/C-1"):
        if "C-1" in path:
            consultation(city)
        page = city.page(path)
        controls = re.findall(r'<(?:input|select|textarea)[^>]*\bid="([a-z_]+)"', page)
        labels = re.findall(r'<label for="([a-z_]+)"', page)
        assert set(labels) | {"urgent", "anonymous"} >= set(controls)
        assert "javascript" not in page
        assert "<script" not in page
    city.page("/counter/unknown", 404)
    city.page("/counter/comments", 404)
    city.page("/counter/comments/fgw/none", 404)
    city.page("/counter/letters/fgw/C-1", 404)


@pytest.mark.feature("4-44")
def test_a_request_is_applied_for_on_the_portal_and_its_page_shows_all_six_steps(city: Town) -> None:
    wrong = city.send("/counter/foi-requests", **REQUEST | {"identity": "无"})
    assert (wrong.status_code, "identity-wrong" in wrong.text) == (422, True)
    number, code = request_archived(city)
    told = city.query(number, code)
    assert "公开办〔2026〕1号-告" in told
    history = told.split("办理过程")[1]
    places = [history.index(name) for name in ("提交申请", "登记", "转办", "审核", "答复", "归档")]
    assert places == sorted(places)


@pytest.mark.feature("0-14")
def test_a_comment_on_the_portal_gets_a_receipt_and_the_page_counts_it(city: Town) -> None:
    page = consultation(city)
    assert 'action="/counter/comments/fgw/C-1"' in city.page(page)
    number, code = city.takes("/counter/comments/fgw/C-1", body="建议增加夜间停车位，方便附近居民。")
    assert number.startswith("C20260921")
    assert "征集中" in city.query(number, code)
    city.takes("/counter/comments/fgw/C-1", body="建议收费标准分时段公布，便于比较。", anonymous="是")
    assert "已收到意见 2 条" in words(city.page(page))


def test_the_address_that_limits_count_is_the_citizen_s() -> None:
    heard: list[str] = []

    def door(request: httpx.Request) -> httpx.Response:
        heard.append(request.headers["x-forwarded-for"])
        return httpx.Response(503)

    Counter(httpx.Client(base_url=BASE, transport=httpx.MockTransport(door))).token("letters", CITIZEN)
    assert heard == [CITIZEN]


@pytest.mark.feature("0-14")
def test_the_feedback_of_a_consultation_adds_up_or_is_said_not_to(city: Town) -> None:
    page = consultation(city)
    for body in ("建议增加夜间停车位，方便附近居民。", "建议收费标准分时段公布。", "与本办法无关的其他意见。"):
        city.takes("/counter/comments/fgw/C-1", body=body)
    city.portal.now[0] = city.clock.now = datetime.fromisoformat("2026-10-31T00:00:00+08:00")
    city.clockwork("fgw/C-1", "consultation", "closed")
    shut = city.page(page)
    assert 'action="/counter/comments' not in shut
    assert "已收到意见 3 条" in words(shut)
    city.page("/counter/comments/fgw/C-1", 409)
    city.clock.pass_(timedelta(hours=10))
    sums = {
        "received": "3",
        "adopted": "1",
        "partly": "1",
        "refused": "0",
        "unrelated": "1",
        "reasons": "部分意见已有规定。",
    }
    assert city.does("consultation", "analysed", "fgw", "fgw/C-1", **sums | {"adopted": "2"}) == ["DEC-11S"]
    assert city.does("consultation", "analysed", "fgw", "fgw/C-1", **sums | {"received": "4", "adopted": "2"}) == [
        "DEC-11R"
    ]
    assert city.does("consultation", "analysed", "fgw", "fgw/C-1", **sums) == []
    told = words(city.page(page))
    assert "3 = 1 + 1 + 0 + 1；平台记录 3 条。 相符" in told, told


def test_a_comment_after_the_end_is_refused_with_the_day_and_what_was_typed_is_kept(city: Town) -> None:
    consultation(city)
    whole = city.form("/counter/comments/fgw/C-1") | {"body": "写得太晚的意见，还在这里。"}
    city.clock.now = datetime.fromisoformat("2026-10-31T08:00:00+08:00")
    with city.gateway.door.store.read() as conn:
        before = len(conn.execute(PAPERS.select()).all())
    answer = city.web.post("/counter/comments/fgw/C-1", data=whole)
    assert answer.status_code in {403, 422}
    assert whole["body"] in answer.text
    city.clock.pass_(timedelta(seconds=5))
    fresh = re.search(r'name="token" value="([^"]+)"', answer.text)
    assert fresh is not None
    late = city.web.post("/counter/comments/fgw/C-1", data=whole | {"token": fresh[1]})
    assert late.status_code == 422
    assert "2026-10-30" in late.text
    assert whole["body"] in late.text
    with city.gateway.door.store.read() as conn:
        assert len(conn.execute(PAPERS.select()).all()) == before


@pytest.mark.feature("4-27")
def test_a_questionnaire_is_filled_in_closed_and_its_results_stand_beside_the_counts_of_each_choice(city: Town) -> None:
    key = questionnaire(city)
    form = city.page(f"/counter/answers/{key}")
    assert [form.count(f'type="{sort}" name="{name}"') for sort, name in (("radio", "a1"), ("checkbox", "a2"))] == [
        3,
        2,
    ]
    missing = city.send(f"/counter/answers/{key}", a2="B", t3="增加晚班车。")
    assert (missing.status_code, "a1-wrong" in missing.text, "增加晚班车。" in missing.text) == (422, True, True)
    assert re.search(r'name="a2" value="B" checked', missing.text)
    city.takes(f"/counter/answers/{key}", a1="A", a2=["A", "B"], t3="增加晚班车。")
    city.takes(f"/counter/answers/{key}", a1="A", a2=["B"])
    number, code = city.takes(f"/counter/answers/{key}", a1="C", a2=["B"])
    assert number.startswith("Q")
    assert "填写中" in city.query(number, code)
    running = words(city.page(f"/matters/{key}"))
    assert "已收到答卷 3 份" in running
    assert "满意 2" not in running

    city.portal.now[0] = city.clock.now = datetime.fromisoformat("2026-10-01T00:00:00+08:00")
    city.clockwork(key, "questionnaire", "closed")
    city.page(f"/counter/answers/{key}", 409)
    city.clock.pass_(timedelta(hours=9))
    told = {"summary": "多数满意。", "r1": "满意2，不满意1", "r2": "1路1，2路3", "r3": "建议增加晚班车"}
    assert city.does("matter", "results-published", "fgw", key, received="2", **told) == ["QST-01"]
    assert city.does("matter", "results-published", "fgw", key, received="3", **told) == []
    page = words(city.page(f"/matters/{key}"))
    assert "A 满意 2 66.7% 66.7% B 一般 0 0.0% 0.0% C 不满意 1 33.3%" in page
    assert "A 1路 1 33.3% 33.3% B 2路 3 100.0%" in page
    assert "公布的结果： 满意2，不满意1" in page.replace("：满", "： 满")
    assert "增加晚班车。" not in page


@pytest.mark.feature("4-24")
def test_whoever_wrote_rates_the_reply_on_the_query_page_once(city: Town) -> None:
    number, code = city.takes("/counter/letters", **LETTER)
    subject = f"zfb/{number}"
    assert "/counter/steps" not in city.web.post("/counter/query", data={"number": number, "code": code}).text
    city.does("complaint", "accepted", "zfb", subject)
    city.does("complaint", "assigned", "zfb", subject, dept="zjj")
    city.does("complaint", "taken-up", "zjj", subject)
    assert city.does("complaint", "replied", "zjj", subject, reply=REPLY) == []
    page = city.web.post("/counter/query", data={"number": number, "code": code}).text
    whole = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert whole == {"number": number, "code": code, "step": "rated"}
    wrong = city.web.post("/counter/steps", data=whole | {"rating": "很好"})
    assert (wrong.status_code, "满意、基本满意、不满意" in wrong.text) == (422, True)
    stranger = city.web.post("/counter/steps", data=whole | {"rating": "满意", "code": "0000000000"})
    assert (stranger.status_code, REPLY in stranger.text) == (404, False)
    for _ in range(2):
        rated = city.web.post("/counter/steps", data=whole | {"rating": "满意"})
        assert (rated.status_code, "已经收到" in rated.text) == (200, True)
    city.carry()
    told = city.query(number, code)
    assert told.count("评价") >= 1
    assert "已评价" in told


def test_a_report_names_whom_it_is_about_and_is_never_theirs_to_see(city: Town) -> None:
    number, _ = city.takes("/counter/letters", **LETTER | {"mailbox": "hotline", "kind": "举报", "against": "zjj"})
    subject = f"zfb/{number}"
    city.does("complaint", "accepted", "zfb", subject)
    assert city.does("complaint", "assigned", "zfb", subject, dept="zjj") == ["CMP-07S"]
    accused = Caller(city.gateway, "zjj")
    assert accused.http.get(f"/v1/matters/{subject}").status_code == 404
    accused.http.close()


def test_the_gateway_counts_by_the_address_that_a_front_of_this_machine_tells(city: Town) -> None:
    with serving(city.gateway.app) as base:
        counter = Counter.at(base)
        for n in range(30):
            assert isinstance(counter.query(f"M{n}", "1", "198.51.100.1"), Refusal)
        locked, other = counter.query("M99", "1", "198.51.100.1"), counter.query("M99", "1", "198.51.100.2")
        counter.close()
    assert isinstance(locked, Refusal)
    assert isinstance(other, Refusal)
    assert (locked.status, other.status) == (429, 404)
