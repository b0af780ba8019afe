"""What is exported for others is valid by its own standards and complete."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bus import contracts
from bus.contracts import TYPES
from bus.settings import Settings
from schemas.topics import INBOX, TOPICS

EXAMPLES = Path("schemas/examples")
ASYNCAPI = json.loads(Path("tests/data/asyncapi/3.0.0.json").read_text())


@pytest.fixture
def document() -> dict[str, Any]:
    return contracts.asyncapi(Settings(_env_file=None, prefix="sl."))


def test_asyncapi_is_valid_by_its_own_schema(document: dict[str, Any]) -> None:
    jsonschema.Draft7Validator(ASYNCAPI).validate(document)


def test_asyncapis_schema_refuses_what_is_wrong(document: dict[str, Any]) -> None:
    document["channels"]["publications"]["address"] = 5
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(ASYNCAPI).validate(document)


def test_every_reference_in_asyncapi_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in _references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_every_topic_and_every_part_is_in_asyncapi(document: dict[str, Any]) -> None:
    assert set(document["channels"]) == {topic.name for topic in (*TOPICS, INBOX)}
    for topic in TOPICS:
        assert document["channels"][topic.name]["address"] == f"sl.{topic.name}"
        said = {name for name in document["operations"] if name.endswith(f".{topic.name}")}
        wanted = {f"{part}.send.{topic.name}" for part in topic.writers}
        assert said == wanted | {f"{part}.receive.{topic.name}" for part in topic.readers}


def test_every_topic_but_dead_letters_says_what_travels(document: dict[str, Any]) -> None:
    silent = {name for name, channel in document["channels"].items() if not channel["messages"]}
    assert silent == {"dead-letters"}
    carried = {name for channel in document["channels"].values() for name in channel["messages"]}
    assert set(TYPES) == carried


@pytest.mark.parametrize("name", TYPES)
def test_an_example_of_every_type_is_valid_by_the_exported_schema(name: str, document: dict[str, Any]) -> None:
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    schema = contracts.json_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(example)
    payload = document["components"]["messages"][name]["payload"]
    jsonschema.Draft7Validator({**payload, "components": document["components"]}).validate(example)
    del example["subject"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(example)


def test_no_example_is_of_no_type() -> None:
    assert {file.stem for file in EXAMPLES.glob("*.json")} == set(TYPES)


def test_export_writes_everything_into_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = EntryPoint("gateway", "tests.bus.test_contracts:openapi", "gongkai.openapi")
    absent = EntryPoint("absent", "producers.no_such_module:openapi", "gongkai.openapi")
    monkeypatch.setattr(contracts, "entry_points", lambda group: EntryPoints([server, absent]))
    written = list(contracts.export(Settings(_env_file=None), tmp_path))
    assert {file.relative_to(tmp_path).as_posix() for file in written} == {
        *(f"schemas/{name}.json" for name in TYPES),
        "asyncapi.json",
        "openapi-gateway.json",
    }
    assert json.loads((tmp_path / "openapi-gateway.json").read_text()) == openapi()


def openapi() -> dict[str, Any]:
    """A server's document."""
    return {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {}}


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [reference for each in value.values() for reference in _references(each)]
    return [reference for each in value for reference in _references(each)] if isinstance(value, list) else []
