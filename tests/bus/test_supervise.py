"""All parts on one machine: started once, kept running, shown truly, stopped for good."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bus import clients, embedded, status, topics
from bus.errors import Fatal
from bus.programs import Program, environment, table
from bus.settings import Settings
from bus.supervise import Supervisor
from tests.support import servers
from tests.support.waiting import eventually, free_port

pytestmark = pytest.mark.integration


def little(name: str = "little", order: int = 50, **environment: str) -> Program:
    port = free_port()
    command = (sys.executable, "-m", "tests.support.little_program", str(port))
    return Program(name, command, port, order, reads=False, environment=environment)


@pytest.fixture
def running(settings: Settings) -> Iterator[Supervisor]:
    supervisor = Supervisor(settings, [little("first"), little("second", 60, GONGKAI_SASL_USERNAME="100%,x")])
    supervisor.start()
    yield supervisor
    supervisor.stop()


def test_every_part_is_well_and_knows_the_settings(running: Supervisor) -> None:
    rows = {part.name: part for part in running.status()}
    assert {name: part.ok for name, part in rows.items()} == {"kafka": True, "first": True, "second": True}
    said = rows["first"].health
    assert said is not None
    assert said["services"] == {"little": {"ok": True, "waiting": 7, "prefix": running.settings.prefix}}


def test_a_killed_program_comes_back(running: Supervisor) -> None:
    before = running.pids()
    os.kill(before["first"], signal.SIGKILL)
    eventually(lambda: running.pids().get("first", before["first"]) != before["first"])
    running.await_ready(30)
    assert running.pids()["second"] == before["second"]


def test_a_stopped_program_is_shown_and_can_be_started_again(running: Supervisor) -> None:
    running.stop_program("second")
    assert {part.name: part.ok for part in running.status()} == {"kafka": True, "first": True, "second": False}
    running.start_program("second")
    running.await_ready(30)


def test_who_starts_is_told_which_part_is_waited_for(settings: Settings) -> None:
    told: list[list[str]] = []
    supervisor = Supervisor(settings, [little("first"), little("second", 60)])
    try:
        supervisor.start(waiting=lambda parts: told.append(list(parts)))
    finally:
        supervisor.stop()
    assert told[0] == ["kafka"]
    assert {"first", "second"} <= {part for parts in told for part in parts}


def test_a_second_start_starts_nothing(running: Supervisor) -> None:
    before = running.pids()
    Supervisor(running.settings, running.programs).start()
    assert running.pids() == before


def test_stop_leaves_no_process(running: Supervisor) -> None:
    pids = running.pids()
    assert running.stop()
    for pid in pids.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not running.stop()
    assert [part.state for part in running.status()[1:]] == ["STOPPED", "STOPPED"]


def test_a_taken_port_is_named_before_anything_starts(settings: Settings) -> None:
    with socket.create_server((settings.host, settings.portal_port)), pytest.raises(Fatal, match="GONGKAI_PORTAL_PORT"):
        Supervisor(settings).start()
    assert not Supervisor(settings).pids()


def test_two_programs_with_one_port_are_named_before_anything_starts(settings: Settings) -> None:
    one = settings.model_copy(update={"portal_port": settings.gateway_port})
    with pytest.raises(Fatal, match="in use; set GONGKAI_GATEWAY_PORT"):
        Supervisor(one).start()
    assert not Supervisor(one).pids()


@pytest.mark.parametrize("host", ["nohost.invalid", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_named_with_its_setting(settings: Settings, host: str) -> None:
    with pytest.raises(Fatal, match=f"can't listen on {host}.*; set GONGKAI_HOST") as said:
        Supervisor(settings.model_copy(update={"host": host})).start()
    assert "Unknown error" not in str(said.value)


def test_a_program_that_fails_is_named_and_the_rest_is_stopped(settings: Settings) -> None:
    supervisor = Supervisor(settings, [little("good"), little("bad", LITTLE_FAIL="1")])
    supervisor.start(wait=False)
    log = settings.home / "logs" / "bad.log"
    eventually(lambda: log.exists() and "told to fail" in log.read_text(), 60)
    with pytest.raises(Fatal, match=r"not every part came up: .*bad is "):
        supervisor.await_ready(1)
    assert supervisor.stop()


def test_programs_die_with_a_starter_that_was_killed(settings: Settings, tmp_path: Path) -> None:
    program = little()
    script = (
        "import sys, threading\n"
        "from bus.settings import Settings\nfrom bus.supervise import Supervisor\nfrom bus.programs import Program\n"
        f"s = Supervisor(Settings(), [Program('little', {program.command!r}, {program.port})])\n"
        "s.start(); print(s.pids()['little'], flush=True); threading.Event().wait()\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env={**os.environ, **environment(settings)}
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.communicate()
    eventually(lambda: not _lives(pid), 30, "the program is gone")


def test_a_whole_home_with_its_own_broker(tmp_path: Path) -> None:
    settings = servers.plain_settings(tmp_path, partitions=2)
    supervisor = Supervisor(settings, [little()])
    supervisor.start()
    try:
        assert topics.check(settings) == []
        assert all(part.ok for part in supervisor.status())
    finally:
        supervisor.stop()
    assert embedded.running(settings) is None


def test_lag_counts_what_a_group_has_not_taken(settings: Settings) -> None:
    sender = clients.producer(settings)
    for number in range(5):
        sender.send(settings.topic("portal-feed"), b"{}", partition=number % 2).get(timeout=20)
    sender.close()
    assert status.lags(settings, ["portal"]) == {"portal": 5}
    reader = clients.consumer(settings, "portal", auto_offset_reset="earliest", max_poll_records=3)
    reader.subscribe([settings.topic("portal-feed")])
    taken = eventually(lambda: sum(map(len, reader.poll(500).values())))
    reader.commit()
    reader.close()
    assert status.lags(settings, ["portal"]) == {"portal": 5 - taken}


def test_the_table_names_real_modules_and_distinct_ports() -> None:
    programs = table(Settings(_env_file=None))
    ports = [each.port for each in programs if each.port]
    assert len(set(ports)) == len(ports)
    for each in programs:
        module = Path(*each.command[-1].split("."))
        assert module.with_suffix(".py").exists() or (module / "__main__.py").exists(), each.command


def test_settings_survive_the_way_through_the_environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == settings.model_copy(update={"city": settings.city.absolute()})
    assert json.loads(settings.model_dump_json())["prefix"] == settings.prefix


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
