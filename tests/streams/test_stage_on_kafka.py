"""The copying stage on a real broker: nothing lost, order kept, whatever happens to its workers."""

from __future__ import annotations

import json
import signal
import urllib.request

import pytest

from bus.settings import Settings
from schemas.topics import DEAD_LETTERS, PORTAL_FEED, PUBLICATIONS, VERDICTS
from tests.streams import bench
from tests.support.waiting import eventually, free_port

pytestmark = pytest.mark.integration


def test_outputs_are_complete_ordered_and_keep_partition_and_arrival(settings: Settings) -> None:
    count = bench.fill(settings, bench.numbered(5_000, size=500))
    with bench.working(settings):
        bench.until_committed(settings, count)
    assert bench.check_complete(settings, count, PORTAL_FEED) == 0
    inputs = {(r.partition, r.offset): r for r in bench.read(settings, PUBLICATIONS)}
    for out in bench.read(settings, PORTAL_FEED):
        _, partition, offset = dict(out.headers)["gk-origin"].decode().split("/")
        came = inputs[int(partition), int(offset)]
        assert (out.key, out.value, out.timestamp, out.partition) == (
            came.key,
            came.value,
            came.timestamp,
            came.partition,
        )


def test_the_tail_is_committed_at_rest(settings: Settings) -> None:
    with bench.working(settings):
        bench.fill(settings, bench.numbered(3))
        bench.until_committed(settings, 3, 40)
        bench.fill(settings, bench.numbered(1, start=3))
        bench.until_committed(settings, 4, 10)


def test_sigterm_ends_cleanly_and_repeats_nothing(settings: Settings) -> None:
    count = bench.fill(settings, bench.numbered(30_000, size=1_000))
    with bench.working(settings) as (worker,):
        bench.until_committed(settings, 1_000)
        assert worker.end() == 0, worker.text()
    with bench.working(settings):
        bench.until_committed(settings, count)
    assert bench.check_complete(settings, count, PORTAL_FEED) == 0


def test_sigterm_inside_a_slow_slice_acknowledges_nothing_that_was_not_sent(settings: Settings) -> None:
    bench.fill(settings, [(b"D01/k", b"!slow 3")])
    with bench.working(settings) as (worker,):
        eventually(lambda: b"[[" in _begun(settings), 40)
        assert worker.end() == 0, worker.text()
    assert len(bench.read(settings, PORTAL_FEED)) >= bench.committed(settings)
    with bench.working(settings):
        bench.until_committed(settings, 1)
    assert bench.read(settings, PORTAL_FEED)


def _begun(settings: Settings) -> bytes:
    return b"".join(path.read_bytes() for path in settings.home.glob("copier/begun-*"))


@pytest.mark.parametrize("failpoint", ["", "router.output-before-commit=kill:3"])
def test_kills_lose_nothing(settings: Settings, failpoint: str) -> None:
    count = bench.fill(settings, bench.numbered(40_000, size=1_000))
    for least in (1, 8_000, 16_000):
        with bench.working(settings, GONGKAI_FAILPOINTS=failpoint) as (worker,):
            if failpoint:
                worker.process.wait(60)
                assert worker.process.returncode == -signal.SIGKILL
            else:
                bench.until_committed(settings, least)
    with bench.working(settings):
        bench.until_committed(settings, count)
    bench.check_complete(settings, count, PORTAL_FEED)


def test_workers_come_and_go_and_nothing_is_lost(settings: Settings) -> None:
    count = bench.fill(settings, bench.numbered(60_000, size=1_000))
    port = free_port()
    with bench.working(settings, 2, WORKER_PAUSE="0.0003") as workers:
        bench.until_committed(settings, 2_000)
        with bench.working(settings, WORKER_PAUSE="0.0003", WORKER_PORT=str(port)) as (third,):
            eventually(lambda: _health(port).get("partitions"), 60)
            assert third.end() == 0, third.text()
        assert bench.committed(settings) < count, "the third worker came too late to prove anything"
        bench.until_committed(settings, count, 120)
        assert [worker.process.poll() for worker in workers] == [None, None]
    bench.check_complete(settings, count, PORTAL_FEED)


def _health(port: int) -> dict[str, object]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            said: dict[str, object] = json.load(answer)
            return said
    except OSError:
        return {}


def test_our_own_exception_is_a_dead_letter_and_the_next_record_goes_on(settings: Settings) -> None:
    bench.fill(
        settings, [(b"D01/k", b"00000000"), (b"D01/k", b"!fault"), (b"D01/k", b"00000001"), (b"D02/k", b"!large")]
    )
    with bench.working(settings):
        bench.until_committed(settings, 4)
    assert bench.check_complete(settings, 2, PORTAL_FEED) == 0
    codes = [dict(record.headers)["gk-error"] for record in bench.read(settings, DEAD_LETTERS)]
    assert codes == [b"ENGINE-FAULT", b"ENGINE-FAULT"]
    assert len(bench.read(settings, VERDICTS)) == 4


def test_faults_of_three_departments_in_a_row_end_the_process_and_acknowledge_nothing(settings: Settings) -> None:
    bench.fill(settings, [(f"D{number % 4}/k".encode(), b"!fault") for number in range(200)])
    with bench.working(settings) as (worker,):
        assert worker.process.wait(60) == 3, worker.text()
    assert bench.committed(settings) < 200


@pytest.mark.parametrize(("value", "hang"), [(b"!crash", "60"), (b"!hang", "3")])
def test_a_record_that_kills_or_hangs_is_found_and_named(settings: Settings, value: bytes, hang: str) -> None:
    pairs = list(bench.numbered(300))
    bench.fill(settings, [*pairs[:150], (b"D00/k", value), *pairs[150:]])
    for _ in range(3):
        with bench.working(settings, WORKER_HANG=hang) as (worker,):
            assert worker.process.wait(60) != 0
    with bench.working(settings, WORKER_HANG=hang, WORKER_LIMIT="2") as (worker,):
        bench.until_committed(settings, 301)
    bench.check_complete(settings, 300, PORTAL_FEED)
    (letter,) = bench.read(settings, DEAD_LETTERS)
    assert dict(letter.headers)["gk-error"] == b"ENGINE-CRASH"
    assert letter.value == value


def test_health_is_green_at_work_and_metrics_count(settings: Settings) -> None:
    port = free_port()
    bench.fill(settings, bench.numbered(100))
    with bench.working(settings, WORKER_PORT=str(port)):
        bench.until_committed(settings, 100)
        said = _health(port)
        assert said["ok"] is True
        assert said["records"] == 100
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
    assert 'gongkai_router_judged_total{outcome="accepted",topic="publications"} 100.0' in text


def test_a_killed_worker_is_succeeded_long_before_a_minute_is_over(settings: Settings) -> None:
    count = bench.fill(settings, bench.numbered(200))
    with bench.working(settings) as (worker,):
        bench.until_committed(settings, count, 60)
        worker.end(signal.SIGKILL)
        count += bench.fill(settings, bench.numbered(200, start=count))
        with bench.working(settings):
            bench.until_committed(settings, count, 40)
