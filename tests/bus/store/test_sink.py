"""A record has its effect once, whatever is repeated, restarted, rebalanced or taken over."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from bus import embedded, topics
from bus.errors import Fatal, Fenced, StoreMismatch
from bus.record import Outgoing, Record
from bus.settings import Settings
from bus.store import Outbox, Relay, Sink, Store, digest, rebuild
from bus.store import sink as sinks
from bus.store.slices import Turn
from bus.store.tables import PARTITIONS
from tests.bus.store.journal import EFFECTS, LINES, METADATA, Journal, feed, outgoing, read_all
from tests.support.servers import plain_settings
from tests.support.waiting import eventually


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    with Store(settings, "portal", METADATA) as store:
        store.migrate()
        yield store


@contextmanager
def running(*services: Sink | Relay) -> Iterator[None]:
    for service in services:
        service.start()
    try:
        yield
    finally:
        for service in reversed(services):
            service.stop()


def effects(store: Store) -> dict[str, int]:
    with store.read() as conn:
        return dict(conn.execute(sa.select(EFFECTS.c.text, EFFECTS.c.count)).all())


def await_effects(store: Store, texts: list[str], *sinks: Sink, deadline: float = 30.0) -> None:
    wanted = dict.fromkeys(texts, 1)
    eventually(lambda: any(sink.failed for sink in sinks) or effects(store) == wanted, deadline, "every effect once")
    assert [sink.failed for sink in sinks] == [None] * len(sinks)


def await_sent(relay: Relay) -> None:
    eventually(lambda: relay.failed or relay.health()["waiting"] == 0, saying="outbox empty")
    assert relay.failed is None


def test_each_record_once_across_restarts_and_repeats(any_store_settings: Settings) -> None:
    settings = any_store_settings
    texts = [f"t{number}" for number in range(200)]
    for upto in (100, 150, 200):
        feed(settings, [outgoing(text, f"d/{text}") for text in texts[:upto]])
        with opened(settings) as store:
            relay = Relay(settings, store)
            sink = Sink(settings, store, Journal(), relay)
            with running(relay, sink):
                await_effects(store, texts[:upto], sink)
                await_sent(relay)
    assert len(read_all(settings, "receipts")) == 200


def test_a_client_that_fetches_nothing_more_is_begun_anew(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """As kafka-python's was found after a broker had been away: no error, no record, and more in the log."""
    monkeypatch.setattr(sinks, "LOOK_EVERY", 0.5)
    with opened(settings) as store:
        sink = Sink(settings, store, Journal())
        feed(settings, [outgoing("a", partition=0)])
        with running(sink):
            await_effects(store, ["a"], sink)
            assert sink._consuming is not None
            consumer = sink._consuming._consumer
            consumer.pause(*consumer.assignment())
            feed(settings, [outgoing("b", partition=0), outgoing("c", partition=1)])
            await_effects(store, ["a", "b", "c"], sink)


@pytest.mark.postgres
def test_a_paused_sink_that_wakes_after_its_successor_is_refused(settings: Settings, postgres_url: str) -> None:
    settings = settings.model_copy(update={"database": postgres_url})
    reached, wake = threading.Event(), threading.Event()

    def pause(given: Turn) -> Turn:
        reached.set()
        assert wake.wait(60)
        return given

    with opened(settings) as store, Store(settings, "portal", METADATA) as other:
        sleeper, successor = Sink(settings, store, Journal()), Sink(settings, other, Journal())
        feed(settings, [outgoing("a", partition=0)])
        with running(sleeper):
            await_effects(store, ["a"], sleeper)
            inner = sleeper._slices
            apply = inner.apply_all
            inner.apply_all = lambda turn: apply(pause(turn))  # type: ignore[method-assign]
            feed(settings, [outgoing("b", partition=0)])
            assert reached.wait(30)
            with other.begin() as conn:  # what a successor's take-over does, while the sleeper still thinks it holds
                conn.execute(PARTITIONS.update().values(epoch=PARTITIONS.c.epoch + 1))
            wake.set()
            eventually(lambda: sleeper.failed)
            assert isinstance(sleeper.failed, Fenced)
        with running(successor):
            await_effects(other, ["a", "b"], successor)


@pytest.mark.postgres
def test_records_flow_on_after_each_rebalance_with_a_listener_set(settings: Settings, postgres_url: str) -> None:
    """kafka-python 3.0.x before 3.0.12 stalled here (its issues 3131 and 3138)."""
    settings = settings.model_copy(update={"database": postgres_url})
    texts: list[str] = []

    def more(store: Store, *sinks: Sink) -> None:
        new = [f"t{len(texts) + number}" for number in range(80)]
        texts.extend(new)
        feed(settings, [outgoing(text, f"d/{text}", number % 4) for number, text in enumerate(new)])
        await_effects(store, texts, *sinks, deadline=60)

    with opened(settings) as one, opened(settings) as two, opened(settings) as three:
        first, second, third = (Sink(settings, store, Journal()) for store in (one, two, three))
        with running(first):
            more(one, first)
            with running(second):
                eventually(lambda: second.health()["partitions"] == 2, 60)
                more(one, first, second)
                with running(third):
                    eventually(lambda: third.health()["partitions"], 60)
                    more(one, first, second, third)
                more(one, first, second)
            more(one, first)


def test_a_poison_record_ends_the_sink_and_keeps_all_before_it(any_store_settings: Settings) -> None:
    settings = any_store_settings
    feed(settings, [outgoing(text, partition=1) for text in ("a", "b", "bad", "c")])
    with opened(settings) as store:
        sink = Sink(settings, store, Journal(poison="bad"))
        with running(sink):
            eventually(lambda: sink.failed)
        assert isinstance(sink.failed, Fatal)
        assert "portal-feed/1/2" in str(sink.failed)
        assert effects(store) == {"a": 1, "b": 1}


def test_a_wiped_broker_is_refused_by_name_of_the_command(tmp_path: Path) -> None:
    settings = plain_settings(tmp_path, partitions=2)
    with opened(settings) as store:
        with embedded.started(settings) as broker:
            mine = settings.model_copy(update={"bootstrap": broker.address})
            topics.create(mine)
            feed(mine, [outgoing("a", partition=0)])
            sink = Sink(mine, store, Journal())
            with running(sink):
                await_effects(store, ["a"], sink)
        _wipe(tmp_path / "kafka" / "data")
        with embedded.started(settings) as broker:
            mine = settings.model_copy(update={"bootstrap": broker.address})
            topics.create(mine)
            refused = Sink(mine, store, Journal())
            with running(refused):
                eventually(lambda: refused.failed, 60)
            assert isinstance(refused.failed, StoreMismatch)
            assert "gongkai rebuild portal" in str(refused.failed)
            assert effects(store) == {"a": 1}
            rebuilt = rebuild(mine, store, Journal())
            assert (rebuilt.known, rebuilt.applied) == (0, 0)
            feed(mine, [outgoing("b", partition=0)])
            again = Sink(mine, store, Journal())
            with running(again):
                await_effects(store, ["b"], again)


def test_a_broker_that_goes_away_and_comes_back_costs_nothing(tmp_path: Path) -> None:
    settings = plain_settings(tmp_path, partitions=2)
    with opened(settings) as store:
        with embedded.started(settings) as broker:
            mine = settings.model_copy(update={"bootstrap": broker.address})
            topics.create(mine)
            relay = Relay(mine, store)
            sink = Sink(mine, store, Journal(), relay)
            relay.start()
            sink.start()
            feed(mine, [outgoing("a", partition=0)])
            await_effects(store, ["a"], sink)
            await_sent(relay)
        with store.begin() as conn:
            Outbox(store).append(conn, "portal-feed/0", [outgoing("b", partition=0)])
        relay.wake()
        eventually(lambda: relay.health()["trouble"] or relay.health()["waiting"] == 1)
        with embedded.started(settings) as broker:
            assert broker.address == mine.bootstrap
            await_effects(store, ["a", "b"], sink, deadline=60)
            await_sent(relay)
            sink.stop()
            relay.stop()
            assert len(read_all(mine, "receipts")) == 2


def test_a_rebuild_gives_the_same_rows_and_repeats_nothing_outward(any_store_settings: Settings) -> None:
    settings = any_store_settings
    texts = [f"t{number}" for number in range(60)]
    feed(settings, [outgoing(text, f"d/{text}") for text in texts])
    with opened(settings) as store:
        relay, sink = Relay(settings, store), Sink(settings, store, Journal())
        with running(relay, sink):
            await_effects(store, texts, sink)
            eventually(lambda: relay.health()["waiting"] == 0)
        before = digest(store)
        feed(settings, [outgoing("late", "d/late"), repeated(read_all(settings, "receipts")[0])])
        late = Sink(settings, store, Journal())
        with running(late):
            await_effects(store, [*texts, "late"], late)
        rebuilt = rebuild(settings, store, Journal(), lambda: datetime(2030, 1, 1, tzinfo=UTC))
        assert (rebuilt.known, rebuilt.applied, rebuilt.to_send) == (60, 61, 1)
        assert effects(store) == dict.fromkeys([*texts, "late"], 1)
        with store.begin() as conn:
            conn.execute(EFFECTS.delete().where(EFFECTS.c.text == "late"))
        _forget_line(store, "late")
        assert digest(store) == before, "public times came from the receipts, not from the clock of the rebuild"
        relay, sink = Relay(settings, store), Sink(settings, store, Journal())
        with running(relay, sink):
            eventually(lambda: relay.health()["waiting"] == 0)
    assert len(read_all(settings, "receipts")) == 62, "61 of the part's own and the one that was repeated"


def repeated(record: Record) -> Outgoing:
    """What a relay does that died between sending and marking."""
    return Outgoing(record.topic, record.key, record.value, record.headers, record.timestamp, record.partition)


@pytest.mark.faults
@pytest.mark.parametrize(
    "point", ["sink.before-commit=kill:1", "sink.before-kafka-commit=kill:1", "relay.sent-before-mark=kill:1"]
)
def test_a_kill_at_a_failpoint_loses_and_doubles_nothing(settings: Settings, point: str) -> None:
    texts = [f"t{number}" for number in range(50)]
    for first in range(0, 50, 10):
        feed(settings, [outgoing(text, "d/k") for text in texts[first : first + 10]])
    with _program(settings, point) as killed:
        eventually(lambda: killed.poll() is not None, 60)
        assert killed.returncode == -signal.SIGKILL
    with _program(settings, ""):
        eventually(lambda: len({r.gk_id for r in read_all(settings, "receipts")}) == 50, 60)
    with Store(settings, "portal", METADATA) as store:
        assert effects(store) == dict.fromkeys(texts, 1)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_a_worker_started_on_a_large_backlog_stays_small(settings: Settings) -> None:
    body = "x" * 100_000
    for number in range(0, 4_000, 200):
        feed(settings, [outgoing(f"{number + n} {body}", f"d/{n}") for n in range(200)])
    with _program(settings, "") as process:
        peak = 0

        def done() -> bool:
            nonlocal peak
            peak = max(peak, _resident_mb(process.pid))
            with suppress(Fatal), closing(Store.reader(settings, "portal", METADATA)) as store, store.read() as conn:
                applied = conn.execute(sa.select(sa.func.sum(PARTITIONS.c.next_offset))).scalar()
                return applied == 4_000
            return False

        eventually(done, 300)
    assert peak < 250


def _resident_mb(pid: int) -> int:
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20


@contextmanager
def _program(settings: Settings, failpoint: str) -> Iterator[subprocess.Popen[bytes]]:
    """A portal of this test's projection, as a process of its own."""
    given = {
        "GONGKAI_HOME": str(settings.home), "GONGKAI_PREFIX": settings.prefix, "GONGKAI_FSYNC": "true",
        "GONGKAI_BOOTSTRAP": settings.bootstrap, "GONGKAI_FAILPOINTS": failpoint, "GONGKAI_DATABASE": settings.database,
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "tests.bus.store.journal_program"], env={**os.environ, **given})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _forget_line(store: Store, text: str) -> None:
    with store.begin() as conn:
        conn.execute(LINES.delete().where(LINES.c.text == text))


def _wipe(folder: Path) -> None:
    assert folder.is_dir()
    shutil.rmtree(folder)
