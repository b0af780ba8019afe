"""On a broker that asks for names and refuses what no ACL allows, the printed ACLs are enough, and no more."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kafka.errors import TopicAuthorizationFailedError

from bus import clients, topics
from bus.city import release_first
from bus.clock import now
from bus.errors import GongkaiError
from bus.programs import Program, environment, table
from bus.settings import Settings
from producers.keys import KeyRing
from tests.support import servers
from tests.support.events import submitted, to_bytes
from tests.support.servers import KAFKA_IMAGE, docker_has, plain_settings
from tests.support.waiting import eventually, free_ports

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]

DEPT, INBOX = "fgw", "inbox.fgw"
KINDS = {"--topic": ResourceType.TOPIC, "--group": ResourceType.GROUP}


@dataclass(frozen=True)
class Guarded:
    """A broker with two doors."""

    operator: Settings
    """Of whoever may do everything."""
    address: str
    """Where a name and a password are asked for."""

    def settings(self, name: str) -> Settings:
        """Of the principal with that name."""
        given = {"security_protocol": "SASL_PLAINTEXT", "sasl_username": name, "sasl_password": f"of {name}"}
        return self.operator.model_copy(update={"bootstrap": self.address, **given})


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Such a broker, with topics, principals and the printed ACLs made."""
    if not docker_has(KAFKA_IMAGE):
        pytest.skip(f"no Docker engine that has {KAFKA_IMAGE}")
    home = tmp_path_factory.mktemp("home")
    names = [name for name in Settings.model_fields if name.endswith("_port")]
    open_port, guarded, *others = free_ports(len(names) + 2)
    settings = plain_settings(
        home, bootstrap=f"127.0.0.1:{open_port}", prefix="sl.", partitions=4, channel_threshold=2.0,
        **dict(zip(names, others, strict=True)),
    )  # fmt: skip
    with _broker(open_port, guarded):
        eventually(partial(_answers, settings), 90, "Kafka answers")
        topics.create(settings, [DEPT])
        with clients.admin(settings) as admin:
            admin.alter_user_scram_credentials([_known(each.name) for each in table(settings)] + [_known(DEPT)])
            admin.create_acls([acl for line in topics.acls(settings) for acl in _parsed(line)])
        release_first(settings, now())  # as operators: no part may write `city`
        yield Guarded(settings, f"127.0.0.1:{guarded}")


def test_the_printed_acls_let_every_part_work_and_a_department_write_to_its_inbox_alone(broker: Guarded) -> None:
    settings = broker.operator
    key = KeyRing(settings).issue(DEPT, now())
    with ExitStack() as stack:
        for program in table(settings):
            stack.enter_context(_running(program, broker.settings(program.name)))
        for program in table(settings):
            eventually(partial(_health, program), 90, f"{program.name} is well")
        answer = httpx.post(
            f"{settings.url_of('gateway')}/v1/events", content=_event("over-http"),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/cloudevents+json"},
        )  # fmt: skip
        assert answer.status_code == 202, answer.text
        _write_as_department(broker.settings(DEPT))
        eventually(lambda: len(_items(settings)) == 2, 60, "both are on the portal")
        eventually(lambda: _red_channels(settings) == [], 60, "the board of channels sees everybody")


@contextmanager
def _broker(open_port: int, guarded: int) -> Iterator[None]:
    from testcontainers.core.container import DockerContainer

    servers.spare_the_reaper()
    listeners = f"PLAINTEXT://{{0}}:{open_port},SASL_PLAINTEXT://{{0}}:{guarded}"
    config = servers.container_config(open_port) | {
        "listeners": f"{listeners.format('0.0.0.0')},CONTROLLER://0.0.0.0:9093",
        "advertised.listeners": listeners.format("127.0.0.1"),
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sasl__plaintext.scram___sha___512.sasl.jaas.config":
            "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }  # fmt: skip
    container = DockerContainer(KAFKA_IMAGE)
    for port in (open_port, guarded):
        container.with_bind_ports(port, port)
    for name, value in config.items():
        container.with_env(f"KAFKA_{name.upper().replace('.', '_')}", value)
    with container:
        yield


def _answers(settings: Settings) -> bool:
    try:
        return bool(clients.cluster_id(settings))
    except GongkaiError:
        return False


def _known(name: str) -> Any:
    return UserScramCredentialUpsertion(name, ScramMechanism.SCRAM_SHA_512, f"of {name}")


def _parsed(line: str) -> Iterator[Any]:
    """What a `kafka-acls` command says, one ACL for each operation."""
    words = shlex.split(line.replace("CODE", DEPT))
    after = [(word, words[n + 1]) for n, word in enumerate(words[:-1])]
    named = dict(after)
    (kind,) = KINDS.keys() & named.keys()
    pattern = ACLResourcePatternType[named.get("--resource-pattern-type", "literal").upper()]
    resource = ResourcePattern(KINDS[kind], named[kind], pattern)
    for word, operation in after:
        if word == "--operation":
            allowed = ACLOperation[operation.upper()]
            yield ACL(named["--allow-principal"], "*", allowed, ACLPermissionType.ALLOW, resource)


@contextmanager
def _running(program: Program, settings: Settings) -> Iterator[None]:
    log = Path(settings.home) / f"{program.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(program.command, env=environment(settings), stdout=output, stderr=output)
        try:
            yield
            assert process.poll() is None, log.read_text()[-2_000:]
        finally:
            process.terminate()
            process.wait(60)


def _health(program: Program) -> dict[str, Any] | None:
    try:
        answer = httpx.get(f"http://127.0.0.1:{program.port}/healthz")
    except httpx.HTTPError:
        return None
    return answer.json() if answer.status_code == 200 else None


def _event(local_id: str) -> bytes:
    at = datetime.now(UTC) - timedelta(minutes=1)
    return to_bytes(submitted(DEPT, local_id, channels=["政府网站"], envelope={"at": at}))


def _write_as_department(settings: Settings) -> None:
    producer = clients.producer(settings)
    try:
        producer.send(settings.topic(INBOX), _event("over-kafka")).get(timeout=30)
        with pytest.raises(TopicAuthorizationFailedError):
            producer.send(settings.topic("publications"), _event("past-the-door")).get(timeout=30)
    finally:
        producer.close()


def _items(settings: Settings) -> list[Any]:
    return list(httpx.get(f"{settings.url_of('portal')}/api/v1/items").json()["items"])


def _red_channels(settings: Settings) -> object:
    return httpx.get(f"{settings.url_of('assessment')}/healthz").json()["services"]["assessment.channels"]["red"]
