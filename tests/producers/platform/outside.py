"""The simulated platform as a process, as its people and its operators see it; and a town with a line to it."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from producers.platform.line import Line
from producers.tables import APPEALS
from tests.producers.counter import BODY, NAME, PHONE
from tests.support.waiting import eventually, free_port
from tests.town.town import Town

TITLE = "新桥路北段路灯长期不亮"
REPLY = "经核实，新桥路北段路灯因线路老化熄灭，已于本月更换全部线路并恢复照明。"


@dataclass
class Outside:
    """The platform."""

    url: str
    http: httpx.Client

    def appeal(self, **said: Any) -> str:
        """Somebody appeals; the platform's number."""
        whole = {"type": "投诉", "title": TITLE, "content": BODY, "name": NAME, "phone": PHONE, **said}
        return str(self._ask("POST", "/_simulator/appeals", json=whole)["appeal_no"])

    def change(self, number: str, **said: Any) -> None:
        """The appeal changes on the platform."""
        self._ask("PATCH", f"/_simulator/appeals/{number}", json=said)

    def shows(self, number: str) -> dict[str, Any]:
        """The appeal as the platform shows it, with all that it was told."""
        found: dict[str, Any] = self._ask("GET", f"/_simulator/appeals/{number}")
        return found

    def states(self, number: str) -> list[str]:
        """The states that it was told of, in order."""
        return [word["state"] for word in self.shows(number)["words"]]

    def answers(self, path: str, body: bytes, kind: str = "application/json") -> None:
        """The next call of that path is answered so."""
        self.fault(path=path, kind="answer", body=b64encode(body).decode(), type=kind)

    def clock(self, now: datetime) -> None:
        """What time it is there."""
        self.http.post("/_simulator/clock", params={"now": now.isoformat()}).raise_for_status()

    def fault(self, **said: Any) -> None:
        """Order a fault."""
        self.http.post("/_simulator/faults", json=said).raise_for_status()

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        return self.http.request(method, path, **request).raise_for_status().json()


@contextmanager
def platform(folder: Path, *options: str) -> Iterator[Outside]:
    """The platform in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "producers.platform.simulator", "--port", str(port), *options]
    with subprocess.Popen([*command, "--state", str(folder / "platform.sqlite")]) as running:
        http = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False)
        try:
            eventually(lambda: _healthy(http), saying="the platform answers")
            yield Outside(f"http://127.0.0.1:{port}", http)
        finally:
            http.close()
            running.kill()


def _healthy(http: httpx.Client) -> bool:
    try:
        return http.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


@dataclass
class Joined:
    """A town and a platform, and the line between them."""

    town: Town
    outside: Outside

    def __post_init__(self) -> None:
        """Sign in, as an operator would."""
        secrets = self.town.gateway.settings.home / "secrets"
        secrets.mkdir(exist_ok=True)
        told = f'[qunzhong]\nurl = "{self.outside.url}"\nclient = "gongkai"\nsecret = "a secret"\n'
        (secrets / "platforms.toml").write_text(told, encoding="utf-8")
        self.outside.clock(self.town.clock())
        self.line = next(one for one in self.town.gateway.services if isinstance(one, Line))

    def go(self) -> None:
        """Everything goes to and fro until it is quiet, a quarter of a minute between two looks."""
        for _ in range(20):
            self.town.clock.pass_(timedelta(seconds=15))
            self.outside.clock(self.town.clock())
            moved = self.line.turn()
            self.town.carry()
            if not moved:
                return
        raise AssertionError("it never came to rest")

    def letter(self, number: str) -> str:
        """Our key of an appeal."""
        return next(key for key, foreign in self.letters().items() if foreign == number)

    def letters(self) -> dict[str, str]:
        """Every letter that was opened for an appeal, with the appeal's number."""
        opened = {said["subject"] for said in self.town.told("complaints") if said["type"].endswith("submitted.v1")}
        with self.town.gateway.door.store.read() as conn:
            rows = conn.execute(APPEALS.select()).all()
        return {row.subject: row.foreign_id for row in rows if row.subject in opened}

    def replies(self, key: str) -> None:
        """The letter is taken up, handled and answered."""
        town = self.town
        for step, dept, fields in (
            ("accepted", "zfb", {}), ("assigned", "zfb", {"dept": "zjj"}), ("taken-up", "zjj", {}),
            ("replied", "zjj", {"reply": REPLY, "result": "已恢复照明"}),
        ):  # fmt: skip
            town.clock.pass_(timedelta(minutes=10))
            said = town.stepping(key, step, dept=dept, family="complaint")
            said["data"]["fields"] = fields
            view = town.send(said)
            assert view["state"] == "accepted", view["findings"]
