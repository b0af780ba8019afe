"""Kafka's clients as the settings say, and Kafka's errors as ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition, errors

from bus import clients
from bus.errors import Fatal, Retriable, StoreMismatch
from bus.settings import Settings
from tests.support import servers
from tests.support.waiting import eventually


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """As a sink's: it seeks to what its store knows."""

    def __init__(self, reader: KafkaConsumer) -> None:
        self._reader = reader

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Nothing to give back."""

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        for place in assigned:
            self._reader.seek(place, 0)


@pytest.mark.integration
def test_records_keep_key_value_headers_and_time(settings: Settings) -> None:
    sender = clients.producer(settings)
    topic = settings.topic("receipts")
    sender.send(topic, b"v", key=b"k", headers=[("gk-id", b"1")], timestamp_ms=7, partition=2).get(timeout=20)
    sender.close()
    reader = clients.consumer(settings)
    place = TopicPartition(topic, 2)
    reader.assign([place])
    reader.seek(place, 0)
    [record] = eventually(lambda: reader.poll(500).get(place))
    reader.close()
    assert (record.key, record.value, record.headers, record.timestamp) == (b"k", b"v", [("gk-id", b"1")], 7)


@pytest.mark.integration
def test_the_largest_record_that_a_topic_takes_can_be_sent_and_a_larger_one_is_refused(settings: Settings) -> None:
    sender = clients.producer(settings)
    topic = settings.topic("dead-letters")
    sender.send(topic, b"x" * (clients.MAX_RECORD_BYTES - 1000)).get(timeout=20)
    with pytest.raises(errors.MessageSizeTooLargeError):
        sender.send(topic, b"x" * (clients.MAX_RECORD_BYTES + 100_000)).get(timeout=20)
    sender.close()


@pytest.mark.integration
def test_a_reader_without_a_place_is_refused_instead_of_guessing(settings: Settings) -> None:
    reader = clients.consumer(settings, "portal")
    reader.assign([TopicPartition(settings.topic("portal-feed"), 0)])
    with pytest.raises(StoreMismatch), clients.kafka_errors("poll"):
        eventually(lambda: reader.poll(200))
    reader.close()


@pytest.mark.integration
def test_a_reader_with_a_listener_goes_on_after_rebalances(settings: Settings) -> None:
    """kafka-python before 3.0.12 stalled here (its issues 3131, 3138)."""
    topic = settings.topic("portal-feed")
    first = clients.consumer(settings, "portal")
    first.subscribe([topic], listener=Listener(first))
    eventually(lambda: first.poll(100) or len(first.assignment()) == 4)
    second = clients.consumer(settings, "portal")
    second.subscribe([topic], listener=Listener(second))
    eventually(lambda: _polled(first, second) and len(first.assignment()) == len(second.assignment()) == 2, 120)
    second.close()
    eventually(lambda: _polled(first) and len(first.assignment()) == 4, 120)
    sender = clients.producer(settings)
    for partition in range(4):
        sender.send(topic, b"v", partition=partition).get(timeout=20)
    sender.close()
    seen: list[int] = []

    def all_seen() -> bool:
        seen.extend(place.partition for place in first.poll(200))
        return set(seen) == set(range(4))

    eventually(all_seen)
    first.close()


def test_a_broker_that_is_away_is_retriable(tmp_path: Path) -> None:
    settings = servers.plain_settings(tmp_path, bootstrap="127.0.0.1:1")
    with pytest.raises(Retriable), clients.admin(settings, bootstrap_timeout_ms=500):
        pass


def test_no_broker_at_all_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"GONGKAI_BOOTSTRAP .* `gongkai up`"):
        clients.bootstrap(servers.plain_settings(tmp_path))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (errors.OffsetOutOfRangeError(), StoreMismatch),
        (errors.NoOffsetForPartitionError(), StoreMismatch),
        (errors.KafkaTimeoutError(), Retriable),
        (errors.NotEnoughReplicasError(), Retriable),
        (errors.BrokerNotAvailableError(), Retriable),
        (errors.TopicAuthorizationFailedError(), Fatal),
        (errors.SaslAuthenticationFailedError(), Fatal),
        (errors.MessageSizeTooLargeError(), Fatal),
        (ConnectionRefusedError(), Retriable),
    ],
)
def test_every_foreign_error_is_one_of_ours(theirs: Exception, ours: type[Exception]) -> None:
    with pytest.raises(ours) as raised, clients.kafka_errors("read"):
        raise theirs
    assert type(raised.value) is ours
    assert raised.value.__cause__ is theirs


def test_security_is_passed_on_and_only_where_it_is_set(tmp_path: Path) -> None:
    plain = clients.connection(servers.plain_settings(tmp_path, bootstrap="a:1,b:2"))
    assert plain == {"bootstrap_servers": ["a:1", "b:2"], "security_protocol": "PLAINTEXT"}
    secured = clients.connection(
        servers.plain_settings(
            tmp_path,
            bootstrap="a:1",
            security_protocol="SASL_SSL",
            ssl_cafile="/ca",
            sasl_username="u",
            sasl_password="p",
        )
    )
    assert (secured["sasl_mechanism"], secured["sasl_plain_username"], secured["sasl_plain_password"]) == (
        "SCRAM-SHA-512", "u", "p",
    )  # fmt: skip
    assert secured["ssl_cafile"] == "/ca"


def _polled(*readers: KafkaConsumer) -> bool:
    for reader in readers:
        reader.poll(50)
    return True
