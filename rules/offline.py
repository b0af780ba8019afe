"""Judging from files, with no bus: the same code and so the same bytes as at the door and in the stream."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rules import docno, texts
from rules.calendar import day_of
from rules.judge import UNSEEN, judge
from rules.papers import kind_of_title
from rules.routing import route
from schemas.base import MAX_EVENT_BYTES
from schemas.city import Pack
from schemas.content import content_sha256
from schemas.decode import Unreadable, decode
from schemas.envelope import Envelope
from schemas.extracts import Extract, Extracts
from schemas.reasons import Reason, finding
from schemas.records import Finding


def _no_texts(sha256: str) -> Extract | None:  # noqa: ARG001 - an `Extracts`
    return None


def events_in(path: Path) -> Iterator[bytes]:
    """The events of a .json file (one, or a list) or of the lines of an .ndjson file, as bytes.

    A list that can't be parsed is given whole, for `decode` to say what is wrong.
    """
    value = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if path.suffix.lower() == ".ndjson":
        yield from (line for line in value.splitlines() if line.strip())
    elif value.lstrip()[:1] == b"[":
        yield from _members(value)
    else:
        yield value


def _members(value: bytes) -> list[bytes]:
    try:
        return [json.dumps(event, ensure_ascii=False).encode() for event in json.loads(value)]
    except (ValueError, RecursionError):
        return [value]


def check(pack: Pack, value: bytes, arrival: datetime | None, texts: Extracts = _no_texts) -> dict[str, Any]:
    """One line of `check --json`: what the bus would say to `value`, as though it came at `arrival`.

    Without `arrival` it is judged as though it came at its own time. Attachments of which `texts` knows nothing are
    named under `unseen`.
    """
    try:
        event = decode(value)
    except Unreadable as error:
        found = finding(Reason(error.code), excerpt=None, detail=error.detail)
        return _line(error.head.get("id"), "rejected", (found,))
    given = judge(pack, event, arrival or event.time, texts)
    outlets = [routed.outlet for routed in route(pack, event)] if given.outcome == "accepted" else []
    due = given.dues[0].due.isoformat() if given.dues else None
    line = _line(event.id, given.outcome, given.findings, outlets, due)
    return {**line, "unseen": line["unseen"] + _unopened(event, texts), **_paper(pack, event)}


def _unopened(event: Envelope, texts: Extracts) -> list[str]:
    """The places of attachments that are not at hand."""
    files = getattr(getattr(event, "data", None), "attachments", ())
    return [f"/data/attachments/{number}" for number, file in enumerate(files) if texts(file.sha256) is None]


def _paper(pack: Pack, event: Envelope) -> dict[str, Any]:
    """What an official document says it is: its number taken apart, and its kind of 公文 by its title."""
    data = getattr(event, "data", None)
    given, title = getattr(data, "docno", None), getattr(data, "title", None)
    return {
        "docno": number_of(given, day_of(event.time).year) if given else None,
        "document": kind_of_title(pack.documents, title) if title else None,
    }


def number_of(given: str, latest_year: int) -> dict[str, Any]:
    """A document number taken apart, or what is wrong with it."""
    found = docno.parse(given, latest_year)
    if not isinstance(found, docno.DocNo):
        return {"given": given, "fault": found}
    return {"given": given, **asdict(found)}


def check_text(pack: Pack, path: Path, day: date) -> dict[str, Any]:
    """The line of a bare text, of which the text checks alone can speak; its 昨日 is the day before `day`."""
    value = path.read_bytes()
    if len(value) > MAX_EVENT_BYTES:
        return refused(path.name, finding(Reason.SIZE, detail=f"{len(value)} > {MAX_EVENT_BYTES} bytes"))
    try:
        text = _text(value)
    except UnicodeDecodeError as error:
        detail = f"{error.reason} at byte {error.start}"
        return refused(path.name, finding(Reason.FILE_ENCODING, detail=detail))
    if not text:
        return refused(path.name, finding(Reason.FILE_EMPTY))
    findings = texts.check_text(pack, text, day)
    is_refused = any(one.severity in {"block", "error"} for one in findings)
    return _line(path.name, "rejected" if is_refused else "accepted", findings)


def refused(name: str, found: Finding) -> dict[str, Any]:
    """The line of a file that is refused whole."""
    return _line(name, "rejected", (found,))


def _line(
    event_id: object,
    verdict: str,
    findings: tuple[Finding, ...],
    outlets: list[str] | None = None,
    due: str | None = None,
) -> dict[str, Any]:
    return {
        "id": event_id, "verdict": verdict, "findings": [one.model_dump(mode="json") for one in findings],
        "outlets": outlets or [], "due": due, "unseen": [reason.value for reason in UNSEEN],
    }  # fmt: skip


def hash_of(value: bytes) -> str:
    """The content hash of a publication: what its sign-offs are given over.

    Raises:
        Unreadable: what `value` is not.
    """
    try:
        data = json.loads(value)["data"]
        digests = [attachment["sha256"] for attachment in data.get("attachments", ())]
        return content_sha256(str(data["title"]), str(data["body"]), digests)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Unreadable("INVALID", f"no publication with title and body: {error}") from error


def hash_of_text(path: Path, title: str | None) -> str:
    """The content hash of a .txt as the file drop will read it; title and attachments stand in NAME.meta.toml.

    Raises:
        Unreadable: where the text, its sidecar or an attachment beside it can't be read.
    """
    try:
        meta = _sidecar(path.with_suffix(".meta.toml"))
        names = [str(name) for name in meta.get("attachments", ())]
        digests = [hashlib.sha256((path.parent / name).read_bytes()).hexdigest() for name in names]
        text = _text(path.read_bytes())
    except UnicodeDecodeError as error:
        raise Unreadable("FILE-ENCODING", f"{error.reason} at byte {error.start}") from error
    except (OSError, ValueError, TypeError) as error:
        raise Unreadable("META-INVALID", f"{error}") from error
    named = title or meta.get("title")
    if not named:
        raise Unreadable("META-MISSING", "no title: give --title, or write it into the .meta.toml beside the text")
    return content_sha256(str(named), text, digests)


def _sidecar(path: Path) -> dict[str, Any]:
    return tomllib.loads(_text(path.read_bytes())) if path.exists() else {}


def _text(value: bytes) -> str:
    """UTF-8 or GB18030 with plain line ends, without the blank lines at its end: the file drop's own reading."""
    try:
        text = value.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = value.decode("gb18030")
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
