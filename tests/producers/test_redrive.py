"""Dead letters sent again: the whole way over Kafka, the loop guard, the audit, and what is never sent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bus import cli, programs
from bus.city import fixed
from bus.settings import Settings
from bus.store.tables import OUTBOX
from consumers.reconcile import Balance, reconcile
from producers.client import GatewayClient
from producers.gateway import Gateway
from producers.redrive import Chosen, Letter, Planner, Redriver
from producers.redrive.letters import letter
from producers.tables import FEED
from rules import Judgement, judge
from schemas import headers as h
from schemas.city import Pack
from schemas.envelope import Envelope
from schemas.ids import judged_id
from tests.producers.door import Caller, running_door
from tests.producers.test_whole import served
from tests.rules.making import pack
from tests.support.events import NOON, JsonObject, submitted, to_bytes
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
AT = int(NOON.timestamp() * 1000)

Run = Callable[..., tuple[int, Any]]


@contextmanager
def faulty_router(settings: Settings, fault: Path) -> Iterator[None]:
    """A router that raises over some titles as long as `fault` is there."""
    environment = {**os.environ, **programs.environment(settings), "PYTHONPATH": str(ROOT)}
    with (settings.home / "router.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.producers.faulty_router", str(fault)], cwd=settings.home, env=environment,
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)


@pytest.fixture
def gongkai(settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line with these settings: exit code, and what it printed as JSON."""
    for name, value in programs.environment(settings).items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = cli.run([*arguments, "--json"])
        said = capsys.readouterr().out
        return code, json.loads(said) if said else None

    return run


@pytest.mark.integration
def test_what_a_fault_of_ours_killed_is_judged_after_a_redrive_and_once(
    settings: Settings, gongkai: Run, tmp_path: Path
) -> None:
    fault = tmp_path / "fault"
    fault.touch()
    killed, sound = submitted("fgw", "a", title="关于设备故障的通知"), submitted("fgw", "b")
    with running_door(settings) as gateway, faulty_router(settings, fault), served(gateway) as url:
        with Caller(gateway, "fgw") as caller, GatewayClient(url, caller.key) as client:
            client.publish(killed)
            client.publish(sound)
            eventually(lambda: kinds(client) == {"dead-letter", "verdict"}, 40)
            assert client.event(killed["id"])["state"] == "waiting"

            code, (row,) = gongkai("redrive", "--code", "ENGINE-FAULT", "--dry-run")
            assert (code, row["fate"], row["said"], row["event"]) == (0, "send", "accepted", killed["id"])
            assert "故障" not in json.dumps(row, ensure_ascii=False)
            again = ("redrive", "--dept", "fgw", "--why", "修复后重投", "--by", "yw01")
            code, (row,) = gongkai(*again, "--wait", "40")
            assert (code, row["outcome"]) == (1, "dead")

            fault.unlink()
            code, (row,) = gongkai(*again, "--wait", "40")
            assert (code, row["outcome"], row["tries"]) == (0, "accepted", 1)
            verdict = client.event(killed["id"])["verdict"]
            assert datetime.fromisoformat(verdict["arrival"]) == NOON

            code, (row,) = gongkai(*again)
            assert (code, row["fate"], row["said"]) == (0, "settled", "accepted")
            _, audit = gongkai("redrive", "--history")
            assert [(one["by"], one["why"], one["outcome"]) for one in audit] == [
                ("yw01", "修复后重投", "dead"), ("yw01", "修复后重投", "accepted"),
            ]  # fmt: skip
        found = eventually(lambda: at_rest(reconcile(settings)), 40)
    assert found is not None
    assert (found.gap, found.submitted, found.accepted, found.dead) == (0, 2, 2, 0)


def kinds(client: GatewayClient) -> set[str]:
    return {item["kind"] for item in client.feed()["items"]}


def at_rest(found: Balance) -> Balance | None:
    return None if found.in_flight else found


def dead(event: JsonObject | bytes, code: str = "ENGINE-FAULT", *, door: bool = False, dept: str = "fgw") -> Letter:
    """A letter as the router or the door writes it."""
    value = event if isinstance(event, bytes) else to_bytes(event)
    where = (h.SENDER, dept.encode()) if door else (h.ORIGIN, b"publications/0/7")
    return letter(f"{dept}/a".encode(), value, ((h.ID, b"l-1"), (h.ERROR, code.encode()), where), AT)


@pytest.fixture
def redriver(plain: Settings) -> Iterator[Redriver]:
    made = Redriver(plain, lambda: NOON)
    yield made
    made.close()


@pytest.fixture
def planner(gateway: Gateway, redriver: Redriver) -> Planner:
    return Planner(fixed(pack()), judge, gateway.door.store, redriver.store, 3)


def test_a_letter_is_redriven_so_often_and_no_more(planner: Planner, redriver: Redriver) -> None:
    event = dead(submitted("fgw", "a"))
    for tries in range(3):
        planned = planner.plan(event)
        assert (planned.fate, planned.tries) == ("send", tries)
        redriver.write_down([planned], by="yw01", why="重试", release="1")
    assert planner.plan(event).fate == "limit"
    assert [entry.outcome for entry in redriver.history()] == [None] * 3


def test_a_redrive_waits_for_its_own_letters_alone(gateway: Gateway, planner: Planner, redriver: Redriver) -> None:
    older, own = (planner.plan(dead(submitted("fgw", name))) for name in ("older", "own"))
    redriver.write_down([older], by="yw01", why="重试", release="1")
    numbers = redriver.write_down([own], by="yw01", why="重试", release="1")
    with redriver.store.begin() as conn:
        conn.execute(sa.update(OUTBOX).where(OUTBOX.c.seq == 2).values(sent_partition=0, sent_offset=70))
    with gateway.door.store.begin() as conn:
        for offset in (7, 70):
            gk_id = judged_id("publications", 0, offset, "dead-letter")
            conn.execute(sa.insert(FEED).values(dept="fgw", kind="dead-letter", gk_id=gk_id, body="{}"))
    redriver.await_outcomes(gateway.door.store, numbers, patience=60)
    assert [(entry.event_id, entry.outcome) for entry in redriver.history()] == [
        (older.ref and older.ref.id, None), (own.ref and own.ref.id, "dead")
    ]  # fmt: skip


def test_what_would_die_again_or_is_not_whole_is_not_sent(gateway: Gateway, redriver: Redriver) -> None:
    def broken(city: Pack, event: Envelope, arrival: datetime) -> Judgement:
        raise RuntimeError

    planner = Planner(fixed(pack()), broken, gateway.door.store, redriver.store, 3)
    assert (planner.plan(dead(submitted("fgw", "a"))).said) == "ENGINE-FAULT"
    unknown = submitted("fgw", "a", envelope={"version": 9})
    assert (planner.plan(dead(unknown, "UNKNOWN-VERSION")).fate) == "dead"
    assert planner.plan(dead(b"\x00{", "JSON")).fate == "dead"
    cut = letter(b"fgw/a", b"{", ((h.ID, b"l"), (h.ERROR, b"SIZE"), (h.LENGTH, b"2000000")), AT)
    assert (planner.plan(cut).fate, planner.plan(cut).said) == ("cut", "2000000 bytes")


def test_what_the_door_buried_is_looked_at_as_the_door_would(planner: Planner, caller: Caller) -> None:
    own, foreign = submitted("fgw", "a"), submitted("jyj", "a")
    assert planner.plan(dead(own, "UNKNOWN-VERSION", door=True)).fate == "send"
    assert planner.plan(dead(own, "UNKNOWN-VERSION", door=True)).topic == "publications"
    assert planner.plan(dead(foreign, "UNKNOWN-VERSION", door=True)).said == "SOURCE-WRONG"
    file = {"sha256": "0" * 64, "name": "a.pdf", "type": "application/pdf", "size": 1}
    lacking = submitted("fgw", "a", attachments=[file])
    assert planner.plan(dead(lacking, "UNKNOWN-VERSION", door=True)).said == "REJ-ATTACHMENT"
    caller.post(own)
    own["data"]["summary"] = "另一内容"
    assert planner.plan(dead(own, "UNKNOWN-VERSION", door=True)).said == "ID-REUSED"


def test_what_stopped_a_worker_is_judged_in_a_process_of_its_own(
    planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert planner.plan(dead(submitted("fgw", "a"), "ENGINE-CRASH")).said == "accepted"
    monkeypatch.setattr("producers.redrive.planning.CAREFULLY", 0.01)
    assert planner.plan(dead(submitted("fgw", "a"), "ENGINE-CRASH")).fate == "dead"


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (Chosen(), True), (Chosen(code="ENGINE-FAULT"), True), (Chosen(code="JSON"), False),
        (Chosen(dept="fgw"), True), (Chosen(dept="jyj"), False), (Chosen(id="l-1"), True), (Chosen(id="e-1"), True),
        (Chosen(id="other"), False),
    ],
)  # fmt: skip
def test_letters_are_chosen_by_code_department_and_id(planner: Planner, chosen: Chosen, found: bool) -> None:
    event = submitted("fgw", "a", envelope={"event_id": "e-1"})
    assert planner.chooses(chosen, dead(event)) is found


@pytest.mark.parametrize(
    ("arguments", "said"), [(("--all",), "--why"), (("--why", "x"), "--all"), (("--dry-run",), "--all")]
)
def test_an_operator_says_which_letters_and_why(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["redrive", *arguments]) == 2
    assert said in capsys.readouterr().err
