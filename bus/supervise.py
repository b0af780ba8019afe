"""All parts on one machine under supervisord: started, kept running, asked after, stopped in order.

Reads:    the table of programs; `home/run` and `home/kafka`.
Writes:   `home/run` (supervisord's configuration, its state and lock), `home/logs`; the city's topics.
Keeps:    supervisord and the embedded broker, in sessions of their own.
Fails to: `Fatal`, one line: a taken port with its setting, no broker, a program that does not come up.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Error as XmlRpcError
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from bus import _held, clients, embedded, program, status, topics
from bus._jars import Progress, disk_errors
from bus.city import City
from bus.errors import Fatal
from bus.programs import Program, environment, table
from bus.settings import Settings

READY_SECONDS = 120.0
_STOP_WAIT_SECONDS = int(program.STOP_SECONDS) + 10
_ALL_STOP_SECONDS = 180.0
Waiting = Callable[[Sequence[str]], None]
"""Told which parts do not answer yet."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Supervisor:
    """The programs of one home; `extra` ones are run beside the table's."""

    def __init__(
        self, settings: Settings, programs: Sequence[Program] | None = None, extra: Iterable[Program] = ()
    ) -> None:
        self.settings = settings.model_copy(update={"home": settings.home.absolute()})
        self.programs = (*(table(settings) if programs is None else programs), *extra)
        self._run = self.settings.home / "run"
        self._logs = self.settings.home / "logs"
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._broker: embedded.Broker | None = None

    def start(
        self, *, detached: bool = False, progress: Progress | None = None, waiting: Waiting | None = None,
        wait: bool = True,
    ) -> None:  # fmt: skip
        """Start the broker (where none is set), the topics and every program; return when all call themselves well.

        `detached` ones outlive this process. Where they run already, nothing is started twice; a broker that died
        is started again, at its old address.

        Raises:
            Fatal: a port is taken, or a part did not come up; what was started is stopped again.
        """
        waiting = waiting or _nobody
        with disk_errors(self.settings.home):
            self._run.mkdir(parents=True, exist_ok=True)
            self._logs.mkdir(parents=True, exist_ok=True)
            lock = _held.try_lock(self._run)
        if lock is None:
            self._start_broker(detached=detached, progress=progress)
            if wait:
                self.await_ready(waiting=waiting)
            return
        try:
            waiting(["kafka"])
            try:
                self._start(lock, detached=detached, progress=progress)
            finally:
                os.close(lock)
            if wait:
                self.await_ready(waiting=waiting)
        except BaseException:
            self._undo()
            raise

    def await_ready(self, seconds: float = READY_SECONDS, waiting: Waiting | None = None) -> None:
        """Return when every part is well.

        Raises:
            Fatal: one is not, after that time; its name and last word are in the line.
        """
        if not _held.wait_for(lambda: self._all_well_or_fatal(waiting or _nobody), seconds, pause=0.2):
            self._complain()

    def stop(self) -> bool:
        """Stop every program, the door first, then the embedded broker; False where nothing ran."""
        ran = self._undo()
        return embedded.stop(self.settings) or ran

    def status(self) -> list[status.Part]:
        """Every part and the broker, as they are now."""
        running = embedded.running(self.settings)
        rows = [status.broker(self._with_broker(), running.pid if running else None)]
        said = {info["name"]: info for info in self._infos()}
        lags = (
            status.lags(self._with_broker(), [each.name for each in self.programs if each.reads]) if rows[0].ok else {}
        )
        for each in self.programs:
            info = said.get(each.name, {"statename": "STOPPED", "pid": 0})
            well = status.health(self.settings, each) if info["statename"] == "RUNNING" else None
            rows.append(status.Part(each.name, info["statename"], info["pid"] or None, well, lags.get(each.name)))
        return rows

    def pids(self) -> dict[str, int]:
        """Of every program that runs."""
        return {info["name"]: info["pid"] for info in self._infos() if info["pid"]}

    def start_program(self, name: str) -> None:
        """Start one program again after `stop_program`."""
        self._ask("startProcess", name)

    def stop_program(self, name: str) -> None:
        """Stop one program, cleanly, and keep it stopped."""
        self._ask("stopProcess", name)

    def _undo(self) -> bool:
        """Stop the programs, and the broker where this object started it."""
        ran = _held.end(self._run, _ALL_STOP_SECONDS)
        for child in (self._process, self._watcher):
            if child is not None:
                child.communicate()
        self._process = self._watcher = None
        if self._broker is not None and self._broker.process is not None:
            self._broker.stop()
            ran = True
        self._broker = None
        return ran

    def _start(self, lock: int, *, detached: bool, progress: Progress | None) -> None:
        (self._run / "state.json").unlink(missing_ok=True)
        self._check_ports()
        self._start_broker(detached=detached, progress=progress)
        running = self._with_broker()
        topics.create(running)
        City.as_it_is(running)  # where no pack is released yet, one is, before each part would write its own
        self._process = self._spawn(lock)
        _held.write_state(self._run, {"pid": self._process.pid})
        if detached:
            _held.leave_running(self._process)
        else:
            self._watcher = _held.watcher(self._run, self._process.pid, _ALL_STOP_SECONDS)

    def _start_broker(self, *, detached: bool, progress: Progress | None) -> None:
        if not self.settings.bootstrap:
            self._broker = embedded.start(self.settings, detached=detached, progress=progress)

    def _with_broker(self) -> Settings:
        """The settings with the broker's address in them, as every program is given them."""
        running = None if self.settings.bootstrap else embedded.running(self.settings)
        return self.settings.model_copy(update={"bootstrap": running.address}) if running else self.settings

    def _check_ports(self) -> None:
        """Take every port for a moment, all at once, so that two programs with one port are found too."""
        with ExitStack() as taken:
            for each in self.programs:
                if each.port is not None:
                    try:
                        taken.enter_context(socket.create_server((self.settings.host, each.port)))
                    except OSError as error:
                        raise program.port_taken(each.name, self.settings, each.port, error) from error

    def _spawn(self, lock: int) -> subprocess.Popen[bytes]:
        """Start supervisord with the lock as its standard input, the one descriptor it neither closes nor passes on."""
        config = self._run / "supervisord.conf"
        config.write_text(self._config())
        with (self._logs / "supervisord.out").open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "--nodaemon", "-c", str(config)],
                stdin=lock, stdout=output, stderr=output, start_new_session=True,
                env={**os.environ, **environment(self._with_broker())},
            )  # fmt: skip

    def _config(self) -> str:
        parts = [
            _section("unix_http_server", file=self._socket(), chmod="0700"),
            _section(
                "supervisord", nodaemon="true", silent="true", directory=Path.cwd(), identifier="gongkai",
                logfile=self._logs / "supervisord.log", logfile_maxbytes="10MB", logfile_backups=3,
                pidfile=self._run / "supervisord.pid", **({"user": "root"} if os.geteuid() == 0 else {}),
            ),
            _section(
                "rpcinterface:supervisor",
                **{"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"},
            ),
            *(self._program(each) for each in self.programs),
        ]  # fmt: skip
        return "\n".join(parts)

    def _program(self, each: Program) -> str:
        own = ",".join(f'{name}="{_percent(value)}"' for name, value in each.environment.items())
        return _section(
            f"program:{each.name}", command=shlex.join(each.command), priority=each.order, autostart="true",
            autorestart="true", startsecs=2, startretries=100, stopsignal="TERM", stopwaitsecs=_STOP_WAIT_SECONDS,
            killasgroup="true", redirect_stderr="true", stdout_logfile=self._logs / f"{each.name}.log",
            stdout_logfile_maxbytes="10MB", stdout_logfile_backups=3,
        ) + (f"environment = {own}\n" if own else "")  # fmt: skip

    def _socket(self) -> Path:
        """In the home where its path fits into a socket's address, else in a folder of this user's own."""
        place = self._run / "supervisor.sock"
        if len(os.fsencode(place)) < 100:
            return place
        digest = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"gongkai-{os.getuid()}-{digest}"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / "supervisor.sock"

    def _ask(self, method: str, *arguments: str) -> Any:
        """Call supervisord, on a connection of this call's own."""
        transport = SupervisorTransport(None, None, f"unix://{self._socket()}")
        with closing(transport):
            return getattr(ServerProxy("http://127.0.0.1", transport=transport).supervisor, method)(*arguments)

    def _infos(self) -> list[dict[str, Any]]:
        if not _held.is_held(self._run):
            return []
        try:
            return list(self._ask("getAllProcessInfo"))
        except (OSError, HTTPException, XmlRpcError):
            return []

    def _all_well_or_fatal(self, waiting: Waiting) -> bool:
        if not _held.is_held(self._run):
            said = (self._logs / "supervisord.out").read_text(errors="replace").strip().splitlines()
            raise Fatal(f"supervisord ended: {said[-1] if said else 'no reason given'}; see {self._logs}")
        states = {info["name"]: info["statename"] for info in self._infos()}
        if "FATAL" in states.values():
            self._complain()
        late = [each.name for each in self.programs if states.get(each.name) != "RUNNING"] or self._first_unwell()
        if late:
            waiting(late)
        return not late

    def _first_unwell(self) -> list[str]:
        """One that is not well by its own word, where there is one: the others are asked when it is."""
        for each in self.programs:
            word = status.health(self.settings, each)
            if word is not None and not word.get("ok"):
                return [each.name]
        return []

    def _complain(self) -> None:
        bad = [part for part in self.status() if not part.ok]
        words = "; ".join(f"{part.name} is {part.state}{self._last_line(part.name)}" for part in bad)
        raise Fatal(f"not every part came up: {words or 'too slow'}; see {self._logs}")

    def _last_line(self, name: str) -> str:
        log = self._logs / f"{name}.log"
        lines = log.read_text(errors="replace")[-4_000:].strip().splitlines() if log.exists() else []
        return f" ({_COLOUR.sub('', lines[-1])[:300]})" if lines else ""


def addresses(settings: Settings) -> dict[str, str]:
    """What a person opens: part and address."""
    found = {each.name: f"http://{settings.host}:{each.port}" for each in table(settings) if each.port}
    return {"kafka": clients.bootstrap(settings), **found}


def _nobody(parts: Sequence[str]) -> None:
    """Nobody wants to know."""


def _section(name: str, **values: object) -> str:
    lines = (f"{key} = {_percent(str(value))}\n" for key, value in values.items())
    return f"[{name}]\n{''.join(lines)}"


def _percent(value: str) -> str:
    """A value as text: supervisord would expand a `%`, and take what follows a line's end for another setting."""
    if "\n" in value or "\r" in value:
        raise Fatal(f"a line break can't stand in a program's setting: {value!r}")
    return value.replace("%", "%%")
