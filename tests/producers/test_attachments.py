"""Attached files at the door: opened once in a process of its own, judged by what stands in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bus.settings import Settings
from schemas.extracts import Extract, from_bytes
from tests.producers.door import Caller
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


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
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
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_wrong_in_a_file_is_told_where_it_stands(
    caller: Caller, name: str, value: bytes, expected: tuple[str, str, str]
) -> None:
    file = attach(caller, value, name)

    rule, severity, place = expected
    assert (rule, severity, f"/data/attachments/0#{place}") in found(answer(caller, file))
    assert file["text_sha256"] == kept(caller.gateway.settings, file).text_sha256 is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("通知.docx", papers.docx("各单位要认真部署。", table=[["单位", "电话"], ["办公室", "见附表"]])),
        ("名单.xlsx", papers.xlsx([["序号", "单位"], [1, "示例市发展和改革委员会"]])),
        ("通知.pdf", papers.pdf("各单位要认真部署。")),
        ("说明.txt", "各单位要认真部署。\n".encode()),
        ("图.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(60)),
    ],
)
def test_a_file_with_nothing_wrong_gives_no_finding(caller: Caller, name: str, value: bytes) -> None:
    assert found(answer(caller, attach(caller, value, name))) == []


def test_an_excerpt_of_a_file_is_masked_and_its_span_counts_from_its_passage(caller: Caller) -> None:
    file = attach(caller, papers.docx(f"补助发给{NUMBER}。"), "名单.docx")
    (one,) = findings(answer(caller, file))
    assert (one["excerpt"], one["span"]) == ("138****0000", [4, 15])
    assert NUMBER not in json.dumps(one)
