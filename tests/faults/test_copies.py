"""Copies of one part share its work, come and go; one that slept is refused by its successor's store."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.audit import audit
from tests.faults.city import City
from tests.faults.killing import PATIENCE
from tests.support.waiting import eventually, free_port

pytestmark = [pytest.mark.integration, pytest.mark.faults, pytest.mark.full, pytest.mark.timeout(900)]

WAVE = 600


def test_routers_become_three_and_two_again_while_they_work(tmp_path: Path) -> None:
    with City(tmp_path / "city") as city, one_more_router(city) as second:
        city.publisher.release(WAVE)
        eventually(lambda: city.gauge.load("router").behind, PATIENCE, "there is work")
        with one_more_router(city) as third:
            city.publisher.release(WAVE)
            os.kill(third, signal.SIGTERM)
            eventually(lambda: not _lives(third), PATIENCE, "the third router has ended")
        assert _lives(second)
        city.publisher.release(WAVE)
        city.publisher.finish(PATIENCE)
        city.settle()

        assert audit(city) == {}


@contextmanager
def one_more_router(city: City) -> Iterator[int]:
    """Its pid, once it has partitions."""
    port = free_port()
    home = city.folder / f"router-{port}"
    with city.beside("streams.router", GONGKAI_ROUTER_PORT=str(port), GONGKAI_HOME=str(home)) as running:
        eventually(lambda: _partitions(port), PATIENCE, "it has partitions")
        yield running.pid


@pytest.mark.postgres
@pytest.mark.parametrize("broken", [False, True])
def test_a_sink_that_wakes_after_its_successor_took_over_is_refused(
    tmp_path: Path, postgres_url: str, broken: bool
) -> None:
    """The portal goes to sleep with records in its hands; a second portal takes its partitions; the first wakes."""
    switches = {"portal": "fence=break"} if broken else {}
    with City(
        tmp_path / "city", switches=switches, database=postgres_url, prefix=f"f{os.getpid()}{int(broken)}."
    ) as city:
        city.stop_part("portal")
        city.arm("portal", "sink.before-slice=pause:3")
        city.start_part("portal")
        city.publisher.release(WAVE)
        eventually(lambda: _sleeps(city.pid("portal")), PATIENCE, "the portal sleeps")
        sleeper = city.pid("portal")
        assert sleeper is not None
        with city.beside("consumers.portal", GONGKAI_PORTAL_PORT=str(free_port())):
            city.publisher.release(WAVE)  # so that the second goes on behind what the first has in its hands
            eventually(lambda: city.gauge.load("portal").behind == 0, PATIENCE, "the second has taken over all of it")
            city.publisher.finish(PATIENCE)
            city.settle()
            before = city.gauge.positions("portal")
            os.kill(sleeper, signal.SIGCONT)
            became = eventually(lambda: _outcome(city, before), PATIENCE, "the first is refused, or writes")

            assert became == ("written" if broken else "refused")


def _outcome(city: City, before: dict[tuple[str, int], int]) -> str:
    """What became of the one that woke."""
    if "was taken over" in city.log("portal"):
        return "refused"
    return "written" if city.gauge.positions("portal") != before else ""


def _sleeps(pid: int | None) -> bool:
    try:
        return pid is not None and ") T " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def _lives(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def _partitions(port: int) -> int:
    try:
        said = httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False, timeout=5).json()
    except (httpx.TransportError, ValueError):
        return 0
    return int(said.get("partitions") or 0)
