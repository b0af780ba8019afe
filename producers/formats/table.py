"""`.csv`: a row a version of a publication, columns named in Chinese or by the field's own name.

The row is what was signed, so a sign-off without a hash of its own gets the hash of the row's title and text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

from producers.formats.base import Origin, decode_text, publication_event
from producers.forms import Given, structured
from producers.refusals import Refused
from schemas.content import content_sha256
from schemas.events.common import Attachment
from schemas.reasons import Reason

COLUMNS: dict[str, str] = {
    "编号": "local_id", "序号": "item", "类型": "kind", "标题": "title",
    "正文": "body", "五公开": "five_open", "渠道": "channels", "事件标识": "id",
    "时间": "time", "版本": "version", "短标题": "short_title", "摘要": "summary",
    "公开属性": "disclosure_attr", "公开对象": "audience", "附注": "annotation", "责任单位": "responsible_dept",
    "发文字号": "docno", "索引号": "index_no", "主题分类": "topic", "成文日期": "formed",
    "变更日期": "changed", "批准日期": "approved", "决定日期": "decided", "获取日期": "obtained",
    "签订日期": "signed", "施行日期": "effective", "失效日期": "expires", "附件": "attachments",
    "正文哈希": "content_sha256", "1审": "1审", "1校": "1校", "2审": "2审",
    "2校": "2校", "3审": "3审", "3校": "3校", "保密审查人": "secrecy_reviewer",
    "保密审查单位": "secrecy_dept", "保密审查结果": "secrecy_result", "保密审查时间": "secrecy_at",
    "延迟原因": "late_reason",
    "更正": "corrects", "历史迁移": "backfill", "首次公开日期": "published_on",
}  # fmt: skip
"""Heading to field; the field's own name does as well. `要素:名称` (`element:NAME`) columns hold the elements."""

REQUIRED = ("local_id", "item", "kind", "title", "body", "five_open", "channels")
DATES = ("formed", "changed", "approved", "decided", "obtained", "signed", "effective", "expires")
SIGN_OFFS = ("1审", "1校", "2审", "2校", "3审", "3校")
MAX_ROWS = 10_000

_HEADING = {field: heading for heading, field in COLUMNS.items()}
_ELEMENT = re.compile(r"(?:要素|element)[::](.+)\Z")
_FORMULA = re.compile(r"\s*(?:=|[@+\-]\s*[A-Za-z]{2,}\s*\(|[@+\-][^\n]*\|[^\n]*!)")
_PLAIN = ("item", "kind", "title", "short_title", "summary", "body", "audience", "annotation", "docno", "index_no",
          "topic", "late_reason", "corrects")  # fmt: skip


def events_of_csv(value: bytes, origin: Origin, attachments: Mapping[str, Attachment]) -> list[Given]:
    """The events of a `.csv` file; `attachments` are the files that lie beside it, by name.

    Raises:
        Refused: FILE-ENCODING, FILE-EMPTY, CSV-FORM, CSV-COLUMN, CSV-FORMULA, INVALID,
            REJ-ATTACHMENT, each with the row.
    """
    rows = _rows(decode_text(value))
    fields = _fields(rows[0])
    return [
        structured(_event(dict(zip(fields, row, strict=True)), origin, number, attachments))
        for number, row in enumerate(rows[1:], start=2)
    ]


def attachment_names(value: bytes) -> set[str]:
    """The names in the column 附件, of all rows."""
    rows = _rows(decode_text(value))
    fields = _fields(rows[0])
    return {name for row in rows[1:] for name in _split(dict(zip(fields, row, strict=True)).get("attachments", ""))}


def _rows(text: str) -> list[list[str]]:
    csv.field_size_limit(1_000_000)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(row)]
    except csv.Error as error:
        raise Refused(Reason.CSV_FORM, detail=str(error)) from error
    if len(rows) < 2:
        raise Refused(Reason.FILE_EMPTY)
    if len(rows) > MAX_ROWS + 1:
        raise Refused(Reason.CSV_FORM, detail=f"{len(rows) - 1} > {MAX_ROWS} rows")
    for number, row in enumerate(rows, start=1):
        _check_row(row, number, rows[0])
    return rows


def _check_row(row: list[str], number: int, headings: list[str]) -> None:
    place = f"row {number}"
    if len(row) != len(headings):
        raise Refused(Reason.CSV_FORM, place, detail=f"row {number}: {len(row)} ≠ {len(headings)} cells")
    for heading, cell in zip(headings, row, strict=True):
        if _FORMULA.match(cell):
            raise Refused(Reason.CSV_FORMULA, place, line=number, column=heading)


def _fields(headings: list[str]) -> list[str]:
    names = [heading.strip() for heading in headings]
    fields = [COLUMNS.get(name, name) for name in names]
    unknown = [n for n, f in zip(names, fields, strict=True) if f not in _HEADING and not _ELEMENT.match(n)]
    missing = [_HEADING[field] for field in REQUIRED if field not in fields]
    twice = sorted({name for name, field in zip(names, fields, strict=True) if fields.count(field) > 1})
    problems = {"缺少列(missing)": missing, "无法识别的列(unknown)": unknown, "重复的列(twice)": twice}
    if detail := "; ".join(f"{word}: {', '.join(found)}" for word, found in problems.items() if found):
        raise Refused(Reason.CSV_COLUMN, "row 1", detail=detail)
    return fields


def _event(cells: dict[str, str], origin: Origin, number: int, beside: Mapping[str, Attachment]) -> bytes:
    place = f"row {number}"
    data: dict[str, Any] = {name: cells.get(name, "").strip("\n") or None for name in _PLAIN}
    data["body"] = cells["body"]
    data["attachments"] = [_attachment(name, beside, place) for name in _split(cells.get("attachments", ""))]
    data["version"] = int(cells["version"]) if cells.get("version", "").isdecimal() else cells.get("version") or 1
    data["disclosure_attr"] = cells.get("disclosure_attr") or "主动公开"
    data["responsible_dept"] = cells.get("responsible_dept") or origin.dept
    data["five_open"] = cells["five_open"]
    data["channels"] = _split(cells["channels"])
    data["dates"] = {name: cells[name] for name in DATES if cells.get(name)}
    data["elements"] = {m[1]: text for name, text in cells.items() if (m := _ELEMENT.match(name)) and text}
    digest = cells.get("content_sha256") or content_sha256(
        data["title"] or "", data["body"], [attachment["sha256"] for attachment in data["attachments"]]
    )
    data["sign_offs"] = [_sign_off(name, cells[name], digest, place) for name in SIGN_OFFS if cells.get(name)]
    data["secrecy_review"] = _secrecy(cells, origin)
    data["published_on"] = cells.get("published_on") or None
    data["backfill"] = cells.get("backfill", "") in {"是", "true", "1"} or None
    head = {"id": cells.get("id"), "subject": cells["local_id"].strip(), "time": cells.get("time")}
    return publication_event(origin, number, head, data, place=place, reason=Reason.INVALID)


def _sign_off(name: str, cell: str, digest: str, place: str) -> dict[str, Any]:
    """`工号@时间`: who signed and when."""
    person, at, when = cell.partition("@")
    if not at or not person or not when:
        raise Refused(Reason.INVALID, place, detail=f"{name}: 工号@时间 (STAFF-CODE@TIME), {cell!r}")
    return {"level": int(name[0]), "role": name[1], "person": person, "at": when, "content_sha256": digest}


def _secrecy(cells: dict[str, str], origin: Origin) -> dict[str, str] | None:
    if not cells.get("secrecy_reviewer"):
        return None
    return {
        "reviewer": cells["secrecy_reviewer"], "dept": cells.get("secrecy_dept") or origin.dept,
        "result": cells.get("secrecy_result", ""), "at": cells.get("secrecy_at", ""),
    }  # fmt: skip


def _attachment(name: str, beside: Mapping[str, Attachment], place: str) -> dict[str, Any]:
    if name not in beside:
        raise Refused(Reason.REJ_ATTACHMENT, place, name=name)
    return beside[name].model_dump(mode="json", exclude_none=True)


def _split(cell: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;;\n]", cell) if part.strip()]
