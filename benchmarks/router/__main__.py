"""`make bench-router`: every engine in turns on one broker, medians and spread, the last line JSON."""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import report
from benchmarks.router import engine as engines
from benchmarks.router.broker import OUTPUTS, Broker
from benchmarks.router.engine import Engine
from benchmarks.router.job import VERDICTS
from bus import embedded
from bus.settings import Settings

PATIENCE = 600.0
"""Seconds a run may take."""
PEERS_FOR_BEST = ("quix", "faststream", "kafka-streams", "confluent")


@dataclass(frozen=True)
class Run:
    """One engine, once."""

    engine: str
    rate: float
    seconds: float
    cpu_seconds: float
    rss_mb: float
    repeats: int
    values_differ: int
    ids_differ: int
    outputs: int
    fingerprint: int
    """Hash of the set of (topic, event), without verdicts."""


def main() -> int:
    args = _arguments()
    args.machine = report.machine()
    chosen = list(_engines(args.only))
    with tempfile.TemporaryDirectory(prefix="gongkai-bench-") as home:
        address = args.bootstrap or embedded.start(Settings(_env_file=None, home=Path(home)), heap="1g").address
        broker = Broker(address)
        runs = _rounds(broker, chosen, args)
        broker.close()
        if not args.bootstrap:
            embedded.stop(Settings(_env_file=None, home=Path(home)))
    return _report(chosen, runs, args)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.router", description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warm-up", type=float, default=0.1, help="share of the events that is not counted")
    parser.add_argument("--only", nargs="*", help="names of engines")
    parser.add_argument("--bootstrap", help="a broker that runs; else an embedded one of its own")
    return parser.parse_args()


def _engines(only: list[str] | None) -> Iterable[Engine]:
    for own in engines.own():
        if not only or own.name in only:
            yield own
    for name in engines.peers():
        if only and name not in only:
            continue
        try:
            yield engines.peer(name)
        except engines.Missing as missing:
            print(f"left out: {missing}", file=sys.stderr)


def _rounds(broker: Broker, chosen: list[Engine], args: argparse.Namespace) -> list[Run]:
    topic = f"bench-{uuid.uuid4().hex[:8]}"
    broker.create([topic])
    broker.fill(topic, args.events)
    runs = []
    for number in range(args.rounds):
        for engine in chosen[number % len(chosen) :] + chosen[: number % len(chosen)]:
            run = _run(broker, engine, topic, args.events, int(args.events * args.warm_up))
            print(f"round {number + 1}  {run.engine:20} {run.rate:10,.0f}/s", file=sys.stderr)
            runs.append(run)
    broker.delete([topic])
    return runs


def _run(broker: Broker, engine: Engine, topic: str, events: int, warm_up: int) -> Run:
    """One engine over the whole input, then its outputs read back."""
    prefix = f"bench-{uuid.uuid4().hex[:8]}-"
    names = [prefix + name for name in OUTPUTS]
    broker.create(names, **{"message.timestamp.type": "LogAppendTime"})
    program = engine.start("--bootstrap", broker.address, "--input", topic, "--output", prefix, "--group", prefix + "g")
    try:
        _await_end(broker, engine, program, prefix + "g", events)
    except BaseException:
        program.kill()
        program.wait()
        raise
    rss = _peak_mb(program.pid)
    program.send_signal(signal.SIGTERM)
    _, _, usage = os.wait4(program.pid, 0)
    outputs = broker.read(prefix, warm_up)
    broker.delete(names)
    own = {pair for pair in outputs.seen if pair[0] != VERDICTS}
    return Run(
        engine=engine.name, rate=(events - warm_up) / outputs.seconds, seconds=outputs.seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime, rss_mb=rss,
        repeats=outputs.seen.total() - len(outputs.seen), values_differ=outputs.values_differ,
        ids_differ=outputs.ids_differ if engine.ids else 0,
        outputs=len(own), fingerprint=_fingerprint(own),
    )  # fmt: skip


def _await_end(broker: Broker, engine: Engine, program: subprocess.Popen[bytes], group: str, events: int) -> None:
    until = time.monotonic() + PATIENCE
    while broker.committed(group) < events:
        if program.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"{engine.title} did not finish (exit code {program.poll()})")
        time.sleep(1.0)


def _peak_mb(pid: int) -> float:
    """The most memory that a process has held; what `wait4` says counts the parent it was forked from."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def _fingerprint(pairs: set[tuple[str, int]]) -> int:
    """A number that is the same for the same set, in any process."""
    return zlib.crc32("".join(f"{name}/{number}\n" for name, number in sorted(pairs)).encode())


def _report(chosen: list[Engine], runs: list[Run], args: argparse.Namespace) -> int:
    rates = {engine.name: [run.rate for run in runs if run.engine == engine.name] for engine in chosen}
    medians = {name: statistics.median(values) for name, values in rates.items()}
    equal = len({run.fingerprint for run in runs}) == 1 and not any(run.values_differ or run.ids_differ for run in runs)
    width = max(len(engine.title) for engine in chosen)
    print(f"{'engine':{width}} {'median/s':>10} {'lowest':>10} {'highest':>10} {'CPU µs':>7} {'RSS MB':>7}  version")
    for engine in sorted(chosen, key=lambda one: -medians[one.name]):
        mine = [run for run in runs if run.engine == engine.name]
        cpu = statistics.median(run.cpu_seconds for run in mine) / args.events * 1e6
        rss = max(run.rss_mb for run in mine)
        low, high = min(rates[engine.name]), max(rates[engine.name])
        print(
            f"{engine.title:{width}} {medians[engine.name]:10,.0f} {low:10,.0f} {high:10,.0f} {cpu:7.1f} {rss:7.0f}"
            f"  {engine.version}"
        )
    print(f"outputs equal as sets: {'yes' if equal else 'NO'}")
    summary = {
        "benchmark": "router",
        "machine": args.machine,
        "events": args.events,
        "warm_up": args.warm_up,
        "rounds": args.rounds,
        "versions": {engine.name: engine.version for engine in chosen},
        "rates": {name: round(value) for name, value in medians.items()},
        "spread": {name: [round(min(values)), round(max(values))] for name, values in rates.items()},
        "outputs_equal": equal,
        "ratios": _ratios(medians),
    }
    report.keep("router", summary, runs=[asdict(run) for run in runs])
    return 0 if equal else 1


def _ratios(medians: dict[str, float]) -> dict[str, float]:
    """Ours to the others, as far as they ran."""
    ours = medians.get("ours")
    if not ours:
        return {}
    best = max((medians[name] for name in PEERS_FOR_BEST if name in medians), default=0.0)
    others = {"best_peer": best, "stock_faust": medians.get("stock-faust"), "ceiling": medians.get("rust")}
    ratios = {name: round(ours / value, 2) for name, value in others.items() if value}
    if verdicts := medians.get("ours-with-verdicts"):
        ratios["with_verdicts"] = round(verdicts / ours, 2)
    return ratios


if __name__ == "__main__":
    sys.exit(main())
