"""`gongkai duties list`: a department's worklist on a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bus import cli
from producers.gateway import Gateway
from tests.producers.door import Caller
from tests.producers.test_whole import served
from tests.producers.test_worklists import LATE, tell
from tests.support.duties import word
from tests.support.events import NOON


@pytest.fixture
def url(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("GONGKAI_HOME", str(gateway.settings.home))
    with served(gateway) as address:
        yield address


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert cli.run(["duties", "list", *words, "--json"]) == 0
    return [row["duty"]["duty"] for row in json.loads(capsys.readouterr().out)]


def test_what_is_due_is_listed_the_overdue_first_and_narrowed(
    url: str, gateway: Gateway, caller: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(gateway, word(2), word(1, due_at=LATE), word(3, state="paused", what="paused"), word(4, dept="mzj"))
    mine = ("--key", caller.key, "--url", url)
    assert listed(capsys, *mine) == ["fgw/letter-1#reply#1", "fgw/letter-2#reply#1"]
    assert listed(capsys, *mine, "--until", "2026-09-18") == ["fgw/letter-1#reply#1"]
    assert listed(capsys, *mine, "--state", "paused") == ["fgw/letter-3#reply#1"]
    assert listed(capsys, *mine, "--lifecycle", "appeal") == []
    assert cli.run(["duties", "list", *mine]) == 0
    shown = "".join(capsys.readouterr().out.split())  # a narrow terminal folds its cells
    assert shown.count("逾期") == 1


def test_more_than_a_page_is_listed_whole(
    url: str, gateway: Gateway, caller: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(gateway, *(word(n, due_at=NOON + timedelta(hours=n)) for n in range(1, 504)))
    assert len(set(listed(capsys, "--key", caller.key, "--url", url))) == 503


def test_the_lead_office_sees_another_s_and_all_and_nobody_else_does(
    url: str, gateway: Gateway, caller: Caller, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(gateway, word(1), word(2, dept="mzj"))
    with Caller(gateway, "zfb") as lead:
        theirs = ("--key", lead.key, "--url", url)
        assert len(listed(capsys, *theirs, "--dept", "all")) == 2
        assert len(listed(capsys, *theirs, "--dept", "mzj")) == 1
        assert cli.run(["duties", "list", *theirs, "--dept", "mzj2"]) == 2
        assert "您要的可能是：mzj" in capsys.readouterr().err
    assert cli.run(["duties", "list", "--key", caller.key, "--url", url, "--dept", "mzj"]) == 2
    assert "OTHER-DEPT" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "said"), [(("--until", "明天"), "不是日期"), (("--state", "late"), "之一")])
def test_what_is_no_day_and_no_state_is_not_asked(
    words: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["duties", "list", "--key", "gk_fgw_x", *words]) == 2
    assert said in capsys.readouterr().err
