"""`.json` (one event, or an array of them) and `.ndjson` (one event a line), each whole or not at all."""

from __future__ import annotations

import json

from producers.forms import Given, batch, structured
from producers.refusals import Refused
from schemas.reasons import Reason

_BOM = b"\xef\xbb\xbf"


def events_of_json(value: bytes) -> list[Given]:
    """The event, or the array's events, of a `.json` file; what is no event the intake refuses by its own code."""
    body = value.removeprefix(_BOM).strip()
    if not body:
        raise Refused(Reason.FILE_EMPTY)
    return batch(body) if body.startswith(b"[") else [structured(body)]


def events_of_ndjson(value: bytes) -> list[Given]:
    """The events of an `.ndjson` file.

    Raises:
        Refused: FILE-CUT where the last line is broken and unended; JSON or UTF8 at any other broken line;
            FILE-EMPTY where there is none.
    """
    body = value.removeprefix(_BOM)
    lines = body.split(b"\n")
    events: list[Given] = []
    for number, raw in enumerate(lines, start=1):
        if line := raw.strip(b" \t\r"):
            check_line(line, number, cut=number == len(lines))
            events.append(structured(line))
    if not events:
        raise Refused(Reason.FILE_EMPTY)
    return events


def check_line(line: bytes, number: int, *, cut: bool) -> None:
    """Refuse a line that is no JSON, by its number; `cut` where it is the last one and has no end."""
    place = f"line {number}"
    try:
        json.loads(line)
    except UnicodeDecodeError as error:
        if cut and error.reason == "unexpected end of data":
            raise Refused(Reason.FILE_CUT, place, line=number) from error
        raise Refused(Reason.UTF8, place, detail=place) from error
    except RecursionError as error:
        raise Refused(Reason.JSON, place, detail=f"{place}: nested too deeply") from error
    except ValueError as error:
        if cut:
            raise Refused(Reason.FILE_CUT, place, line=number) from error
        raise Refused(Reason.JSON, place, detail=f"{place}: {error}") from error


def attachments_of(given: Given) -> set[str]:
    """The names of attachments in an event, however wrong the rest of it is."""
    try:
        named = json.loads(given if isinstance(given, bytes) else b"{}")["data"]["attachments"]
        return {each["name"] for each in named if isinstance(each["name"], str)}
    except (ValueError, KeyError, TypeError, RecursionError):
        return set()
