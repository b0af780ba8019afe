"""Every refusal leads to its rule's page: whole addresses from the door and in reports, and where a clerk checks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bus.settings import Settings
from producers.checking import app
from producers.drop_folder import DropFolder
from producers.files import FileDrop
from producers.gateway import Gateway
from tests.producers.door import Caller, open_door
from tests.support.events import submitted, to_bytes
from tests.support.servers import plain_settings

PORTAL = 'https://www.shilishi.example/"'


@pytest.fixture
def plain(tmp_path: Path) -> Settings:
    return plain_settings(tmp_path / "home", fsync=False, portal_url=PORTAL)


@pytest.fixture
def gateway(plain: Settings) -> Iterator[Gateway]:
    with open_door(plain) as opened:
        yield opened


def page(rule: str) -> str:
    return f"{PORTAL}/rules/{rule}"


def test_each_finding_of_a_refusal_names_its_rule_s_page_whole(caller: Caller) -> None:
    wrong = submitted("fgw", item="99-99", title='他说"page":"/x"')
    found = caller.post(wrong).json()["findings"]
    assert found
    assert [finding["page"] for finding in found] == [page(finding["rule"]) for finding in found]
    again = caller.post(wrong).json()
    assert (again["outcome"], again["findings"]) == ("repeated", found)


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/cloudevents-batch+json"])
def test_in_a_stream_and_in_a_batch_too(caller: Caller, kind: str) -> None:
    one = to_bytes(submitted("fgw", item="99-99"))
    answer = caller.post(one + b"\n" if kind.endswith("ndjson") else b"[" + one + b"]", kind)
    (told,) = [json.loads(answer.text)] if kind.endswith("ndjson") else answer.json()
    assert told["findings"][0]["page"] == page(told["findings"][0]["rule"])


def test_what_travels_names_the_page_under_whatever_portal_there_is(caller: Caller) -> None:
    caller.post(submitted("jyj"))
    (rejection,) = [sent for sent in caller.waiting() if sent.topic == "rejections"]
    assert json.loads(rejection.value or b"")["data"]["findings"][0]["page"] == "/rules/SOURCE-WRONG"


@pytest.mark.parametrize(("name", "value"), [("a.json", to_bytes(submitted("jyj"))), ("b.exe", b"MZ")])
def test_a_report_on_a_file_names_the_page(gateway: Gateway, name: str, value: bytes) -> None:
    folder = DropFolder(gateway.settings.home / "drop" / "fgw")
    folder.make()
    (folder.path / name).write_bytes(value)
    drop = FileDrop(gateway.settings, gateway.intake, gateway.door.uploads, grace=0, lone=0)
    drop.look("fgw")
    drop.look("fgw")
    told = json.loads((folder.path / "refused" / f"{name}.report.json").read_text())
    rule = told["findings"][0]["rule"]
    assert told["findings"][0]["page"] == page(rule)
    assert page(rule) in (folder.path / "refused" / f"{name}.report.txt").read_text()


def test_a_check_offline_prints_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_PORTAL_URL", PORTAL)
    file = tmp_path / "one.json"
    file.write_bytes(to_bytes(submitted("fgw", item="99-99")))
    assert page("REJ-NOITEM") in CliRunner().invoke(app, [str(file)]).output.replace("\n", "")
    (line,) = CliRunner().invoke(app, [str(file), "--json"]).output.splitlines()
    assert "/rules/REJ-NOITEM" in {finding["page"] for finding in json.loads(line)["findings"]}
