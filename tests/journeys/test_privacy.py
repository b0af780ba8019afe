"""What citizens entrust to the city: opened by who handles it, and after an erasure found nowhere at all."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bus.settings import Settings
from bus.store.rebuilding import read_to_end
from bus.supervise import Supervisor
from schemas.topics import TOPICS
from tests.journeys.casework import Clerk, Receipt, hand_in
from tests.journeys.city import command
from tests.journeys.test_matters import counted, granted
from tests.support.encodings import forms_of, holds

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

LEAD = "zfb"
NAME, PHONE, PAPER = "欧阳试样", "13900001111", "999900199001010015"
"""Nobody's: planted, and looked for everywhere afterwards."""
PLANTED = (NAME, PHONE, PAPER)
PERSON = {"name": NAME, "phone": PHONE, "id": PAPER}
BODY = f"示例路12号门前的路灯多日不亮。本人{NAME}，电话{PHONE}，证件号码{PAPER}，请派人维修并答复。"
REPLY = "经现场核实，示例路12号路灯线路老化，已于今日更换并恢复照明。依据《城市照明管理规定》第二十条办理。"


def test_after_an_erasure_no_name_phone_or_number_is_found_anywhere_and_everything_still_holds(city: Settings) -> None:
    letter, request = answered_letter(city), archived_request(city)
    keys = [f"{LEAD}/{one.number}" for one in (letter, request)]
    opened = json.dumps([personal(city, key) for key in keys], ensure_ascii=False)
    assert all(word in opened for word in PLANTED), "it was there to be opened"
    lead = Clerk(city, LEAD)
    for key in keys:
        done = command(city, "erase", key, "--why", "本人申请删除", "--key", lead.key)
        assert done.returncode == 0, done.stderr
        assert not holds((done.stdout + done.stderr).encode(), all_forms())
    assert [one.asked().status_code for one in (letter, request)] == [410, 410]
    address = f"{city.url_of('gateway')}/v1/matters/{keys[0]}/personal"
    assert httpx.get(address, headers=Clerk(city, "zjj").bearer, timeout=30).status_code == 410

    assert found_in(city) == []
    supervisor = Supervisor(city)
    supervisor.stop_program("matters")
    done = command(city, "rebuild", "matters", "--json")
    assert done.returncode == 0, done.stderr
    supervisor.start_program("matters")
    assert counted(city)["gap"] == 0
    assert found_in(city) == []


def test_the_search_finds_what_lies_in_any_encoding() -> None:
    """Else that nothing was found would say nothing."""
    for word in PLANTED:
        for encoding in ("utf-8", "utf-16-le", "gb18030"):
            raw = f"前文{word}后文".encode(encoding)
            for content in (raw, raw.hex().encode(), *(base64.b64encode(b"x" * n + raw) for n in range(3))):
                assert holds(content, forms_of(word)), (word, encoding, content)
        assert holds(json.dumps(f"前{word}后").encode(), forms_of(word))


def answered_letter(city: Settings) -> Receipt:
    """A letter with a file, taken to its end."""
    file = {"name": f"{NAME}的照片.txt", "content": base64.b64encode(BODY.encode()).decode()}
    letter = hand_in(city, "letters", mailbox="mayor", kind="求助", title="示例路路灯连续多日不亮请尽快维修", body=BODY,
                     files=[file], **PERSON)  # fmt: skip
    subject, lead, handler = f"{LEAD}/{letter.number}", Clerk(city, LEAD), Clerk(city, "zjj")
    lead.does("complaint", subject, "accepted")
    lead.does("complaint", subject, "assigned", dept="zjj")
    handler.does("complaint", subject, "taken-up")
    handler.does("complaint", subject, "replied", reply=REPLY, result="已更换线路并恢复照明",
                 personal={"reply": f"{NAME}您好：{REPLY}", "phone": PHONE})  # fmt: skip
    lead.does("complaint", subject, "rated", rating="满意")
    lead.does("complaint", subject, "closed")
    assert NAME in json.dumps(letter.shows("已办结")["replies"], ensure_ascii=False)
    return letter


def archived_request(city: Settings) -> Receipt:
    """A request for information, taken to its end."""
    request = hand_in(
        city, "foi-requests", applicant="自然人", way="互联网", form_wanted="电子文本", title="示例路路灯维修记录",
        body=BODY, identity=f"居民身份证 {PAPER}", address="示例市示例路12号", **PERSON,
    )  # fmt: skip
    subject, lead, handler = f"{LEAD}/{request.number}", Clerk(city, LEAD), Clerk(city, "zjj")
    day = (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
    lead.does("foi-request", subject, "confirmed", received_on=day, agreed_on=day)
    lead.does("foi-request", subject, "registered", reg_no="依申请2026第9号")
    lead.does("foi-request", subject, "assigned", dept="zjj")
    handler.does("foi-request", subject, "drafted", outcome="granted", statute="《政府信息公开条例》第三十六条第二项")
    lead.does("foi-request", subject, "audited", audit_result="同意按拟办意见答复")
    lead.does("foi-request", subject, "replied", **granted())
    lead.does("foi-request", subject, "archived", library="否", case_outcome="granted",
              case_statute="《政府信息公开条例》第三十六条第二项")  # fmt: skip
    request.shows("已归档")
    return request


def personal(city: Settings, subject: str) -> object:
    """What is sealed in it, as who was assigned it opens it."""
    address = f"{city.url_of('gateway')}/v1/matters/{subject}/personal"
    answer = httpx.get(address, headers=Clerk(city, "zjj").bearer, timeout=30)
    return answer.raise_for_status().json()


def all_forms() -> set[bytes]:
    """Of everything that was planted."""
    return set().union(*map(forms_of, PLANTED))


def found_in(city: Settings) -> list[str]:
    """The records and files in which something planted lies."""
    forms = all_forms()
    return [place for place, content in _everything(city) if holds(content, forms)]


def _everything(city: Settings) -> Iterator[tuple[str, bytes]]:
    """Every record of every topic, and every file of every part: stores, logs, what was uploaded."""
    for topic in TOPICS:
        for some in read_to_end(city, topic):
            for record in some:
                headers = b"\n".join(name.encode() + b"=" + value for name, value in record.headers)
                yield record.origin, b"\n".join((record.key or b"", record.value or b"", headers))
    for path in sorted(city.home.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            yield str(path), gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
