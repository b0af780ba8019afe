"""`gongkai demo`: start every part, send the example, wait until all of it has arrived, and count.

Reads:    the pack's `demo` folder; `gongkai reconcile --json`, which counts from the topics and stores.
Writes:   `home/demo.json`: the start to which the example's days are relative, and whether it was sent.
Keeps:    everything else under `home`, as the parts do; `fresh` forgets it first.
Fails to: exit 1 where the count has a gap or differs from the manifest, exit 3 where a part does not come up.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bus import starting
from bus._jars import disk_errors
from bus.clock import now
from bus.errors import EXIT_FINDINGS, EXIT_OK, Fatal
from bus.programs import Program
from bus.settings import Settings
from bus.store import Store
from bus.supervise import Supervisor, addresses
from producers.demo.example import Example, Submission
from producers.demo.sending import prepare_databases, send
from producers.keys import KeyRing
from producers.tables import EVENTS, PART, metadata
from schemas.city import Pack, load_pack

SHOWN_DEPARTMENT = "mzj"
"""Whose key is printed, to paste with the curl line."""
QUIET_SECONDS = 45.0
"""Without any change in the counts for so long, what still waits is waiting for a platform's next slot."""
COUNTS = ("submitted", "accepted", "rejected", "dead", "repeated", "conflicts", "in_flight", "gap")


@dataclass
class State:
    """What is remembered between runs."""

    start: datetime
    sent: bool = False

    @classmethod
    def load(cls, path: Path) -> State:
        """What was written down, or a state that begins now."""
        if not path.exists():
            return cls(now())
        kept = json.loads(path.read_text())
        return cls(datetime.fromisoformat(kept["start"]), kept["sent"])

    def save(self, path: Path) -> None:
        """Write it down, whole or not at all."""
        scratch = path.with_suffix(".new")
        scratch.write_text(json.dumps({"start": self.start.isoformat(), "sent": self.sent}))
        scratch.replace(path)


def demo(settings: Settings, console: Console, *, once: bool, fresh: bool) -> int:
    """Run the demonstration; the exit code."""
    if fresh:
        _forget(settings)
    pack = load_pack(settings.city)
    began = time.monotonic()
    memory = settings.home / "demo.json"
    with disk_errors(settings.home):
        settings.home.mkdir(parents=True, exist_ok=True)
        _refuse_a_bus_in_use(settings, memory)
        state = State.load(memory)
        state.save(memory)
        submissions = list(Example.load(settings.city / "demo", pack, state.start).submissions())
        prepare_databases(settings, {each.dept for each in submissions if each.way == "database"})
    with _parts(settings, pack, console) as running:
        key = _publish(running, console, submissions, state, memory)
        counted = _await_arrival(running, console)
        _tell(running, console, key, pack)
        if not once:
            _until_interrupted(console)
    return _report(console, settings, counted, time.monotonic() - began)


def _refuse_a_bus_in_use(settings: Settings, memory: Path) -> None:
    """The example is fiction: it must not be published among what departments have sent.

    Raises:
        Fatal: this home's parts run, or its door has taken events, and not for a demonstration.
    """
    if memory.exists():
        return
    if Supervisor(settings).pids():
        raise Fatal(f"parts run in {settings.home} without the platforms' simulators: `gongkai down` ends them")
    if _has_taken_events(settings):
        raise Fatal(
            f"{settings.home} holds events of departments, among which the example must not be published: "
            "set GONGKAI_HOME to another folder for the demonstration"
        )


def _has_taken_events(settings: Settings) -> bool:
    try:
        store = Store.reader(settings, PART, metadata)
    except Fatal:
        return False
    with store, store.read() as conn:
        return sa.inspect(conn).has_table(EVENTS.name) and conn.execute(sa.select(EVENTS).limit(1)).first() is not None


# parts


def _simulators(settings: Settings, pack: Pack) -> tuple[tuple[Program, ...], Settings]:
    """The two platforms as processes of their own, and settings whose base addresses point at them."""
    folder = settings.home.absolute() / "simulators"
    folder.mkdir(parents=True, exist_ok=True)
    programs, urls = [], {}
    for name, port in (("wechat", settings.wechat_simulator_port), ("weibo", settings.weibo_simulator_port)):
        state = str(folder / f"{name}.sqlite")
        command = (
            sys.executable, "-m", "consumers.newmedia.simulators", name, "--port", str(port), "--state", state,
            *(word for outlet in pack.outlets if outlet.platform == name and outlet.account_type == "service"
              for word in ("--service", outlet.id)),
        )  # fmt: skip
        programs.append(Program(f"{name}-simulator", command, port, order=5, reads=False))
        urls[f"{name}_url"] = f"http://{settings.host}:{port}"
    return tuple(programs), settings.model_copy(update=urls)


@contextmanager
def _parts(settings: Settings, pack: Pack, console: Console) -> Iterator[Settings]:
    """Every part up, and down again at the end; where they run already they are left running."""
    simulators, with_urls = _simulators(settings, pack)
    supervisor = Supervisor(with_urls, extra=simulators)
    ran = bool(supervisor.pids())
    with starting.shown(console) as progress, _terminated_as_interrupted():
        supervisor.start(progress=progress.fetched, waiting=progress.waiting)
    console.print("every part runs already, and is left running" if ran else "every part is up")
    try:
        address = addresses(with_urls)["kafka"]
        yield with_urls.model_copy(update={"bootstrap": address})
    finally:
        if not ran:
            console.print("stopping every part")
            supervisor.stop()


# publishing


def _publish(
    settings: Settings, console: Console, submissions: Sequence[Submission], state: State, memory: Path
) -> str:
    """Send the example where that was not done yet; the key that is shown."""
    ring = KeyRing(settings)
    try:
        shown = ring.rotate(SHOWN_DEPARTMENT, now())
        if state.sent:
            return shown
        senders = {each.dept for each in submissions if each.way == "http"}
        keys = {dept: ring.rotate(dept, now()) for dept in sorted(senders - {SHOWN_DEPARTMENT})}
    finally:
        ring.close()
    with _bar(console, MofNCompleteColumn()) as bar:
        task = bar.add_task("publishing the example", total=len(submissions))
        send(settings, submissions, {**keys, SHOWN_DEPARTMENT: shown}, lambda n: bar.advance(task, n))
    state.sent = True
    state.save(memory)
    return shown


# counting


def _await_arrival(settings: Settings, console: Console) -> dict[str, Any]:
    """Count until everything expected was submitted and nothing is on its way any more, or nothing moves."""
    manifest = manifest_of(settings)
    before, since = None, time.monotonic()
    with _bar(console, MofNCompleteColumn()) as bar:
        task = bar.add_task("arriving", total=manifest["submitted"])
        while True:
            counted = reconcile(settings)
            waiting = counted["in_flight"] + sum(part["waiting"] for part in counted["parts"].values())
            bar.update(task, completed=max(0, counted["submitted"] - waiting))
            if counted["submitted"] >= manifest["submitted"] and not waiting:
                return counted
            if counted != before:
                before, since = counted, time.monotonic()
            elif time.monotonic() - since > QUIET_SECONDS:
                return counted


def reconcile(settings: Settings) -> dict[str, Any]:
    """What `gongkai reconcile --json` prints.

    Raises:
        Fatal: it could not count.
    """
    environment = {**os.environ, "GONGKAI_BOOTSTRAP": settings.bootstrap, "GONGKAI_HOME": str(settings.home)}
    done = subprocess.run(
        [sys.executable, "-m", "bus.cli", "reconcile", "--json"],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    if done.returncode not in {EXIT_OK, EXIT_FINDINGS}:
        raise Fatal(f"gongkai reconcile: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'no word'}")
    counted: dict[str, Any] = json.loads(done.stdout)
    return counted


def manifest_of(settings: Settings) -> dict[str, Any]:
    """What the example must come to."""
    return tomllib.loads((settings.city / "demo" / "manifest.toml").read_text(encoding="utf-8"))


def expected(submissions: Sequence[Submission]) -> Counter[str]:
    """How often each end is to be met, as the texts and trials say it."""
    return Counter(each.expect for each in submissions)


# telling


def _tell(settings: Settings, console: Console, key: str, pack: Pack) -> None:
    """Addresses, a key and a line to paste."""
    for name, address in addresses(settings).items():
        console.print(f"  {name:<12}{address}", highlight=False)
    sample = settings.home / "sample-event.json"
    example = Example.load(settings.city / "demo", pack, now())
    sample.write_bytes(example.sample(SHOWN_DEPARTMENT))
    gateway = settings.url_of("gateway")
    console.print(
        f"\n  a key of {pack.department[SHOWN_DEPARTMENT].name}, shown once:\n\n  export GONGKAI_KEY={key}\n",
        highlight=False,
    )
    console.print(
        f'  curl -H "Authorization: Bearer $GONGKAI_KEY" -H "Content-Type: application/cloudevents+json" \\\n'
        f"       --data-binary @{sample} {gateway}/v1/events\n",
        highlight=False, soft_wrap=True, markup=False,
    )  # fmt: skip


def _report(console: Console, settings: Settings, counted: Mapping[str, Any], seconds: float) -> int:
    """Print the last line; 0 where nothing is missing and, if nothing was added by hand, the manifest is met."""
    parts = {name: _ended(part) for name, part in counted["parts"].items()}
    last = {name: counted[name] for name in COUNTS} | {"consumers": parts, "seconds": round(seconds, 1)}
    manifest = manifest_of(settings)
    differs = {
        name: (counted[name], manifest[name]) for name in COUNTS if name in manifest and counted[name] != manifest[name]
    }
    for name, part in counted["parts"].items():
        if part["waiting"]:
            console.print(f"{part['waiting']} feed records of {name} have no receipt yet; see {settings.home / 'logs'}")
    if differs and counted["submitted"] == manifest["submitted"]:
        console.print(f"differs from the manifest (counted, expected): {differs}")
    print(json.dumps(last, ensure_ascii=False), flush=True)
    unpublished = counted["parts"]["portal"]["waiting"]
    bad = counted["gap"] or unpublished or counted["submitted"] < manifest["submitted"] or (
        differs and counted["submitted"] == manifest["submitted"]
    )  # fmt: skip
    return EXIT_FINDINGS if bad else EXIT_OK


def _ended(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """How a part's feed records ended, and how many did not yet."""
    return {**part["receipts"], **({"waiting": part["waiting"]} if part["waiting"] else {})}


def _until_interrupted(console: Console) -> None:
    console.print("  Ctrl-C ends it.\n")
    with _terminated_as_interrupted():
        try:
            Event().wait()
        except KeyboardInterrupt:
            console.print()


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM as Ctrl-C, so that everything is stopped in order either way."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _bar(console: Console, count: Any) -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), count, TimeElapsedColumn(), console=console)


def _forget(settings: Settings) -> None:
    """Stop what runs there and delete the home, if it is one.

    Raises:
        Fatal: the folder holds something else; nothing was deleted.
    """
    if not settings.home.exists():
        return
    if any(settings.home.iterdir()) and not (settings.home / "demo.json").exists():
        raise Fatal(f"{settings.home} holds no demonstration; delete it yourself if you mean it")
    Supervisor(settings).stop()
    doomed = Path(tempfile.mkdtemp(dir=settings.home.absolute().parent, prefix=".forgotten-"))
    settings.home.replace(doomed / "home")
    shutil.rmtree(doomed)
