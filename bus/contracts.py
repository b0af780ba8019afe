"""What may travel, as files for others: JSON Schema, AsyncAPI 3.0, OpenAPI.

Reads:    `schemas`: the topics, the events, the records; entry points of the group `gongkai.openapi`.
Writes:   a folder: `schemas/<type>.json`, `asyncapi.json`, `openapi-<server>.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from bus import topics
from bus.settings import Settings
from schemas.envelope import Envelope, TypeName
from schemas.events import EVENTS
from schemas.records import RECORDS
from schemas.topics import INBOX, TOPICS, Topic

TYPES: dict[str, type[Envelope]] = {**EVENTS, **RECORDS}

Json = dict[str, Any]


def export(settings: Settings, folder: Path) -> Iterator[Path]:
    """Write every contract; the files written."""
    for name in TYPES:
        yield _write(folder / "schemas" / f"{name}.json", json_schema(name))
    yield _write(folder / "asyncapi.json", asyncapi(settings))
    for server, document in openapis():
        yield _write(folder / f"openapi-{server}.json", document)


def json_schema(name: str) -> Json:
    """JSON Schema (2020-12) of a type."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:gongkai:{name}",
        **TYPES[name].model_json_schema(),
    }


def openapis() -> Iterator[tuple[str, Json]]:
    """Each HTTP server's own document; a server that is not installed is left out."""
    for part in entry_points(group="gongkai.openapi"):
        try:
            yield part.name, part.load()()
        except ModuleNotFoundError as error:
            if not part.module.startswith(error.name or "-"):
                raise


def asyncapi(settings: Settings) -> Json:
    """The topics, who sends and who receives what on them, as an AsyncAPI 3.0 document."""
    used = {topic.name: topic for topic in (*TOPICS, INBOX)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "gongkai",
            "version": version("gongkai"),
            "description": "A publishing bus for open government. Every event is a CloudEvent 1.0 in structured JSON; "
            "the Kafka key is its subject.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {name: _channel(settings, topic) for name, topic in used.items()},
        "operations": dict(operation for topic in used.values() for operation in _operations(topic)),
        "components": {"messages": {name: _message(name) for name in TYPES}, "schemas": _schemas()},
    }


def types_on(topic: Topic) -> list[str]:
    """The types that travel on a topic; on dead-letters anything may."""
    return [name for name in TYPES if _words(name) & set(topic.events)]


def _words(name: str) -> set[str]:
    """How a topic may name a type: by its family, or whole."""
    parsed = TypeName.parse(name)
    assert parsed is not None, name
    return {parsed.family, f"{parsed.family}.{parsed.verb}"}


def _channel(settings: Settings, topic: Topic) -> Json:
    inbox = topic.shape == "inbox"
    return {
        "address": settings.topic(topics.inbox_name("{code}") if inbox else topic),
        "description": topic.summary,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in types_on(topic)},
        "bindings": {
            "kafka": {
                "partitions": topics.partitions(settings, topic),
                "replicas": settings.replication,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"], "retention.ms": -1, "retention.bytes": -1,
                    "max.message.bytes": int(topics.config(settings, topic)["max.message.bytes"]),
                },
                "bindingVersion": "0.5.0",
            }
        },
        **({"parameters": {"code": {"description": "The department's code."}}} if inbox else {}),
    }  # fmt: skip


def _operations(topic: Topic) -> Iterator[tuple[str, Json]]:
    for action, parts in (("send", topic.writers), ("receive", topic.readers)):
        for part in parts:
            yield (
                f"{part}.{action}.{topic.name}",
                {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{topic.name}"},
                    "tags": [{"name": part}],
                    "messages": [{"$ref": f"#/channels/{topic.name}/messages/{name}"} for name in types_on(topic)],
                },
            )


def _message(name: str) -> Json:
    model = TYPES[name]
    return {
        "name": name,
        "title": model.__name__,
        "summary": (model.__doc__ or "").splitlines()[0],
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        "bindings": {
            "kafka": {"key": {"type": "string", "description": "The event's subject."}, "bindingVersion": "0.5.0"}
        },
    }


def _schemas() -> Json:
    """Every model once, in the draft-07 dialect that AsyncAPI's own schema objects are."""
    models = sorted(set(TYPES.values()), key=lambda model: model.__name__)
    _, whole = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    return {name: _draft7(schema) for name, schema in whole["$defs"].items()}


def _draft7(schema: Any) -> Any:
    """`schema` with the tuples of 2020-12 written as draft-07 writes them."""
    if isinstance(schema, list):
        return [_draft7(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {"items" if key == "prefixItems" else key: _draft7(value) for key, value in schema.items()}


def _write(file: Path, document: Json) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    return file
