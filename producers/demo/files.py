"""The example's events as the files that departments would drop: a table, or a text with its sidecar."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from producers.formats.table import COLUMNS

Event = Mapping[str, Any]

_SHARED = ("item", "kind", "version", "title", "disclosure_attr", "five_open", "docno", "late_reason")
_HEADING = {field: heading for heading, field in COLUMNS.items()}


def csv_of(events: Sequence[Event]) -> bytes:
    """A table with a row an event, as a spreadsheet program would save it in GBK."""
    rows = [_row(event) for event in events]
    headings = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, headings)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("gb18030")


def _row(event: Event) -> dict[str, str]:
    data = event["data"]
    cells = {
        "local_id": event["subject"].partition("/")[2], "id": event["id"], "time": event["time"],
        **{name: str(data[name]) for name in _SHARED if name in data}, "body": data["body"],
        "channels": ";".join(data["channels"]), **data["dates"],
        **{f"{sign['level']}{sign['role']}": f"{sign['person']}@{sign['at']}" for sign in data["sign_offs"]},
        **{f"secrecy_{name}": data["secrecy_review"][name] for name in ("reviewer", "dept", "result", "at")},
    }  # fmt: skip
    elements = {f"要素:{name}": text for name, text in data["elements"].items()}
    return {_HEADING.get(field, field): cell for field, cell in cells.items()} | elements


def sidecar_of(event: Event) -> bytes:
    """The `.meta.toml` of an event whose body is the text beside it."""
    data = event["data"]
    lines = [f"id = {_quote(event['id'])}", f"subject = {_quote(event['subject'])}", f"time = {event['time']}"]
    lines += [f"{name} = {_quote(data[name])}" for name in (*_SHARED, "channels") if name in data]
    lines += ["[dates]", *(f"{name} = {day}" for name, day in data["dates"].items())]
    lines += ["[elements]", *(f"{_quote(name)} = {_quote(text)}" for name, text in data["elements"].items())]
    lines += ["[secrecy_review]", *_members(data["secrecy_review"])]
    for sign_off in data["sign_offs"]:
        lines += ["[[sign_offs]]", *_members(sign_off)]
    return "\n".join(lines).encode()


def _members(table: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {value if name == 'at' else _quote(value)}" for name, value in table.items()]


def _quote(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
