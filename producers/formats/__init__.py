"""What departments put into files, made structured CloudEvents: `.json`, `.ndjson`, `.csv`, `.txt` with a sidecar.

Pure: bytes and a `Origin` in, events out, or `Refused` with a code, a place and its sentences.
The same file gives the same bytes at every reading, so a second pass after a crash repeats and doubles nothing.
"""

from __future__ import annotations

from producers.formats.base import Origin, decode_text
from producers.formats.json_files import attachments_of, check_line, events_of_json, events_of_ndjson
from producers.formats.sidecar import event_of_text, read_sidecar, sidecar_name, template, text_hash
from producers.formats.table import COLUMNS, events_of_csv

__all__ = [
    "COLUMNS",
    "Origin",
    "attachments_of",
    "check_line",
    "decode_text",
    "event_of_text",
    "events_of_csv",
    "events_of_json",
    "events_of_ndjson",
    "read_sidecar",
    "sidecar_name",
    "template",
    "text_hash",
]
