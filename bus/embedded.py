"""A real Apache Kafka on this machine, by pip alone: one KRaft node under `home/kafka`, at most one for each home.

Reads:    nothing of ours; the jars by `bus._jars`.
Keeps:    `home/kafka`: `data` (the log itself), `server.properties`, `ports.json`, `state.json`, `lock`, `log/`.
Fails to: `Fatal`, one line: no jars, no Java, a full disk, a broker that ends or does not answer in time.

A wiped `data` folder is simply a new cluster with a new id; it is the stores that notice and refuse.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from bus import _held, ports
from bus._jars import Progress, disk_errors, jars, java
from bus.errors import Fatal
from bus.settings import Settings

START_SECONDS = 90.0
"""How long a broker may take to answer its first metadata request; on a quiet machine it takes two."""

_TEN_YEARS_MINUTES = 10 * 366 * 24 * 60
_FOREVER_MS = 2**63 - 1
_MAX_MESSAGE_BYTES = 5 * 1024 * 1024
"""Above the topics' own 4 MiB, so that the topic's limit is the one that speaks."""


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that runs and answers."""

    address: str
    pid: int
    cluster_id: str
    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    """Where this process is its starter."""
    watcher: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    """Where it dies with this process: who ends it when the pipe to its standard input closes."""

    def stop(self, patience: float = 30.0) -> None:
        """End it cleanly and wait until it is gone."""
        _held.end(self.folder, patience, self.pid)
        if self.process is not None:
            self.process.wait()
        if self.watcher is not None:
            self.watcher.communicate()


def start(
    settings: Settings, *, detached: bool = False, heap: str = "512m", progress: Progress | None = None
) -> Broker:
    """The running broker of this home, started now where none runs.

    A `detached` one outlives this process; any other is ended when this process ends, even by SIGKILL.
    Where another process has already started one, that one is returned and stays its starter's.

    Raises:
        Fatal: it can't be started, with the reason in one line.
    """
    folder = settings.home.absolute() / "kafka"
    with disk_errors(folder):
        (folder / "log").mkdir(parents=True, exist_ok=True)
        lock = _held.try_lock(folder)
        if lock is None:
            return _await_other(folder)
        try:
            return _start(folder, lock, detached=detached, heap=heap, progress=progress)
        finally:
            os.close(lock)


def running(settings: Settings) -> Broker | None:
    """The broker of this home, where one runs; whether it answers is another question."""
    return _from_state(settings.home.absolute() / "kafka")


def stop(settings: Settings, patience: float = 30.0) -> bool:
    """End the broker of this home; False where none ran."""
    return _held.end(settings.home.absolute() / "kafka", patience)


@contextmanager
def started(settings: Settings, heap: str = "512m") -> Iterator[Broker]:
    """A broker for the time of a block."""
    broker = start(settings, heap=heap)
    try:
        yield broker
    finally:
        broker.stop()


def _from_state(folder: Path) -> Broker | None:
    state = _held.read_state(folder)
    return Broker(state["address"], state["pid"], state["cluster_id"], folder) if state else None


def _await_other(folder: Path) -> Broker:
    """The broker that another process is starting or has started."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and _held.is_held(folder):
        broker = _from_state(folder)
        if broker is not None and _answers(broker):
            return broker
        time.sleep(0.1)
    raise Fatal(f"another process holds {folder} but its Kafka does not answer; see {folder / 'log'}")


def _start(folder: Path, lock: int, *, detached: bool, heap: str, progress: Progress | None) -> Broker:
    (folder / "state.json").unlink(missing_ok=True)
    command = _java_command(folder, jars(progress), heap)
    cluster_id = _format(folder, command, _write_config(folder))
    address = f"127.0.0.1:{_ports(folder)[0]}"
    process = _spawn([*command, "kafka.Kafka", str(folder / "server.properties")], folder, lock)
    try:
        _held.write_state(folder, {"pid": process.pid, "address": address, "cluster_id": cluster_id})
        watcher = None if detached else _held.watcher(folder, process.pid)
        broker = Broker(address, process.pid, cluster_id, folder, process, watcher)
        _await_answer(broker, process)
    except BaseException:
        process.kill()
        process.wait()
        raise
    if detached:
        _held.leave_running(process)
    return broker


def _java_command(folder: Path, classpath: list[Path], heap: str) -> list[str]:
    return [
        str(java()), f"-Xmx{heap}", "-Xms256m", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError",
        "-XX:MaxGCPauseMillis=20", "-Djava.awt.headless=true",
        f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}",
        "-cp", os.pathsep.join(map(str, classpath)),
    ]  # fmt: skip


def _format(folder: Path, command: list[str], config: Path) -> str:
    """The cluster's id; a new one, written by Kafka's own storage tool, where there is no data."""
    meta = folder / "data" / "meta.properties"
    if not meta.exists():
        fresh = "g" + urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]  # Kafka refuses a leading "-"
        tool = ["kafka.tools.StorageTool", "format", "-t", fresh, "-c", str(config)]
        done = subprocess.run([*command, *tool], capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise Fatal(_reason(done.stdout + done.stderr, folder))
    found = re.search(r"^cluster\.id=(.+)$", meta.read_text(), re.MULTILINE)
    if found is None:
        raise Fatal(f"{meta} names no cluster: take {folder / 'data'} away to begin a new one")
    return found[1]


def _spawn(command: list[str], folder: Path, lock: int) -> subprocess.Popen[bytes]:
    """Start it in its own session, so that a terminal's Ctrl-C is ours to handle, with the lock in its hands."""
    with (folder / "log" / "stderr.log").open("wb") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, pass_fds=(lock,),
            start_new_session=True, cwd=folder,
        )  # fmt: skip


def _await_answer(broker: Broker, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(broker):
        if process.poll() is not None:
            raise Fatal(_reason(_last_words(broker.folder), broker.folder))
        if time.monotonic() > deadline:
            raise Fatal(f"Kafka did not answer within {START_SECONDS:.0f} s; see {broker.folder / 'log'}")
        time.sleep(0.1)


def _answers(broker: Broker) -> bool:
    """Whether a metadata request comes back, and from this very cluster."""
    host, _, port = broker.address.partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        admin = KafkaAdminClient(bootstrap_servers=broker.address, bootstrap_timeout_ms=5_000)
    except (OSError, KafkaError):
        return False
    try:
        cluster = admin.describe_cluster()
        return bool(cluster["cluster_id"] == broker.cluster_id and cluster["brokers"])
    except KafkaError:
        return False
    finally:
        admin.close()


def _last_words(folder: Path) -> str:
    logs = (folder / "log" / "server.log", folder / "log" / "stderr.log")
    return "\n".join(log.read_text(errors="replace")[-20_000:] for log in logs if log.exists())


def _reason(words: str, folder: Path) -> str:
    """Why it ended, in one line."""
    if "No space left on device" in words or "Disk quota exceeded" in words:
        return f"the disk is full: Kafka can write no more under {folder}"
    if "Address already in use" in words:
        taken = ", ".join(map(str, _ports(folder)))
        return f"one of the ports {taken} was taken while Kafka started; start again for others"
    errors = [line.strip() for line in words.splitlines() if re.search(r"Exception|Error|ERROR|FATAL", line)]
    return f"Kafka did not start: {errors[-1] if errors else 'no reason given'}; see {folder / 'log'}"


def _ports(folder: Path) -> tuple[int, int]:
    """Of the broker and of its controller, as chosen last."""
    broker, controller = json.loads((folder / "ports.json").read_text())
    return broker, controller


def _choose_ports(folder: Path) -> tuple[int, int]:
    """Last time's ports where they are still free, else any that are."""
    try:
        chosen = _ports(folder)
    except (FileNotFoundError, ValueError, TypeError):
        chosen = (0, 0)
    broker, controller = (
        port if port and ports.listenable(port) else other for port, other in zip(chosen, ports.unused(2), strict=True)
    )
    (folder / "ports.json").write_text(json.dumps((broker, controller)))
    return broker, controller


def _write_config(folder: Path) -> Path:
    broker, controller = _choose_ports(folder)
    config = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{broker}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": folder / "data",
        "auto.create.topics.enable": "false",
        "message.max.bytes": _MAX_MESSAGE_BYTES,
        "replica.fetch.max.bytes": _MAX_MESSAGE_BYTES,
        "log.retention.ms": -1,
        "log.message.timestamp.before.max.ms": _FOREVER_MS,
        "log.message.timestamp.after.max.ms": _FOREVER_MS,
        "offsets.retention.minutes": _TEN_YEARS_MINUTES,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 8,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "num.recovery.threads.per.data.dir": 2,
    }
    (folder / "log4j2.properties").write_text(_LOGGING.format(folder=folder))
    file = folder / "server.properties"
    file.write_text("".join(f"{name}={value}\n" for name, value in config.items()))
    return file


_LOGGING = """\
status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = {folder}/log/server.log
appender.file.filePattern = {folder}/log/server.%i.log
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{{yyyy-MM-dd'T'HH:mm:ss.SSSXXX}} %p %m (%c{{1}})%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
"""
