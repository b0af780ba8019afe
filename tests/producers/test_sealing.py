"""Personal data: sealed at the door, opened by who handles the matter, erased for good."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.errors import Fatal
from bus.settings import Settings
from producers.gateway import Gateway
from producers.personal import master
from producers.personal.sealing import Unopenable, context, open_texts, seal
from producers.tables import MATTER_KEYS
from tests.producers.counter import IDENTITY, NAME, PHONE, Citizen, MovingClock, accepted, door_with, newest_paper
from tests.producers.door import Caller, code_of
from tests.support.events import NOON, event, to_bytes

Json = dict[str, Any]
TEXTS = st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), st.text(max_size=60), max_size=6)
SECRET = bytes(range(64))
PLANTED = (NAME, PHONE, IDENTITY)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def gateway(plain: Settings, clock: MovingClock) -> Iterator[Gateway]:
    with door_with(plain, clock) as opened:
        yield opened


@pytest.fixture
def lead(gateway: Gateway) -> Caller:
    return Caller(gateway, "zfb")


def step(subject: str = "zfb/B1", dept: str = "zjj", **data: Any) -> Json:
    body = {"step": "replied", "actor_dept": dept, "actor_role": "handler", "at": NOON.isoformat(), **data}
    return event("complaint", "stepped", dept, "", body, subject=subject)


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_sealing_again_gives_the_same_bytes_and_opens_to_the_same_texts(texts: dict[str, str]) -> None:
    bound = context("/portal", "1", "zfb/1")
    sealed = seal(SECRET, texts, bound)
    assert sealed == seal(SECRET, dict(reversed(texts.items())), bound)
    assert open_texts(SECRET, sealed, bound) == texts


@pytest.mark.parametrize(
    ("secret", "bound"), [(bytes(64), ("/portal", "1", "zfb/1")), (SECRET, ("/portal", "2", "zfb/1"))]
)
def test_another_key_or_another_event_opens_nothing(secret: bytes, bound: tuple[str, ...]) -> None:
    sealed = seal(SECRET, {"name": NAME}, context("/portal", "1", "zfb/1"))
    with pytest.raises(Unopenable):
        open_texts(secret, sealed, context(*bound))
    with pytest.raises(Unopenable):
        open_texts(SECRET, "no base64!", context("/portal", "1", "zfb/1"))


def test_a_step_travels_sealed_with_what_was_measured_and_a_repeat_is_the_same_event(gateway: Gateway) -> None:
    dept = Caller(gateway, "zjj")
    value = to_bytes(step(personal={"reply": "已修复，谢谢监督。", "name": NAME, "phone": PHONE}))

    first, second = dept.post(value), dept.post(value)

    assert (first.json()["outcome"], second.json()["outcome"]) == ("forwarded", "repeated")
    assert first.json()["sha256"] == second.json()["sha256"]
    [sent] = dept.waiting()
    personal = json.loads(sent.value or b"{}")["data"]["personal"]
    assert personal["facts"]["contact"] == "是"
    assert set(personal) <= {"key_id", "sealed", "facts", "masked_findings"}
    assert not [word for word in PLANTED if word.encode() in (sent.value or b"")]


@pytest.mark.parametrize(
    "spoil",
    [
        {"source": "/departments/jyj"}, {"type": "cn.gongkai.complaint.stepped.v9"}, {"type": "cn.gongkai.nothing.v1"},
        {"specversion": None}, {"subject": "no subject"}, {"data": {"personal": {"name": NAME}}},
        {"personal": {"name": NAME}},
    ],
)  # fmt: skip
def test_what_is_refused_or_buried_holds_nothing_personal(gateway: Gateway, spoil: Json) -> None:
    dept = Caller(gateway, "zjj")
    value = {**step(personal={"name": NAME, "phone": PHONE}), **spoil}
    for body in (to_bytes(value), to_bytes(value)[:-2], to_bytes(value).replace(b"personal", b"p\\u0065rsonal")):
        dept.post(body)
    sent = dept.waiting()
    assert sent
    assert not [one for one in sent if NAME.encode() in (one.value or b"") or PHONE.encode() in (one.value or b"")]


@pytest.mark.parametrize(("old", "new"), [
    (b'"personal":', b'"personal":%s,"personal":null,"was":'),
    (b'"personal":', b'"personal":%s,"\\u0070ersonal":null,"was":'),
    (b'"data":', b'"data":{"personal":%s},"data":'),
    (b'"personal":', b'"personal":%s,"n":1' + b"0" * 5_000 + b',"personal":null,"was":'),
    (b'"personal":', b'"personal":%s,"\xff":1,"personal":null,"was":'),
])  # fmt: skip
def test_what_a_later_member_of_the_same_name_hides_travels_no_further(
    gateway: Gateway, old: bytes, new: bytes
) -> None:
    zjj = Caller(gateway, "zjj")
    value = to_bytes(step()).replace(b'"data":{', b'"data":{"personal":null,')
    texts = json.dumps({"name": NAME}, ensure_ascii=False).encode()
    answer = zjj.http.post("/v1/events", content=value.replace(old, new.replace(b"%s", texts), 1),
                           headers={"Content-Type": "application/cloudevents+json"})  # fmt: skip
    assert answer.status_code in {400, 422}, answer.text
    assert not [one for one in zjj.waiting() if NAME.encode() in (one.value or b"")]


def test_a_file_that_another_department_uploaded_is_no_part_of_a_step(gateway: Gateway) -> None:
    mine, other = Caller(gateway, "zjj"), Caller(gateway, "jyj")
    file = other.http.post("/v1/files", params={"name": "a.txt"}, content="附件内容".encode()).json()

    refused = mine.post(step(attachments=[file]))
    assert (refused.status_code, refused.json()["code"]) == (422, "ATTACHMENT-FOREIGN")
    mine.http.post("/v1/files", params={"name": "a.txt"}, content="附件内容".encode())

    assert mine.post(step(attachments=[file])).json()["outcome"] == "forwarded"


def test_who_handles_the_matter_opens_it_and_the_lead_office_sees_who_did(
    gateway: Gateway, clock: MovingClock, lead: Caller
) -> None:
    content = "照片说明：路灯编号17。".encode()
    upload = {"name": "证明.txt", "content": __import__("base64").b64encode(content).decode()}
    number = Citizen(gateway, clock).letter(files=[upload]).json()["number"]
    route = f"/v1/matters/zfb/{number}"
    handler, other = Caller(gateway, "zjj"), Caller(gateway, "jyj")
    assert handler.http.get(f"{route}/personal").status_code == 404
    paper = newest_paper(gateway)
    accepted(gateway, paper["subject"], event=paper, depts=("zjj",))

    opened = handler.http.get(f"{route}/personal").json()["papers"][0]["texts"]

    assert (opened["name"], opened["phone"], opened["id"]) == PLANTED
    [file] = json.loads(opened["files"])
    assert file["name"] == "证明.txt"
    assert handler.http.get(f"{route}/files/{file['sha256']}").content == content
    assert (gateway.settings.home / "sealed" / file["sha256"][:2] / file["sha256"]).read_bytes() != content
    for stranger in (other, lead):
        refused = stranger.http.get(f"{route}/personal")
        assert (refused.status_code, refused.json()["code"]) == (403, "NOT-RESPONSIBLE")
    assert handler.http.get(route).json()["state"] == "ASSIGNED"
    assert other.http.get(route).status_code == 404
    log = lead.http.get("/v1/openings").json()["items"]
    assert [(one["dept"], one["what"]) for one in log] == [("zjj", "personal"), ("zjj", file["sha256"])]
    assert other.http.get("/v1/openings").status_code == 403
    accepted(gateway, paper["subject"], event=paper | {"id": "later"}, version=2, depts=("jyj",))
    assert handler.http.get(f"{route}/personal").status_code == 403


def test_what_was_planted_is_nowhere_once_the_matter_is_erased(
    gateway: Gateway, clock: MovingClock, lead: Caller, capfd: pytest.CaptureFixture[str]
) -> None:
    citizen, handler = Citizen(gateway, clock), Caller(gateway, "zjj")
    given = citizen.letter(files=[{"name": f"{NAME}.txt", "content": "57qM"}]).json()
    paper = newest_paper(gateway)
    subject = paper["subject"]
    accepted(gateway, subject, event=paper, ended=True)
    answer = step(subject, personal={"reply": f"{NAME}您好"})
    handler.post(answer)
    with gateway.door.store.read() as conn:
        wrapped = conn.execute(MATTER_KEYS.select().where(MATTER_KEYS.c.scope == subject)).one().wrapped
    assert handler.http.post("/v1/erasures", json={"key": subject, "why": "本人申请"}).status_code == 403

    erased = lead.http.post("/v1/erasures", json={"key": subject, "why": "本人申请"})

    assert (erased.status_code, erased.json()["keys"], erased.json()["files"]) == (200, 1, 1)
    gone = [
        lead.http.get(f"/v1/matters/{subject}"), handler.http.get(f"/v1/matters/{subject}/personal"),
        handler.http.get(f"/v1/events/{answer['id']}"), citizen.query(given["number"], given["code"]),
        handler.post(answer), handler.post(step(subject)), handler.post(step(subject, personal={"name": "x"})),
    ]  # fmt: skip
    assert [one.status_code for one in gone] == [410] * len(gone)
    assert citizen.query(given["number"], "0" * 10).status_code == 404
    out = capfd.readouterr()
    for word in (*PLANTED, wrapped):
        assert word not in out.out + out.err
        assert not [path for path in gateway.settings.home.rglob("*") if path.is_file() and _holds(path, word)]
    assert "ERASED" in {code_of(one) for one in lead.waiting() if one.topic == "rejections"}


def _holds(path: Path, word: str) -> bool:
    return word.encode() in path.read_bytes()


def test_one_comment_is_erased_and_the_others_stay(gateway: Gateway, clock: MovingClock, lead: Caller) -> None:
    opened = event("consultation", "opened", "zjj", "", {
        "title": "征求意见", "explanation": "说明",
        "starts_on": "2026-09-21", "ends_on": "2026-10-21", "ways": ["网络"],
    })  # fmt: skip
    Caller(gateway, "zjj").post(opened)
    accepted(gateway, opened["subject"], event=opened)
    citizen = Citizen(gateway, clock)
    form = {"consultation": opened["subject"], "body": "建议再听取一次意见。", "name": NAME}
    first, second = (citizen.hand_in("comments", **form).json() for _ in range(2))

    assert lead.http.post("/v1/erasures", json={"key": first["number"], "why": "本人申请"}).status_code == 200

    assert citizen.query(first["number"], first["code"]).status_code == 410
    assert citizen.query(second["number"], second["code"]).status_code == 200


def test_nothing_that_is_not_there_is_erased_nor_the_doors_own_secrets(lead: Caller) -> None:
    for key in ("zfb/none", "~codes", "~"):
        assert lead.http.post("/v1/erasures", json={"key": key, "why": "测试"}).status_code == 404


def test_the_master_key_is_its_users_alone_and_may_be_rotated(plain: Settings, clock: MovingClock) -> None:
    with door_with(plain, clock) as gateway:
        given = Citizen(gateway, clock).letter().json()
    path = plain.master_key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert master.rotate(path) == 2
    with door_with(plain, clock) as gateway:
        assert len(master.lines(path)) == 1
        assert Citizen(gateway, clock).query(given["number"], given["code"]).status_code == 200
    kept = path.read_bytes()
    path.chmod(0o644)
    with pytest.raises(Fatal, match="chmod 600"):
        master.read(path)
    path.unlink()
    with pytest.raises(Fatal, match="no master key"), door_with(plain, clock):
        pass
    assert kept


def test_of_two_doors_that_begin_at_once_one_makes_the_master_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "master.key"
    master.open_or_make(path, new=True)
    first = path.read_bytes()
    monkeypatch.setattr(Path, "exists", lambda _: False)  # what the slower one saw
    master.open_or_make(path, new=True)
    assert path.read_bytes() == first
    assert [one.name for one in tmp_path.iterdir()] == ["master.key"]


def test_a_door_that_runs_on_wraps_by_the_key_that_another_copy_turned_to(gateway: Gateway, clock: MovingClock) -> None:
    path = gateway.settings.master_key
    master.rotate(path)
    newest = master.lines(path)[0]
    Citizen(gateway, clock).letter()
    with gateway.door.store.read() as conn:
        wrapped = conn.execute(MATTER_KEYS.select().order_by(MATTER_KEYS.c.made.desc())).first()
    assert wrapped is not None
    assert Fernet(newest).decrypt(wrapped.wrapped)
