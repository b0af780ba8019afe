"""What was published by an older list of words, read again from the portal by a newer one: `gongkai rescan`.

The door's outbox is judged by the router's own code, the portal's store is filled by its own sink, and its pages are
read over HTTP by the command.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bus.errors import Retriable
from bus.extracting import Texts
from bus.record import Record
from bus.store import digest
from consumers.portal.rescan.commands import app
from rules import judge
from schemas import headers as h
from streams.judging import Judging
from tests.consumers.portal.serving import Portal, address, served
from tests.producers.door import Caller, open_door
from tests.rules.making import ROOT, pack
from tests.support import papers
from tests.support.events import JsonObject, submitted, withdrawn
from tests.support.servers import plain_settings

WORD = "筹错"
"""A misspelling that the example's list does not know."""


@dataclass
class Town:
    """A department before a door, the portal, and an operator elsewhere."""

    caller: Caller
    portal: Portal
    url: str
    _judged: int = 0

    def publish(self, event: JsonObject) -> None:
        answer = self.caller.post(event)
        assert answer.status_code == 202, answer.text
        judging = Judging(pack(), judge=partial(judge, texts=Texts(self.caller.gateway.settings.text_of)))
        waiting = [out for out in self.caller.waiting() if out.topic == "publications"]
        for number, out in enumerate(waiting[self._judged :], self._judged):
            came = Record(out.topic, 0, number, out.timestamp or 0, out.key, out.value, ())
            for feed in judging(came):
                if feed.topic == "portal-feed":
                    headers = (*(one for one in feed.headers if one[0] != h.ORIGIN), (h.ORIGIN, came.origin.encode()))
                    record = Record(feed.topic, 0, number, out.timestamp or 0, feed.key, feed.value, headers)
                    self.portal.shelf.apply([record])
        self._judged = len(waiting)

    def attach(self, name: str, value: bytes) -> JsonObject:
        file: JsonObject = self.caller.http.post("/v1/files", params={"name": name}, content=value).json()
        return file

    def rescan(self, *options: str) -> tuple[int, list[JsonObject], str]:
        """Exit code, lines with an error, and the counts."""
        done = CliRunner().invoke(app, ["--url", self.url, "--json", *options])
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        grave = [line for line in lines if any(one["severity"] != "warn" for one in line["findings"])]
        return done.exit_code, grave, done.stderr


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setenv("GONGKAI_HOME", str(tmp_path / "operator"))
    home = tmp_path / "home"
    with open_door(plain_settings(home, fsync=False)) as gateway, served(home) as portal, address(portal) as url:
        yield Town(Caller(gateway, "fgw"), portal, url)


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The city with one word more on its list."""
    folder = tmp_path / "newer"
    shutil.copytree(ROOT / "cities/example", folder)
    (folder / "checks/own.toml").write_text(f'[typos]\n"筹措" = ["{WORD}"]\n', encoding="utf-8")
    return folder


OLD = ("--pack", str(ROOT / "cities/example"))


@pytest.mark.feature("4-40")
def test_what_was_published_before_a_word_was_listed_is_found_by_the_newer_list(town: Town, newer: Path) -> None:
    town.publish(submitted("fgw", "text", body=f"全力做好资金{WORD}工作。"))
    town.publish(submitted("fgw", "clean"))
    table = town.attach("附表.docx", papers.docx(table=[["事项", "说明"], ["资金", f"已经{WORD}到位"]]))
    town.publish(submitted("fgw", "file", attachments=[table]))
    town.publish(submitted("fgw", "gone", body=f"已经{WORD}到位。"))
    town.publish(withdrawn("fgw", "gone"))
    before = digest(town.portal.shelf.store)

    assert town.rescan(*OLD)[:2] == (0, [])
    code, lines, counts = town.rescan("--pack", str(newer))

    assert (code, [line["subject"] for line in lines]) == (1, ["fgw/file", "fgw/text"])
    told = {line["subject"]: [one for one in line["findings"] if one["severity"] == "error"] for line in lines}
    assert [(one["rule"], one["place"], one["excerpt"]) for one in told["fgw/file"]] == [
        ("TX-08", "/data/attachments/0#表1!B2", WORD)
    ]
    assert [(one["rule"], one["place"], one["span"]) for one in told["fgw/text"]] == [("TX-08", "/data/body", [6, 8])]
    assert "TX-08 error 2" in counts
    assert "3 items read, 2 with errors" in counts
    assert digest(town.portal.shelf.store) == before
    assert not list((newer.parent / "operator").glob("files/*"))


def test_what_was_answered_for_is_told_as_such_and_is_no_error(town: Town) -> None:
    word = "布署"
    answer = {"rule": "TX-08", "excerpt_sha256": hashlib.sha256(word.encode()).hexdigest(), "reason": "引用原文。",
              "by": "李明"}  # fmt: skip
    town.publish(submitted("fgw", "quoted", body=f"原文写作{word}。", overrides=[answer]))
    done = CliRunner().invoke(app, ["--url", town.url, "--json", *OLD])
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    found = [
        (one["rule"], one["overridden"]) for line in lines for one in line["findings"] if one["severity"] != "warn"
    ]
    assert (done.exit_code, found) == (0, [("TX-08", True)]), done.output
    assert "TX-08 overridden 1" in done.stderr
    assert "发布时已说明理由" in CliRunner().invoke(app, ["--url", town.url, *OLD]).stdout
    assert "李明" not in town.portal.text("/api/v1/items/fgw/quoted")


def test_a_rescan_may_be_of_one_department_one_column_or_what_changed_lately(town: Town, newer: Path) -> None:
    town.publish(submitted("fgw", "text", body=f"全力做好资金{WORD}工作。"))
    by = ("--pack", str(newer))
    (line,) = town.rescan(*by, "--dept", "fgw", "--column", town.rescan(*by)[1][0]["column"])[1]
    assert line["subject"] == "fgw/text"
    assert town.rescan(*by, "--since", line["published_at"][:10])[0] == 1
    for nothing in (("--dept", "zfb"), ("--column", "none"), ("--since", "2099-01-01")):
        assert town.rescan(*by, *nothing)[:2] == (0, []), nothing
    assert town.rescan(*by, "--since", "yesterday")[0] == 2


def test_an_attachment_that_is_not_what_it_was_is_told_to_be_unseen(town: Town) -> None:
    table = town.attach("附表.docx", papers.docx("正文。"))
    town.publish(submitted("fgw", "file", attachments=[table]))
    town.caller.gateway.settings.file_of(table["sha256"]).write_bytes(b"other bytes")
    done = CliRunner().invoke(app, ["--url", town.url, "--json", *OLD])
    assert [json.loads(line)["unseen"] for line in done.stdout.splitlines()] == [["/data/attachments/0"]]


def test_a_portal_that_does_not_answer_is_trouble_and_no_clean_bill(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--url", "http://127.0.0.1:1", *OLD])
    assert isinstance(done.exception, Retriable)
    assert "does not answer" in str(done.exception)
