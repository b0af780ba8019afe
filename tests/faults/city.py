"""The whole bus in a folder of its own: every part, both platforms, an embedded Kafka, all on free ports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from bus import clients, embedded
from bus.clock import now
from bus.programs import Program, environment, table
from bus.settings import Settings
from bus.supervise import Supervisor
from producers.client import GatewayClient
from producers.keys import KeyRing
from tests.faults import armed
from tests.faults.gauge import Gauge
from tests.faults.publisher import Publisher
from tests.faults.workload import DEPTS, WITH_WECHAT, Workload
from tests.support.servers import plain_settings
from tests.support.waiting import eventually, free_ports

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PLATFORMS = ("wechat", "weibo")
SHARES_AN_HOUR = 100_000


class City:
    """A bus to be broken: `switches` are failpoints that a program has at every start, `instead` other commands."""

    def __init__(
        self, folder: Path, *, switches: Mapping[str, str] | None = None, group: int = 100,
        plain_from: int | None = None, instead: Mapping[str, Sequence[str]] | None = None, **values: object,
    ) -> None:  # fmt: skip
        self.folder = folder
        self._switches = dict(switches or {})
        self._instead = dict(instead or {})
        self.settings = self._settings(values)
        self._supervisor = Supervisor(self.settings, self._programs(), self._simulators())
        self._keys = self._issued_keys()
        self.publisher = Publisher(
            self.settings.url_of("gateway"), self._keys, Workload(now, group, plain_from=plain_from).groups()
        )
        self._gauge: Gauge | None = None
        self._broker: embedded.Broker | None = None

    def __enter__(self) -> Self:
        self._supervisor.start()
        self.settings = self.settings.model_copy(update={"bootstrap": clients.bootstrap(self.settings)})
        self.publisher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.publisher.stop()
        self._forget_gauge()
        self._supervisor.stop()
        if self._broker is not None:
            self._broker.stop()

    # looking

    @property
    def gauge(self) -> Gauge:
        """Measures this bus."""
        if self._gauge is None:
            self._gauge = Gauge(self.settings)
        return self._gauge

    def pid(self, part: str) -> int | None:
        """Of a part that runs."""
        return self._supervisor.pids().get(part)

    def await_ready(self) -> None:
        """Return when every part calls itself well."""
        self._supervisor.await_ready()

    def settle(self, deadline: float = 300.0) -> None:
        """Return when nothing is on its way any more."""
        eventually(self.gauge.settled, deadline, "nothing is on its way any more")

    def posts(self, platform: str) -> list[dict[str, Any]]:
        """Everything that ever reached the public there, as the platform itself counts."""
        posts: list[dict[str, Any]] = httpx.get(
            f"{getattr(self.settings, f'{platform}_url')}/_simulator/posts", trust_env=False, timeout=30
        ).json()
        return posts

    def told(self, dept: str) -> Iterator[tuple[str, str]]:
        """Kind and id of every record that a department reads at the door, in order."""
        after = 0
        with GatewayClient(self.settings.url_of("gateway"), self._keys[dept]) as client:
            while (page := client.feed(after, limit=1_000))["items"]:
                yield from ((item["kind"], item["record"]["id"]) for item in page["items"])
                after = page["next"]

    def log(self, part: str) -> str:
        """All that a part has written to its log."""
        path = self.settings.home / "logs" / f"{part}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def deaths(self, part: str, how: str) -> int:
        """How often supervisord saw it end so."""
        said = (self.settings.home / "logs" / "supervisord.log").read_text(errors="replace")
        return said.count(f"exited: {part} ({how}")

    def deaths_of_all(self) -> int:
        """How often any part ended since the start."""
        said = (self.settings.home / "logs" / "supervisord.log").read_text(errors="replace")
        return said.count(" exited: ")

    # doing

    def arm(self, part: str, failpoint: str) -> None:
        """Give the part's next start, and that one alone, a failpoint."""
        self._armed(part).write_text(failpoint)

    def stop_part(self, part: str) -> None:
        self._supervisor.stop_program(part)

    def start_part(self, part: str) -> None:
        self._supervisor.start_program(part)

    def stop_broker(self) -> None:
        self._forget_gauge()
        assert embedded.stop(self._home_only())

    def start_broker(self) -> None:
        """On the data and at the address it had."""
        self._broker = embedded.start(self._home_only())
        assert self._broker.address == self.settings.bootstrap, "the port was taken meanwhile"

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `gongkai` with these words."""
        return subprocess.run(
            [sys.executable, "-m", "bus.cli", *words], capture_output=True, text=True, check=False,
            env=self.environment(), cwd=ROOT, timeout=600,
        )  # fmt: skip

    @contextmanager
    def beside(self, module: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        """One more process of a part, not under the supervisor; killed at the end where it still runs."""
        place = self.folder / f"{module}-{len(list(self.folder.glob('*.beside')))}.beside"
        with (
            place.open("wb") as out,
            subprocess.Popen(
                [sys.executable, "-m", module],
                env={**self.environment(), **variables},
                stdout=out,
                stderr=out,
                cwd=ROOT,
            ) as running,
        ):
            try:
                yield running
            finally:
                if running.poll() is None:
                    running.kill()

    def environment(self) -> dict[str, str]:
        """Of any program of this bus."""
        return {**os.environ, **environment(self.settings), armed.NAME: ""}

    # making

    def _settings(self, values: Mapping[str, object]) -> Settings:
        home = self.folder / "home"
        home.mkdir(parents=True)
        names = [name for name in Settings.model_fields if name.endswith("_port")]
        numbers = free_ports(len(names) + len(PLATFORMS))
        urls = {f"{name}_url": f"http://127.0.0.1:{port}" for name, port in zip(PLATFORMS, numbers[-2:], strict=True)}
        return plain_settings(home, city=self._pack(), **dict(zip(names, numbers, strict=False)), **urls, **values)

    def _pack(self) -> Path:
        """The example city with outlets whose quotas suffice."""
        pack = self.folder / "city"
        shutil.copytree(ROOT / "cities" / "example", pack)
        shutil.copy(HERE / "outlets.toml", pack / "outlets.toml")
        return pack

    def _programs(self) -> tuple[Program, ...]:
        return tuple(self._armable(each) for each in table(self.settings))

    def _armable(self, each: Program) -> Program:
        """The program behind `armed`, which is where a failpoint for one start comes from."""
        own = tuple(self._instead.get(each.name, each.command))
        command = (sys.executable, str(HERE / "armed.py"), str(self._armed(each.name)), *own)
        return replace(each, command=command, environment={armed.NAME: self._switches.get(each.name, "")})

    def _armed(self, part: str) -> Path:
        return self.folder / f"{part}.failpoint"

    def _simulators(self) -> Iterable[Program]:
        for name in PLATFORMS:
            port = int(getattr(self.settings, f"{name}_url").rpartition(":")[2])
            options = (
                ("--shares-an-hour", str(SHARES_AN_HOUR))
                if name == "weibo"
                else tuple(word for dept in WITH_WECHAT for word in ("--service", f"wechat-{dept}"))
            )
            command = (
                sys.executable, "-m", "consumers.newmedia.simulators", name, "--port", str(port),
                "--state", str(self.folder / f"{name}.sqlite"), *options,
            )  # fmt: skip
            yield Program(f"{name}-simulator", command, port, order=5, reads=False)

    def _issued_keys(self) -> dict[str, str]:
        ring = KeyRing(self.settings)
        try:
            return {dept: ring.rotate(dept, now()) for dept in DEPTS}
        finally:
            ring.close()

    def _home_only(self) -> Settings:
        return self.settings.model_copy(update={"bootstrap": ""})

    def _forget_gauge(self) -> None:
        if self._gauge is not None:
            self._gauge.close()
            self._gauge = None
