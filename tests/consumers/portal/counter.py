"""The counter as citizens find it: a portal before a door with a moving clock, the judge, and its verdicts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from starlette.testclient import TestClient

from bus.record import Outgoing, Record
from bus.store import Outbox, Tx
from producers.gateway import Gateway
from producers.projection import DoorProjection
from schemas.records import VerdictGiven
from schemas.topics import LINKS, PORTAL_FEED, VERDICTS
from streams.matters.judging import MatterJudging
from streams.matters.room import Room
from tests.consumers.portal.feeding import BASE, SITE
from tests.consumers.portal.serving import Portal, served
from tests.producers.counter import MovingClock, door_with
from tests.producers.door import Caller
from tests.support.events import JsonObject, event, to_bytes
from tests.support.servers import plain_settings

CITIZEN = "203.0.113.7"
LETTER = {
    "mailbox": "mayor", "kind": "投诉", "title": "新桥路北段路灯长期不亮", "name": "欧阳试样", "phone": "13900001111",
    "body": "新桥路北段路灯连续三晚不亮，请尽快维修，谢谢。",
}  # fmt: skip
REQUEST = {
    "applicant": "自然人", "way": "互联网", "form_wanted": "电子文本", "body": "申请公开新桥路照明养护合同。",
    "name": "欧阳试样", "identity": "居民身份证 999900199001010015", "phone": "13900001111",
}  # fmt: skip


@dataclass
class Town:
    """Everybody at the counter."""

    gateway: Gateway
    clock: MovingClock
    portal: Portal
    web: TestClient
    room: Room = field(default_factory=Room)
    judging: MatterJudging = field(default_factory=lambda: MatterJudging(SITE.pack))
    callers: dict[str, Caller] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    carried: set[bytes | None] = field(default_factory=set)
    rules: dict[str, list[str]] = field(default_factory=dict)
    """Id of an event to the rules that refused it."""

    def form(self, path: str) -> dict[str, Any]:
        """The token and what else a form's page hides, after somebody took the time to read it."""
        page = self.page(path)
        self.clock.pass_(timedelta(seconds=5))
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))

    def page(self, path: str, status: int = 200) -> str:
        """A page as this citizen sees it."""
        answer = self.web.get(path)
        assert answer.status_code == status, answer.text
        return str(answer.text)

    def send(self, path: str, files: Any = None, **filled: Any) -> httpx.Response:
        """Fill in a form and press the button."""
        whole = self.form(path) | filled
        answer: httpx.Response = self.web.post(path.partition("?")[0], data=whole, files=files or {"files": ("", b"")})
        return answer

    def takes(self, path: str, **filled: Any) -> tuple[str, str]:
        """The same, with a receipt."""
        answer = self.send(path, **filled)
        assert answer.status_code == 201, answer.text
        self.carry()
        return receipt(answer.text)

    def query(self, number: str, code: str) -> str:
        """What the query page says, in words."""
        answer = self.web.post("/counter/query", data={"number": number, "code": code})
        assert answer.status_code == 200, answer.text
        return words(answer.text)

    def step(self, family: str, verb: str, dept: str, subject: str, data: JsonObject) -> list[str]:
        """An event of a department; the rules by which it was refused."""
        if dept not in self.callers:
            self.callers[dept] = Caller(self.gateway, dept)
        said = event(family, verb, dept, "", data, at=self.clock.now, subject=subject)
        answer = self.callers[dept].post(said)
        assert answer.status_code == 202, answer.text
        self.carry()
        return self.rules.pop(said["id"], [])

    def does(self, family: str, step: str, actor: str, subject: str, /, reason: str = "", **fields: str) -> list[str]:
        """A step of a department."""
        data = {
            "step": step,
            "actor_dept": actor,
            "actor_role": "经办",
            "at": self.clock.now.isoformat(),
            "fields": fields,
        }
        return self.step(family, "stepped", actor, subject, data | ({"reason": reason} if reason else {}))

    def carry(self) -> None:
        """Let everything that waits at the door be judged, and shown."""
        caller = self.callers.setdefault("zfb", Caller(self.gateway, "zfb"))
        for sent in caller.waiting():
            if sent.value not in self.carried:
                self.carried.add(sent.value)
                self._judge(sent)

    def clockwork(self, subject: str, lifecycle: str, step: str) -> None:
        """A step that a clock takes at its end."""
        data = {"step": step, "lifecycle": lifecycle, "at": self.clock.now.isoformat()}
        said = event("matter", "linked", "", "", data, source="/engine/matters", at=self.clock.now, subject=subject)
        self._judge(Outgoing(LINKS.name, subject.encode(), to_bytes(said), (), int(self.clock.now.timestamp() * 1000)))

    def _judge(self, sent: Outgoing) -> None:
        for out in self.judging(self.room, self._placed(sent)):
            if out.topic == LINKS.name:
                self._judge(out)
            if out.topic == PORTAL_FEED.name:
                self.portal.shelf.apply([self._placed(out)])
            if out.topic == VERDICTS.name:
                self._tell(self._placed(out))

    def _tell(self, verdict: Record) -> None:
        said = VerdictGiven.model_validate_json(verdict.value or b"").data
        if said.event is not None and said.outcome != "accepted":
            self.rules[said.event.id] = [found.rule for found in said.findings]
        with self.gateway.door.store.begin() as conn:
            DoorProjection().apply(Tx(conn, self.clock.now, Outbox(self.gateway.door.store)), [verdict])

    def _placed(self, sent: Outgoing) -> Record:
        self.ends[sent.topic] += 1
        return Record(
            sent.topic, 0, self.ends[sent.topic] - 1, sent.timestamp or 0, sent.key or b"", sent.value, sent.headers
        )


@contextmanager
def town(home: Path, at: datetime) -> Iterator[Town]:
    """All of it in one folder."""
    with ExitStack() as stack:
        clock = MovingClock(at)
        gateway = stack.enter_context(door_with(plain_settings(home / "door", portal_url=BASE), clock))
        door = stack.enter_context(TestClient(gateway.app, client=("127.0.0.1", 40_000)))
        portal = stack.enter_context(served(home / "portal", door))
        portal.now[0] = at
        web = TestClient(portal.client.app, base_url=BASE, client=(CITIZEN, 50_000))
        made = Town(gateway, clock, portal, web)
        yield made
        for caller in made.callers.values():
            caller.http.close()


def receipt(page: str) -> tuple[str, str]:
    """Number and code."""
    found = dict(re.findall(r'<b class="number" id="(number|code)">([^<]+)</b>', page))
    return found["number"], found["code"]


def words(page: str) -> str:
    """The page's own part without marks."""
    main = page.split("<main")[1].split("</main>", maxsplit=1)[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main)))


def consultation(city: Town, key: str = "fgw/C-1") -> str:
    """An open consultation; the path of its page."""
    city.step("consultation", "opened", "fgw", key, {
        "title": "示例市停车管理办法（征求意见稿）", "explanation": "规范停车秩序。", "starts_on": "2026-09-21",
        "ends_on": "2026-10-30", "ways": ["电话", "电子邮件", "网上"],
        "fields": {"type": "其他", "modes": "网络征集", "draft": "草案见附件", "basis_text": "地方立法计划"},
    })  # fmt: skip
    return f"/matters/{key}"


def questionnaire(city: Town) -> str:
    """An open questionnaire of three questions; its key."""
    key = "fgw/Q-1"
    city.step("matter", "opened", "fgw", key, {
        "lifecycle": "questionnaire", "title": "公交线路满意度调查", "lead_dept": "fgw",
        "at": city.clock.now.isoformat(), "fields": {
            "starts_on": "2026-09-21", "ends_on": "2026-09-30", "q1": "您对公交班次满意吗？ A.满意 B.一般 C.不满意",
            "k1": "单选", "q2": "您常乘哪些线路？ A、1路 B、2路", "k2": "多选", "q3": "您有什么建议？", "k3": "填空",
        },
    })  # fmt: skip
    return key


def request_archived(city: Town, body: str = REQUEST["body"], question: str = "") -> tuple[str, str]:
    """A request that goes its six steps, and one that is tried too soon; both its numbers.

    With a `question` it goes into the library of cases.
    """
    number, code = city.takes("/counter/foi-requests", **REQUEST | {"body": body})
    day = city.clock.now.date().isoformat()
    subject = f"zfb/{number}"
    assert city.does("foi-request", "confirmed", "zfb", subject, received_on=day, agreed_on=day) == []
    assert city.does("foi-request", "registered", "zfb", subject, reg_no="依申请2026第1号") == []
    assert city.does("foi-request", "drafted", "zjj", subject, outcome="granted") == ["SM-ILLEGAL"]
    assert city.does("foi-request", "assigned", "zfb", subject, dept="zjj") == []
    statute = "《政府信息公开条例》第三十六条第二项"
    assert city.does("foi-request", "drafted", "zjj", subject, outcome="granted", statute=statute) == []
    assert city.does("foi-request", "audited", "zfb", subject, audit_result="同意按拟办意见答复") == []
    granted = {"outcome": "granted", "reply_no": "公开办〔2026〕1号-告", "statute": statute, "where": "随本答复提供",
               "remedies": "如不服本答复，可在六十日内申请行政复议，或者提起行政诉讼。"}  # fmt: skip
    assert city.does("foi-request", "replied", "zfb", subject, **granted) == []
    archived = {"library": "否", "case_outcome": "granted", "case_statute": statute}
    if question:
        archived |= {"library": "是", "question": question, "case_reasoning": "本机关掌握该信息，依法予以公开。"}
    assert city.does("foi-request", "archived", "zfb", subject, **archived) == []
    return number, code
