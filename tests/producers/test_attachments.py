"""Attached files at the door: opened once in a process of its own, judged by what stands in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bus.errors import Retriable
from bus.extracting import Texts, parent
from bus.record import Record
from bus.settings import Settings
from producers.checking import app as check
from rules import judge
from schemas.extracts import Extract, from_bytes
from streams.judging import Judging
from streams.releases import ByRelease
from tests.producers.door import Caller, standing
from tests.support import papers
from tests.support.events import submitted

Json = dict[str, Any]


def attach(caller: Caller, value: bytes, name: str) -> Json:
    stored = caller.http.post("/v1/files", params={"name": name}, content=value)
    assert stored.status_code == 201, stored.text
    file: Json = stored.json()
    return file


def answer(caller: Caller, *files: Json, **data: Any) -> Json:
    said: Json = caller.post(submitted("fgw", attachments=files, **data)).json()
    return said


def findings(said: Json) -> list[Json]:
    """Those of its files."""
    return [one for one in said["findings"] if one["place"].startswith("/data/attachments/")]


def found(said: Json) -> list[tuple[str, str, str]]:
    return [(one["rule"], one["severity"], one["place"]) for one in findings(said)]


def kept(settings: Settings, file: Json) -> Extract:
    return from_bytes(settings.text_of(file["sha256"]).read_bytes())


NUMBER = "13800000000"


PLANTED = [
    ("正文.docx", papers.docx("各单位要认真布署。"), ("TX-08", "error", "正文")),
    ("表格.docx", papers.docx(table=[["姓名", "备注"], ["甲", NUMBER]]), ("TX-05", "block", "表1!B2")),
    ("表格.docx", papers.docx(table=[["单位", "联系电话"], ["甲", NUMBER]]), ("TX-05", "warn", "表1!B2")),
    ("页眉.docx", papers.docx("正文。", header="机密★"), ("TX-01", "block", "页眉")),
    ("批注.docx", papers.docx("正文。", comment="攻府"), ("TX-09", "block", "批注")),
    ("修订.docx", papers.docx("正文。", deleted=f"电话{NUMBER}"), ("TX-05", "warn", "正文中修订删除的文字")),
    ("名单.xlsx", papers.xlsx([["姓名", "银行账号"], ["甲", "1"]]), ("TX-07", "block", "表 名单!1:1")),
    ("名单.xlsx", papers.xlsx([["序号", "备注"], [1, NUMBER]]), ("TX-05", "block", "表 名单!B2")),
    ("名单.xlsx", papers.xlsx([["序号", "备注"], [1, 13800000000]]), ("TX-05", "block", "表 名单!B2")),
    ("底稿.xlsx", papers.xlsx([["序号"]], hidden=[["要认真布署"]]), ("TX-08", "error", "表 底稿!A1")),
    ("批注.xlsx", papers.xlsx([["序号"]], comment="要认真布署"), ("TX-08", "error", "批注1")),
    ("通知.pdf", papers.pdf("第一页", f"补助发给{NUMBER}"), ("TX-05", "block", "第2页")),
    ("旁注.pdf", papers.pdf("第一页", note="要认真布署"), ("TX-08", "error", "第1页批注1")),
    ("说明.txt", "扫一扫购买".encode("gb18030"), ("TX-15", "error", "全文")),
    ("名单.csv", f"姓名,备注\n甲,{NUMBER}\n".encode(), ("TX-05", "block", "表!B2")),
]


def test_what_is_wrong_in_a_file_is_told_where_it_stands(caller: Caller) -> None:
    for name, value, (rule, severity, place) in PLANTED:
        file = attach(caller, value, name)
        said = found(answer(caller, file))
        assert (rule, severity, f"/data/attachments/0#{place}") in said, name
        assert file["text_sha256"] == kept(caller.gateway.settings, file).text_sha256 is not None


CLEAN = [
    ("通知.docx", papers.docx("各单位要认真部署。", table=[["单位", "电话"], ["办公室", "见附表"]])),
    ("名单.xlsx", papers.xlsx([["序号", "单位"], [1, "示例市发展和改革委员会"]])),
    ("通知.pdf", papers.pdf("各单位要认真部署。")),
    ("说明.txt", "各单位要认真部署。\n".encode()),
    ("图.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(60)),
]


def test_a_file_with_nothing_wrong_gives_no_finding(caller: Caller) -> None:
    for name, value in CLEAN:
        assert found(answer(caller, attach(caller, value, name))) == [], name


def test_an_excerpt_of_a_file_is_masked_and_its_span_counts_from_its_passage(caller: Caller) -> None:
    file = attach(caller, papers.docx(f"补助发给{NUMBER}。"), "名单.docx")
    (one,) = findings(answer(caller, file))
    assert (one["excerpt"], one["span"]) == ("138****0000", [4, 15])
    assert NUMBER not in json.dumps(one)


UNOPENABLE = [
    ("密.pdf", papers.pdf("密", password="secret"), "加了密码"),
    ("坏.pdf", b"%PDF-1.7\nplan\n", "文件损坏"),
    ("坏.docx", papers.docx("正文")[:-30], "文件损坏"),
    ("外.docx", papers.docx(more={"word/document.xml": "<!DOCTYPE a []><a/>"}), "外部实体"),
    ("空.docx", papers.zipped({"a.txt": "一"}), "内容与扩展名不符"),
]


def test_a_file_that_cannot_be_opened_is_an_error_by_its_name(caller: Caller) -> None:
    for name, value, words in UNOPENABLE:
        (one,) = findings(answer(caller, attach(caller, value, name)))
        assert (one["rule"], one["severity"], one["excerpt"]) == ("TX-14", "error", name)
        assert words in one["message"]["zh"]


def test_what_a_files_properties_tell_is_a_warning_that_names_nobody(caller: Caller) -> None:
    value = papers.docx("正文。", author="示例甲", editor="示例乙", company="示例公司", inserted="增", deleted="删")
    (one,) = findings(answer(caller, attach(caller, value, "稿.docx")))
    assert (one["rule"], one["severity"]) == ("TX-18", "warn")
    assert "作者、最后保存者、单位、修订痕迹2处" in one["message"]["zh"]
    assert "示例" not in json.dumps(one, ensure_ascii=False)


def test_a_files_name_is_held_against_the_checks_too(caller: Caller) -> None:
    for name, value in ((f"名单{NUMBER}.txt", "各单位。".encode()), ("布署.docx", papers.docx("各单位。"))):
        (one,) = findings(answer(caller, attach(caller, value, name)))
        assert one["place"] == "/data/attachments/0/name"


def test_the_same_bytes_under_another_name_are_judged_by_what_they_are(caller: Caller) -> None:
    value = papers.docx("要认真布署。")
    archive, paper = attach(caller, value, "包.zip"), attach(caller, value, "稿.docx")
    for file in (archive, paper):
        assert ("TX-08", "error", "/data/attachments/0#正文") in found(answer(caller, file))
    refused = caller.http.post("/v1/files", params={"name": "稿.pdf"}, content=value)
    assert (refused.status_code, refused.json()["code"]) == (415, "UPLOAD-TYPE")


def test_a_file_that_cannot_be_examined_now_is_not_taken_now(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "_COMMAND", ("/nonexistent/python",))
    response = caller.http.post("/v1/files", params={"name": "稿.docx"}, content=papers.docx("正文"))
    assert response.status_code == 503
    assert not [path for path in (caller.gateway.settings.home / "files").rglob("*") if path.is_file()]


def test_a_file_that_came_before_files_were_examined_is_examined_when_an_event_names_it(caller: Caller) -> None:
    file = attach(caller, papers.docx("要认真布署。"), "稿.docx")
    caller.gateway.settings.text_of(file["sha256"]).unlink()
    assert found(answer(caller, file)) == [("TX-08", "error", "/data/attachments/0#正文")]
    assert kept(caller.gateway.settings, file).openable


@pytest.mark.feature("4-40")
def test_the_door_the_stream_and_the_offline_check_say_the_same_of_a_file(
    caller: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = papers.docx(
        "要认真布署。", table=[["姓名", "备注"], ["甲", NUMBER]], header="机密★", deleted="攻府", author="示例甲"
    )
    file = attach(caller, value, "稿.docx")
    event = submitted("fgw", attachments=[file])
    at_the_door = caller.post(event).json()["findings"]

    settings = caller.gateway.settings
    (sent,) = [out for out in caller.waiting() if out.topic == "publications"]
    arrival = sent.timestamp or 0
    judging = Judging(standing().current().pack, judge=partial(judge, texts=Texts(settings.text_of)))
    outs = judging(Record(sent.topic, 0, 0, arrival, sent.key, sent.value, ()))
    (verdict,) = (json.loads(out.value or b"{}")["data"] for out in outs if out.topic == "verdicts")

    (tmp_path / "稿.docx").write_bytes(value)
    (tmp_path / "event.json").write_text(json.dumps(event, ensure_ascii=False), encoding="utf-8")
    monkeypatch.setenv("GONGKAI_CITY", "cities/example")
    at = datetime.fromtimestamp(arrival / 1000, UTC).isoformat()
    done = CliRunner().invoke(check, [str(tmp_path / "event.json"), "--at", at, "--json"])
    offline = json.loads(done.stdout)

    assert {rule for rule, _, _ in found({"findings": offline["findings"]})} == {
        "TX-01", "TX-05", "TX-08", "TX-09", "TX-18"
    }  # fmt: skip
    assert offline["findings"] == verdict["findings"]
    for one in offline["findings"]:  # the door, which speaks to people, names the page's whole address
        one["page"] = settings.url_of("portal") + one["page"]
    assert at_the_door == [
        {name: said for name, said in one.items() if said is not None} for one in offline["findings"]
    ]
    assert "/data/attachments/0" not in offline["unseen"]


def test_the_offline_check_says_which_files_it_did_not_see(
    caller: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, unseen = attach(caller, papers.docx("甲"), "甲.docx"), attach(caller, papers.docx("乙"), "乙.docx")
    (tmp_path / "甲.docx").write_bytes(papers.docx("甲"))
    (tmp_path / "乙.docx").write_bytes(papers.docx("另一个乙"))
    event = tmp_path / "event.json"
    event.write_text(json.dumps(submitted("fgw", attachments=[seen, unseen]), ensure_ascii=False), encoding="utf-8")
    monkeypatch.setenv("GONGKAI_CITY", "cities/example")
    said = json.loads(CliRunner().invoke(check, [str(event), "--json"]).stdout)
    assert [each for each in said["unseen"] if each.startswith("/")] == ["/data/attachments/1"]


def test_a_stream_that_lacks_what_stands_in_a_file_goes_no_further(caller: Caller) -> None:
    file = attach(caller, papers.docx("正文。"), "稿.docx")
    caller.post(submitted("fgw", attachments=[file]))
    settings = caller.gateway.settings
    (sent,) = [out for out in caller.waiting() if out.topic == "publications"]
    settings.text_of(file["sha256"]).unlink()
    stream = ByRelease(standing().at, Texts(settings.text_of))
    with pytest.raises(Retriable, match="can't be read"):
        stream(Record(sent.topic, 0, 0, sent.timestamp or 0, sent.key, sent.value, ()))
