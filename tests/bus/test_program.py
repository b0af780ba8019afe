"""A program ends cleanly when told and loudly when it must."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from pydantic import ValidationError

from bus.programs import table
from bus.settings import Settings, wrong_setting
from tests.support.waiting import eventually, free_port


@contextmanager
def little(port: int, **environment: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.little_program", str(port)],
        env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _health(port: int) -> httpx.Response | None:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
    except httpx.TransportError:
        return None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_program_serves_its_health_until_it_is_told_to_end(number: signal.Signals) -> None:
    port = free_port()
    with little(port) as process:
        answer = eventually(lambda: _health(port))
        assert answer is not None
        assert (answer.status_code, answer.json()["services"]["little"]["ok"]) == (200, True)
        said = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert 'gongkai_service_ok{service="little"} 1.0' in said
        assert 'gongkai_outbox_waiting{service="little"} 7.0' in said
        process.send_signal(number)
        assert process.wait(20) == 0


def test_a_failed_service_ends_the_process_with_one_line() -> None:
    with little(free_port(), LITTLE_FAIL="1") as process:
        assert process.wait(20) == 3
        assert process.stderr is not None
        assert sum("told to fail" in line for line in process.stderr) == 1


def test_a_service_that_does_not_stop_is_not_waited_for_for_ever() -> None:
    port = free_port()
    with little(port, LITTLE_DEAF="1", LITTLE_PATIENCE="0.5") as process:
        eventually(lambda: _health(port))
        process.terminate()
        assert process.wait(20) == 3


def test_a_taken_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, little(taken.getsockname()[1]) as process:
        assert process.wait(20) == 3
        assert process.stderr is not None
        assert process.stderr.read().splitlines()[-1].startswith("gongkai: little can't listen on 127.0.0.1:")


@pytest.mark.parametrize("module", [each.command[-1] for each in table(Settings())])
def test_a_wrong_setting_is_one_line_and_2(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module], capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "GONGKAI_PARTITIONS": "many"},
    )  # fmt: skip
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "the setting GONGKAI_PARTITIONS is wrong" in line
    assert "(it is 'many')" in line


def test_a_secret_that_is_wrong_is_not_shown() -> None:
    with pytest.raises(ValidationError) as said:
        Settings(database="hunter2")
    assert "hunter2" not in wrong_setting(said.value)
