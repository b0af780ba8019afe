"""`gongkai check`: judge files offline as the bus would, in every form that the file drop takes.

Reads:    .json and .ndjson as they stand; .csv, and .txt with its sidecar, by the file drop's own readers;
          a .txt that has no sidecar by the text checks alone.
Writes:   nothing: an attachment beside a file is hashed and opened where it lies.
Keeps:    nothing.
Fails to: exit 1 where an event is rejected or a file is refused whole, 2 where the command is used wrongly.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bus.clock import now
from bus.errors import EXIT_FINDINGS, EXIT_OK
from bus.extracting import examined
from bus.settings import Settings
from producers import formats
from producers.formats import sidecar_name
from producers.refusals import Refused
from producers.sending import events_in, upload_beside
from rules import offline
from rules.calendar import day_of
from rules.packs import usable_pack
from schemas.city import Pack
from schemas.city.naming import unknown_department
from schemas.extracts import Extract, from_bytes
from schemas.reasons import Reason

app = typer.Typer()

Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help=".json .ndjson .csv .txt")]
Dept = Annotated[str, typer.Option(help="Whose file it is; .csv and .txt do not say it themselves.")]
PackPath = Annotated[Path | None, typer.Option("--pack", help="Folder of the city pack; else as the settings say.")]
At = Annotated[str | None, typer.Option(help="Arrival, RFC 3339; without it each event arrives at its own time.")]

_AS_THEY_STAND = {".json", ".ndjson"}
_out = Console()


class InPlace:
    """Stands in for an upload: says of a file what the door would, and leaves it where it is."""

    def __init__(self) -> None:
        self._texts: dict[str, Extract] = {}

    def upload(self, path: Path, name: str = "") -> dict[str, Any]:
        """How an event would name the file, which is opened as the door would open it."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest not in self._texts:
            self._texts[digest] = from_bytes(examined(path))
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return {
            "sha256": digest, "name": name or path.name, "type": kind, "size": path.stat().st_size,
            "text_sha256": self._texts[digest].text_sha256,
        }  # fmt: skip

    def text(self, sha256: str) -> Extract | None:
        """What stands in the file with that digest; None where it did not lie beside an event."""
        return self._texts.get(sha256)


@app.command()
def check(
    files: Files,
    at: At = None,
    pack: PackPath = None,
    dept: Dept = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")] = False,
) -> None:
    """Judge events offline, as the bus would; 1 where one is rejected."""
    settings = Settings()
    city, arrival, portal = usable_pack(pack or settings.city), _instant(at), settings.url_of("portal")
    rejected = False
    for file in files:
        for number, line in enumerate(_lines(city, file, dept, arrival), start=1):
            rejected = rejected or line["verdict"] == "rejected"
            place = f"{file.name}:{number}"
            typer.echo(json.dumps(line, ensure_ascii=False)) if as_json else _say(line, place, portal)
    raise typer.Exit(EXIT_FINDINGS if rejected else EXIT_OK)


def _lines(city: Pack, file: Path, dept: str, arrival: datetime | None) -> Iterator[dict[str, Any]]:
    """What the bus would say to each event of a file, or to the file where it is refused whole.

    Of a text without its sidecar nothing is known but the text: it is held against the text checks alone.
    """
    if file.suffix.lower() == ".txt" and not file.with_name(sidecar_name(file.name)).is_file():
        yield offline.check_text(city, file, day_of(arrival or now()))
        return
    files = InPlace()
    try:
        values = iter(_values(city, file, dept, arrival, files))
        first = next(values, b"").strip()
        if not first:
            raise Refused(Reason.FILE_EMPTY, file.name)
        for value in chain([first], values):
            upload_beside(file.parent, formats.attachments_of(value), files)
            yield offline.check(city, value, arrival, files.text)
    except Refused as refused:
        yield offline.refused(file.name, refused.finding)


def _values(city: Pack, file: Path, dept: str, arrival: datetime | None, files: InPlace) -> Iterator[bytes]:
    if file.suffix.lower() in _AS_THEY_STAND:
        return offline.events_in(file)
    _check_dept(city, file, dept)
    return events_in(file, dept, arrival or now(), files)


def _check_dept(city: Pack, file: Path, dept: str) -> None:
    if not dept:
        raise typer.BadParameter(
            f"“{file}”没有写明是哪个部门的，请加 --dept 部门代码。\n{file} does not say whose it is: give --dept CODE"
        )
    if unknown := unknown_department(city, dept):
        raise typer.BadParameter(unknown)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"--at 的时间“{text}”读不懂，请写成 2026-01-05T09:00:00+08:00。\n"
            f"--at {text!r} is no time: write 2026-01-05T09:00:00+08:00"
        ) from error
    if instant.tzinfo is None:
        raise typer.BadParameter(
            f"--at 的时间“{text}”缺时区，请在末尾加 +08:00。\n--at {text!r} needs its offset, such as +08:00"
        )
    return instant


def _say(line: dict[str, Any], place: str, portal: str) -> None:
    """Print it for a person; `place` names an event that has no readable id, `portal` has the rules' pages."""
    due = f", due {line['due']}" if line["due"] else ""
    outlets = f", {' '.join(line['outlets'])}" if line["outlets"] else ""
    _out.print(f"{line['id'] or place}: {line['verdict']}{due}{outlets}", markup=False)
    for one in line["findings"]:
        place = f"{one['place']} {one['span'][0]}–{one['span'][1]}" if one["span"] else one["place"]
        _out.print(f"  {one['rule']} {one['severity']} {place} {one['message']['zh']}", markup=False)
        _out.print(f"    {one['remedy']['zh']}（{one['basis']}）", markup=False)
        _out.print(f"    {one['message']['en']} {one['remedy']['en']}", markup=False)
        if one.get("page"):
            _out.print(f"    {portal}{one['page']}", markup=False)
