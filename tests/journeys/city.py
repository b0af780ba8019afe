"""A city for journeys: every program and both simulated platforms under a supervisor, and departments before it."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from bus.programs import Program, environment
from bus.settings import Settings
from bus.supervise import Supervisor
from producers.formats.sidecar import text_hash
from producers.formats.table import COLUMNS
from producers.keys import KeyRing
from tests.support import events
from tests.support.waiting import eventually, free_ports

PATIENCE = 60.0
"""Seconds for an event to arrive, on a machine that has other things to do."""


def started(settings: Settings) -> Supervisor:
    """Every program of `settings`, and the two platforms."""
    wechat, weibo = free_ports(2)
    urls = {"wechat_url": f"http://{settings.host}:{wechat}", "weibo_url": f"http://{settings.host}:{weibo}"}
    simulators = [_simulator(settings, "wechat", wechat), _simulator(settings, "weibo", weibo)]
    supervisor = Supervisor(settings.model_copy(update=urls), extra=simulators)
    supervisor.start()
    return supervisor


def command(settings: Settings, *words: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """`gongkai WORDS…` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bus.cli", *words], env={**os.environ, **environment(settings)},
        capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip


class Department:
    """A department with a key, a folder, and a browser of no account."""

    def __init__(self, settings: Settings, code: str) -> None:
        self.settings, self.code = settings, code
        ring = KeyRing(settings)
        try:
            self.key = ring.rotate(code, datetime.now(UTC))
        finally:
            ring.close()

    @property
    def folder(self) -> Path:
        return self.settings.home / "drop" / self.code

    def event(self, local_id: str, **data: Any) -> dict[str, Any]:
        """A whole publication for the portal alone, written a minute ago."""
        at = datetime.now(UTC) - timedelta(minutes=1)
        return events.submitted(self.code, local_id, channels=["政府网站"], envelope={"at": at}, **data)

    def post(self, event: Mapping[str, Any]) -> httpx.Response:
        """Over HTTP."""
        return httpx.post(
            f"{self.settings.url_of('gateway')}/v1/events", content=events.to_bytes(event), timeout=30,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/cloudevents+json"},
        )  # fmt: skip

    def drop(self, name: str, value: bytes) -> None:
        """Into the folder, in one move."""
        eventually(self.folder.is_dir, PATIENCE)
        (self.folder / f"{name}.tmp").write_bytes(value)
        (self.folder / f"{name}.tmp").replace(self.folder / name)

    def reported(self, name: str, into: str = "done") -> str:
        """What the report beside the file says, once it is there."""
        report = self.folder / into / f"{name}.report.txt"
        eventually(report.exists, PATIENCE, f"{name} in {into}")
        return report.read_text(encoding="utf-8")

    def asked(self, event_id: str) -> dict[str, Any]:
        """What the door knows of an event, once the portal has it or it was refused."""
        address = f"{self.settings.url_of('gateway')}/v1/events/{event_id}"

        def found() -> dict[str, Any] | None:
            answer = httpx.get(address, headers={"Authorization": f"Bearer {self.key}"}, timeout=30)
            assert answer.status_code in {200, 404}, answer.text
            view: dict[str, Any] = answer.json()
            return view if view.get("public_at") or view.get("state") in {"rejected", "dead"} else None

        view = eventually(found, PATIENCE, f"an end of {event_id}")
        assert view is not None
        return view


def page(settings: Settings, path: str) -> httpx.Response:
    """A page of the portal."""
    return httpx.get(settings.url_of("portal") + path, timeout=30)


def items_of(settings: Settings, dept: str) -> list[dict[str, Any]]:
    """What the portal's API lists of a department."""
    found: list[dict[str, Any]] = page(settings, f"/api/v1/items?dept={dept}").json()["items"]
    return found


def table(event: Mapping[str, Any], encoding: str) -> bytes:
    """The event as a row of the table that a clerk would export."""
    data, at = event["data"], event["time"]
    headings = {field: heading for heading, field in COLUMNS.items()}
    cells = {
        "local_id": event["subject"].partition("/")[2], "id": event["id"], "time": at, "item": data["item"],
        "kind": data["kind"], "title": data["title"], "body": data["body"], "five_open": data["five_open"],
        "channels": ";".join(data["channels"]), **data["dates"],
        **{f"{sign['level']}{sign['role']}": f"{sign['person']}@{sign['at']}" for sign in data["sign_offs"]},
        **{f"secrecy_{name}": data["secrecy_review"][name] for name in ("reviewer", "dept", "result", "at")},
    }  # fmt: skip
    row = {headings.get(field, field): cell for field, cell in cells.items()}
    row |= {f"要素:{name}": text for name, text in data["elements"].items()}
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(row))
    writer.writeheader()
    writer.writerow(row)
    return out.getvalue().encode(encoding)


def sidecar(text: bytes, title: str, dept: str, local_id: str) -> bytes:
    """The .meta.toml of a text, filled in and signed by six persons."""
    at = datetime.now(UTC) - timedelta(minutes=1)
    data = events.publication(dept, at, title=title)
    lines = [
        f'subject = "{dept}/{local_id}"', f'item = "{data["item"]}"', f'kind = "{data["kind"]}"', "version = 1",
        f'title = "{title}"', 'disclosure_attr = "主动公开"', f'five_open = "{data["five_open"]}"',
        'channels = ["政府网站"]', f'content_sha256 = "{text_hash(text, title)}"', "[dates]",
        *(f"{name} = {day}" for name, day in data["dates"].items()), "[elements]",
        *(f'"{name}" = "{words}"' for name, words in data["elements"].items()),
        "[secrecy_review]", *_members(data["secrecy_review"]),
    ]  # fmt: skip
    for sign in data["sign_offs"]:
        lines += ["[[sign_offs]]", *_members({name: sign[name] for name in ("level", "role", "person", "at")})]
    return "\n".join(lines).encode()


def _members(values: Mapping[str, object]) -> list[str]:
    return [f"{name} = {value}" if name in {"at", "level"} else f'{name} = "{value}"' for name, value in values.items()]


def _simulator(settings: Settings, name: str, port: int) -> Program:
    state = str(settings.home.absolute() / f"{name}.sqlite")
    words = (sys.executable, "-m", "consumers.newmedia.simulators", name, "--port", str(port), "--state", state)
    return Program(f"{name}-simulator", words, port, order=5, reads=False)
