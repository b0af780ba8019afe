"""The field `personal` as it comes: an object of texts within an event's data, taken out before anything else looks.

Whatever becomes of the event, what is kept, hashed or sent of it has been through `Lifted.with_`. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from schemas.events.common import Sealed
from schemas.reasons import Reason, finding
from schemas.records import Finding

MAX_FIELDS = 40
MAX_TEXT = 20_000
"""Characters of one text."""
MAX_BYTES = 150_000
"""Of the whole field as it came."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_OURS = frozenset({"key_id", "sealed", "masked_findings", "facts"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_NULL = msgspec.Raw(b"null")
_NAMED = re.compile(rb"personal|\\u00[67]", re.IGNORECASE)
"""The field's name, or an escape that may be one of its letters."""


class Lifted(NamedTuple):
    """An event whose personal data were taken out."""

    head: Mapping[str, msgspec.Raw]
    """The envelope's members, each with its own bytes, but `data`."""
    data: Mapping[str, msgspec.Raw]
    texts: Mapping[str, str]
    fault: Finding | None = None
    """Why the field can't be taken; then there are no texts."""

    def with_(self, sealed: Sealed | None) -> bytes:
        """The event with `sealed` in the place of what was taken out; the same bytes for the same value."""
        there = _NULL if sealed is None else msgspec.Raw(sealed.model_dump_json(exclude_defaults=True).encode())
        return msgspec.json.encode({**self.head, "data": {**self.data, "personal": there}})


def lift(value: bytes) -> Lifted | None:
    """`value` without its personal data; None where it has none, or is no JSON object with data."""
    if not may_hold(value):
        return None
    try:
        head = _MEMBERS.decode(value)
        data = _MEMBERS.decode(head["data"])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError):
        return None
    given = bytes(data.get("personal", _NULL)).strip()
    stray = head.pop("personal", None)
    if given == b"null":
        fault = _astray(value, stray)
        return None if fault is None else Lifted(head, data, {}, fault)
    texts, fault = _texts(given)
    return Lifted(head, data, texts, fault)


def may_hold(value: bytes) -> bool:
    """Whether the bytes may name the field at all; most events do not, and cost a search."""
    return _NAMED.search(value) is not None


def check(texts: Mapping[str, str]) -> Finding | None:
    """Why these texts can't be taken, or None."""
    if len(texts) > MAX_FIELDS:
        return _fault(f"超过{MAX_FIELDS}项", f"more than {MAX_FIELDS} texts")
    for name, text in texts.items():
        if not _NAME.match(name):
            return _fault("名称只能用小写字母、数字和下划线", "names are lower-case letters, digits, underscores")
        if len(text) > MAX_TEXT:
            return _fault(f"{name}超过{MAX_TEXT}字", f"{name} has more than {MAX_TEXT} characters", name)
        if _CONTROL.search(text) or not _is_sound(text):
            return _fault(f"{name}含有控制字符", f"{name} holds control characters", name)
    return None


def _astray(value: bytes, stray: msgspec.Raw | None) -> Finding | None:
    """Why it holds personal data after all: beside `data`, or in a member that a later one of its name hides."""
    if stray is not None:
        return _fault("应放在data之内", "it belongs in `data`")
    hidden: list[bool] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        names = [name for name, _ in pairs]
        hidden.append(any(names.count(name) > 1 for name in ("data", "personal")))

    try:
        json.loads(value, object_pairs_hook=look, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        hidden.append(True)
    return _fault("同名栏目出现两次", "a member stands there twice") if any(hidden) else None


def _texts(given: bytes) -> tuple[Mapping[str, str], Finding | None]:
    if len(given) > MAX_BYTES:
        return {}, _fault(f"超过{MAX_BYTES}字节", f"more than {MAX_BYTES} bytes")
    try:
        members = _MEMBERS.decode(given)
        if _OURS & members.keys():
            return {}, finding(Reason.PERSONAL_SEALED, "/data/personal")
        texts = _TEXTS.decode(given)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}, _fault("不是名称到文字的对照表", "it is no object of texts")
    fault = check(texts)
    return ({}, fault) if fault else (texts, None)


def _is_sound(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fault(zh: str, en: str, name: str = "") -> Finding:
    place = f"/data/personal/{name}" if name else "/data/personal"
    return finding(Reason.PERSONAL_FORM, place, why_zh=zh, why_en=en)


_MEMBERS: msgspec.json.Decoder[dict[str, msgspec.Raw]] = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXTS: msgspec.json.Decoder[dict[str, str]] = msgspec.json.Decoder(dict[str, str])
