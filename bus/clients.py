"""Kafka clients from the settings, and the one place where kafka-python's errors become ours.

Reads:    `Settings`; where no broker is named, the embedded one's state under `home`.
Fails to: `Retriable` (no answer this time), `StoreMismatch` (an offset outside the log), `Fatal` (anything else).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka import errors as kafka_errors_
from kafka.errors import KafkaError
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential

from bus import embedded
from bus.errors import Fatal, Retriable, StoreMismatch
from bus.settings import Settings

METADATA_MS = 10_000
"""Age of a reader's metadata: a broker that is just back may not know its topics, and gives no partitions then."""
NEVER_MS = 2**31 - 1
"""A timeout that does not come: who sends watches over its own deadline."""

MAX_RECORD_BYTES = 4 * 1024 * 1024
"""The topics' own limit; the producer allows for the batch's frame on top."""


def bootstrap(settings: Settings) -> str:
    """The broker's addresses: as set, else those of the embedded broker that runs under `home`.

    Raises:
        Fatal: neither is there.
    """
    if settings.bootstrap:
        return settings.bootstrap
    broker = embedded.running(settings)
    if broker is None:
        raise Fatal(
            f"no Kafka: GONGKAI_BOOTSTRAP is not set and no embedded broker runs under {settings.home}; "
            "`gongkai up` starts one"
        )
    return broker.address


def connection(settings: Settings) -> dict[str, Any]:
    """Address and security, in kafka-python's words."""
    options: dict[str, Any] = {
        "bootstrap_servers": bootstrap(settings).split(","),
        "security_protocol": settings.security_protocol,
    }
    if settings.security_protocol.endswith("SSL") and settings.ssl_cafile:
        options["ssl_cafile"] = settings.ssl_cafile
    if settings.security_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.sasl_mechanism
        options["sasl_plain_username"] = settings.sasl_username
        options["sasl_plain_password"] = settings.sasl_password
    return options


def producer(settings: Settings, **options: Any) -> KafkaProducer:
    """An idempotent producer of bytes, acks=all, that lets no record expire; `options` override."""
    defaults = {
        "acks": "all",
        "enable_idempotence": True,
        "delivery_timeout_ms": NEVER_MS,
        "max_block_ms": int(settings.infrastructure_deadline * 1000),
        "batch_size": 256 * 1024,
        "max_request_size": MAX_RECORD_BYTES + 64 * 1024,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }
    with kafka_errors("connect a producer"):
        return KafkaProducer(**connection(settings), **{**defaults, **options})


def consumer(settings: Settings, group: str | None = None, **options: Any) -> KafkaConsumer:
    """A consumer of bytes that commits nothing by itself and refuses an offset outside the log.

    `group` is a part's name; the city's prefix is added. `options` override.
    """
    defaults = {
        "group_id": settings.group(group) if group else None,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",
        "isolation_level": "read_committed",
        "fetch_max_bytes": 16 * 1024 * 1024,
        "max_partition_fetch_bytes": MAX_RECORD_BYTES,
        "fetch_max_wait_ms": 500,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }
    with kafka_errors("connect a consumer"):
        return KafkaConsumer(**connection(settings), **{**defaults, **options})


@contextmanager
def admin(settings: Settings, **options: Any) -> Iterator[KafkaAdminClient]:
    """An administrator for the time of a block, with the border for errors around it."""
    with kafka_errors("administer"):
        client = KafkaAdminClient(**connection(settings), **{"bootstrap_timeout_ms": 10_000, **options})
        try:
            yield client
        finally:
            client.close()


def cluster_id(settings: Settings) -> str:
    """The id that the cluster was given when it was made."""
    with admin(settings) as client:
        return str(client.describe_cluster()["cluster_id"])


def topic_ids(settings: Settings) -> dict[str, str]:
    """Of every topic of this city: name without the prefix, and the id Kafka gave it at its creation."""
    with admin(settings) as client:
        return {
            settings.bare(topic["name"]): str(topic["topic_id"])
            for topic in client.describe_topics()
            if topic["name"].startswith(settings.prefix)
        }


@retry(
    retry=retry_if_exception_type(Retriable), stop=stop_after_delay(5), wait=wait_exponential(0.1, max=1), reraise=True
)
def committed(settings: Settings, parts: Iterable[str]) -> dict[str, dict[TopicPartition, int]]:
    """What the group of each of `parts` has committed, by the broker's own topic names.

    A new broker has no coordinator for groups until the first of them asks, so it is asked again for a while.
    """
    groups = {settings.group(part): part for part in parts}
    with admin(settings) as client:
        answer = client.list_group_offsets(dict.fromkeys(groups))
    return {
        part: {place: said.offset for place, said in answer.get(group, {}).items() if said.offset >= 0}
        for group, part in groups.items()
    }


@contextmanager
def kafka_errors(doing: str) -> Iterator[None]:
    """Kafka's errors as ours; `doing` says what was tried."""
    try:
        yield
    except (kafka_errors_.OffsetOutOfRangeError, kafka_errors_.NoOffsetForPartitionError) as error:
        raise StoreMismatch(f"the offset to read from is not in the log ({error}): see `gongkai rebuild`") from error
    except KafkaError as error:
        raise translate(error, doing) from error
    except OSError as error:
        raise Retriable(f"Kafka can't be reached to {doing}: {error}") from error


def translate(error: BaseException, doing: str) -> Retriable | Fatal:
    """Our error for one of Kafka's, as a failed future carries it."""
    name = type(error).__name__
    said = f"Kafka, asked to {doing}: {name}: {str(error).removeprefix(f'{name}: ')}".removesuffix(": ")
    passing = getattr(error, "retriable", False) or isinstance(error, kafka_errors_.BrokerNotAvailableError)
    return Retriable(said) if passing else Fatal(said)
