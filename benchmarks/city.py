"""A whole city under measurement: every part as `gongkai up` runs it, in a home of its own, and events for it.

Reads the positions of parts from their own stores, and time and memory of processes from the system (psutil).
The events are publications of the example city, one a subject, for the portal alone: 2.4 KB, signed and reviewed.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil
import sqlalchemy as sa

from bus import ports, programs, status
from bus.clock import now
from bus.settings import Settings
from bus.store.tables import PARTITIONS
from bus.supervise import Supervisor, addresses
from producers.demo import Example
from producers.keys import KeyRing
from schemas.city import load_pack
from schemas.topics import Topic

CITY = Path(__file__).parents[1] / "cities" / "example"
SIZE = 2_400
"""Bytes of an event, give or take a character."""
ENTRY = "procurement"
_NUMBER = "00000000"
_PORTS = ("gateway", "portal", "newmedia", "gazette", "assessment", "notices", "router", "matters")


class Events:
    """Any number of events, each quickly: one of each department is made with care, the others differ by number."""

    def __init__(self, start: datetime, size: int = SIZE) -> None:
        pack = load_pack(CITY)
        example = Example.load(CITY / "demo", pack, start)
        self.departments = [
            dept.code for dept in pack.departments if dept.class_ == "B" and dept.in_force(start.date())
        ]
        self._made = {code: self._template(example, code, size) for code in self.departments}

    def one(self, number: int, dept: str | None = None) -> bytes:
        """The event of that number."""
        made = self._made[dept or self.departments[number % len(self.departments)]]
        return made.replace(b"@" + _NUMBER.encode(), b"-%08d" % number)

    @staticmethod
    def _template(example: Example, code: str, size: int) -> bytes:
        entry = next(each for each in example.publications if each["id"] == ENTRY)
        bare = example.event(entry, example.pack.department[code], 1)
        short = size - len(json.dumps(bare, ensure_ascii=False, separators=(",", ":")).encode())
        sentence = "采购结果依法公开,接受社会监督。"
        more = sentence * (short // len(sentence.encode()) + 1)
        event = example.event({**entry, "body": f"{entry['body']}{more}"}, example.pack.department[code], 1)
        event["subject"] = f"{code}/bench@{_NUMBER}"
        event["id"] = f"bench-{code}@{_NUMBER}"
        return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Use:
    """What a process has used so far."""

    cpu_seconds: float
    peak_mb: float


class City:
    """Parts that run."""

    def __init__(self, settings: Settings, supervisor: Supervisor) -> None:
        self.settings = settings
        self._supervisor = supervisor

    def stop(self, *names: str) -> None:
        """Stop parts, cleanly."""
        for name in names:
            self._supervisor.stop_program(name)

    def start(self, *names: str) -> None:
        """Start parts again, and return when all call themselves well."""
        for name in names:
            self._supervisor.start_program(name)
        parts = [each for each in self._supervisor.programs if each.name in names]
        wait(lambda: all((status.health(self.settings, each) or {}).get("ok") for each in parts), f"start of {names}")

    def use(self) -> dict[str, Use]:
        """CPU time and peak memory of every part and of the broker."""
        pids = self._supervisor.pids()
        broker = Path(self.settings.home, "kafka", "state.json")
        if broker.exists():
            pids = {**pids, "kafka": json.loads(broker.read_text())["pid"]}
        return {name: _use(pid) for name, pid in pids.items()}

    def position(self, part: str, topic: Topic) -> int:
        """How many records of `topic` a part has in its store."""
        engine = sa.create_engine(f"sqlite:///file:{self.settings.stores / part}.sqlite?mode=ro&uri=true")
        p = PARTITIONS.c
        asked = sa.select(sa.func.coalesce(sa.func.sum(p.next_offset), 0)).where(p.topic == topic.name)
        with engine.connect() as conn:
            found = int(conn.execute(asked).scalar_one())
        engine.dispose()
        return found

    def keys(self, departments: Iterable[str]) -> dict[str, str]:
        """A key of each department."""
        with closing(KeyRing(self.settings)) as ring:
            return {dept: ring.rotate(dept, now()) for dept in departments}


@contextmanager
def running(only: tuple[str, ...] = _PORTS, **settings: object) -> Iterator[City]:
    """A city of these parts in a new home, with free ports; all of it is gone afterwards."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gongkai-bench-")))
        chosen = dict(zip((f"{name}_port" for name in _PORTS), ports.unused(len(_PORTS)), strict=True))
        asked = Settings(_env_file=None, **{"home": home, "city": CITY, "bootstrap": "", **chosen, **settings})  # type: ignore[arg-type]
        table = [each for each in programs.table(asked) if each.name in only]
        supervisor = Supervisor(asked, table)
        stack.callback(supervisor.stop)
        supervisor.start()
        yield City(asked.model_copy(update={"bootstrap": addresses(asked)["kafka"]}), supervisor)


def wait(condition: Callable[[], bool], what: str, seconds: float = 1_800.0, pause: float = 0.1) -> float:
    """Seconds until `condition` holds.

    Raises:
        SystemExit: it did not.
    """
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise SystemExit(f"{what}: not within {seconds:.0f} s")
        time.sleep(pause)
    return time.monotonic() - began


def _use(pid: int) -> Use:
    process = psutil.Process(pid)
    times = process.cpu_times()
    peak = next(
        line.split()[1] for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return Use(round(times.user + times.system, 2), round(int(peak) / 1024, 1))
