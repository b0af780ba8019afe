"""`.txt` with a sidecar `NAME.meta.toml`: the text is the body, the sidecar says what the catalogue asks of it.

The six sign-offs are given over `content_sha256` of the sidecar, so a text changed after signing is found out.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from producers.formats.base import Origin, decode_text, publication_event
from producers.refusals import Refused
from rules.clocks import starts_from
from schemas.city.models import CatalogueRow, Kind
from schemas.content import content_sha256
from schemas.events.common import Attachment
from schemas.reasons import Reason

HEAD = ("id", "subject", "time")
SHARED = ("content_sha256", "attachments")
"""Members of a sidecar that are no field of the publication: one hash for all sign-offs, names of files beside it."""


def sidecar_name(text_name: str) -> str:
    """`notice.txt` → `notice.meta.toml`."""
    return f"{PurePath(text_name).stem}.meta.toml"


def read_sidecar(value: bytes, name: str) -> dict[str, Any]:
    """The sidecar's table.

    Raises:
        Refused: META-INVALID where it is no TOML, or its members have the wrong shape.
    """
    try:
        meta = tomllib.loads(decode_text(value))
    except tomllib.TOMLDecodeError as error:
        raise Refused(Reason.META_INVALID, name, detail=str(error)) from error
    for member, kind in (("attachments", list), ("sign_offs", list), ("subject", str)):
        if not isinstance(meta.get(member, kind()), kind):
            raise Refused(Reason.META_INVALID, name, detail=f"{member}: {kind.__name__}")
    return meta


def event_of_text(
    value: bytes, meta: Mapping[str, Any], origin: Origin, attachments: Mapping[str, Attachment]
) -> bytes:
    """The structured event of a text and its sidecar; `attachments` are the files beside it, by name.

    Raises:
        Refused: FILE-ENCODING, META-INVALID with everything that is missing, REJ-ATTACHMENT.
    """
    place = sidecar_name(origin.name)
    if not meta.get("subject"):
        raise Refused(Reason.META_INVALID, place, detail="缺少(missing): subject")
    data = {key: value for key, value in meta.items() if key not in (*HEAD, *SHARED)}
    data["body"] = _body(value)
    data["attachments"] = [_attachment(str(n), attachments, place) for n in meta.get("attachments", ())]
    data.setdefault("responsible_dept", origin.dept)
    data["sign_offs"] = [_signed(sign, meta.get("content_sha256")) for sign in meta.get("sign_offs", ())]
    return publication_event(
        origin, 1, {key: meta.get(key) for key in HEAD}, data, place=place, reason=Reason.META_INVALID
    )


def text_hash(value: bytes, title: str, attachment_digests: tuple[str, ...] = ()) -> str:
    """The content hash of a text under `title`: what its sign-offs are given over."""
    return content_sha256(title, _body(value), attachment_digests)


def template(row: CatalogueRow, kind: Kind, title: str, digest: str, local_id: str) -> str:
    """A sidecar for a publication of `row`, with what that row and kind require, to be filled in by a clerk."""
    start = starts_from(row.time_limit)
    dates = tuple(dict.fromkeys([*kind.dates, *([start] if start else [])]))
    lines = [
        f"# {row.level1} / {row.level2}({row.code}),依据:{_one_line(row.basis)}",
        "# 请填写空白处;正文或标题改动后,用 gongkai hash 重新计算 content_sha256,再请六位审校人员重新签署。",
        f"subject = {_quote(local_id)}  # 本件编号,本单位内不重复",
        f"item = {_quote(row.code)}",
        f"kind = {_quote(kind.name)}  # {kind.label}",
        "version = 1",
        f"title = {_quote(title)}",
        'disclosure_attr = "主动公开"',
        f"five_open = {_quote(row.five_open)}",
        f"channels = [{', '.join(_quote(channel) for channel in row.channels)}]",
        *(['docno = ""  # 发文字号,如 示政发〔2026〕5号'] if kind.docno != "none" else []),
        "attachments = []  # 同一文件夹内的附件文件名",
        f"content_sha256 = {_quote(digest)}  # 标题、正文与附件的哈希,六次签署均以此为准",
        "",
        "[dates]  # 年-月-日,不加引号,如 2026-03-02",
        *[f"# {name} = " for name in dates],
        "",
        "[elements]",
        *[f'{_quote(name)} = ""' for name in row.elements],
        *_secrecy_lines(kind),
        *_sign_off_lines(kind),
    ]
    return "\n".join(lines) + "\n"


def _secrecy_lines(kind: Kind) -> list[str]:
    if not kind.secrecy:
        return []
    return [
        "", "[secrecy_review]  # 保密审查(条例第十七条)", 'reviewer = ""  # 审查人工号', 'dept = ""  # 审查单位代码',
        'result = "公开"', "# at = 2026-03-02T09:00:00+08:00",
    ]  # fmt: skip


def _sign_off_lines(kind: Kind) -> list[str]:
    lines: list[str] = []
    for sign_off in kind.sign_offs:
        lines += ["", f"[[sign_offs]]  # {sign_off}", f"level = {sign_off[0]}", f"role = {_quote(sign_off[1])}",
                  'person = ""  # 工号', "# at = 2026-03-02T09:00:00+08:00"]  # fmt: skip
    return lines


def _body(value: bytes) -> str:
    """The text without the blank lines an editor leaves at its end."""
    return decode_text(value).rstrip()


def _signed(sign: object, digest: object) -> object:
    return {"content_sha256": digest, **sign} if isinstance(sign, dict) and digest else sign


def _attachment(name: str, beside: Mapping[str, Attachment], place: str) -> dict[str, Any]:
    if name not in beside:
        raise Refused(Reason.REJ_ATTACHMENT, place, name=name)
    return beside[name].model_dump(mode="json", exclude_none=True)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())
