"""A citizen before the door, verdicts about matters as the engine gives them, and a clock that moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from starlette.testclient import TestClient

from bus.record import Record
from bus.settings import Settings
from bus.store import Outbox, Tx
from producers.gateway import Gateway, build_gateway
from producers.projection import DoorProjection
from producers.tables import PAPERS
from schemas import headers as h
from schemas.records import EventRef, MatterMove, Origin, Verdict, VerdictGiven
from schemas.topics import VERDICTS
from tests.producers.door import standing
from tests.support.events import NOON

NAME, PHONE, IDENTITY = "欧阳试样", "13900001111", "999900199001010015"
"""Nobody's: planted, and looked for everywhere afterwards."""
BODY = "新桥路北段路灯连续三晚不亮，请尽快维修，谢谢。"


class MovingClock:
    """A clock that a test moves on."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """What time it is."""
        return self.now

    def pass_(self, span: timedelta) -> None:
        """Let time pass."""
        self.now += span


@contextmanager
def door_with(settings: Settings, clock: MovingClock) -> Iterator[Gateway]:
    """A door whose writer runs, by `clock`."""
    gateway = build_gateway(settings, clock, standing())
    services = [service for service in gateway.services if service.name in {"stores", "writer"}]
    for service in services:
        service.start()
    try:
        yield gateway
    finally:
        for service in reversed(services):
            service.stop()


class Citizen:
    """Somebody without a key."""

    def __init__(self, gateway: Gateway, clock: MovingClock, address: str = "203.0.113.7") -> None:
        self.http = TestClient(gateway.app, client=(address, 50_000))
        self._clock = clock

    def token(self, kind: str) -> str:
        """A form's token, old enough to be sent."""
        given = self.http.get("/v1/citizens/form", params={"kind": kind})
        assert given.status_code == 200, given.text
        self._clock.pass_(timedelta(seconds=5))
        return str(given.json()["token"])

    def hand_in(self, which: str, **form: Any) -> Any:
        """Fill in a form and send it."""
        if "token" not in form:
            form["token"] = self.token(which)
        return self.http.post(f"/v1/citizens/{which}", json=form)

    def letter(self, **form: Any) -> Any:
        """A letter to the mayor that is as it should be."""
        whole = {"mailbox": "mayor", "kind": "投诉", "name": NAME, "phone": PHONE, "id": IDENTITY,
                 "title": "新桥路北段路灯长期不亮", "body": f"{BODY}本人{NAME}，电话{PHONE}。"}  # fmt: skip
        return self.hand_in("letters", **{**whole, **form})

    def query(self, number: str, code: str) -> Any:
        """Ask with both numbers."""
        return self.http.post("/v1/citizens/query", json={"number": number, "code": code})


def accepted(gateway: Gateway, subject: str, *, event: dict[str, Any], state: str = "ASSIGNED", version: int = 1,
             depts: tuple[str, ...] = ("zjj",), ended: bool = False, step: str = "submitted") -> None:  # fmt: skip
    """Let the gateway hear that a step of a matter was accepted."""
    move = MatterMove(
        lifecycle="letter", state=state, state_name=f"状态{version}", step=step, step_name=f"环节{version}",
        version=version, at=NOON, ended=ended, depts=depts,
    )  # fmt: skip
    ref = EventRef(id=event["id"], source=event["source"], type=event["type"], subject=subject, time=event["time"])
    said = VerdictGiven(
        specversion="1.0", id=f"v-{event['id']}", source="/engine/matters", type="cn.gongkai.verdict.given.v1",
        subject=subject, time=NOON,
        data=Verdict(origin=Origin(topic="complaints", partition=0, offset=version), outcome="accepted", arrival=NOON,
                     event=ref, value_sha256="0" * 64, matter=move),
    )  # fmt: skip
    value = said.model_dump_json(exclude_defaults=True).encode()
    record = Record(VERDICTS.name, 0, version, 0, subject.encode(), value, ((h.ID, said.id.encode()),))
    with gateway.door.store.begin() as conn:
        DoorProjection().apply(Tx(conn, NOON, Outbox(gateway.door.store)), [record])


def newest_paper(gateway: Gateway) -> dict[str, Any]:
    """What the door keeps of the event that came last."""
    with gateway.door.store.read() as conn:
        row = conn.execute(PAPERS.select().order_by(PAPERS.c.arrival.desc())).first()
    assert row is not None
    return {"id": row.event_id, "source": row.source, "type": row.type, "subject": row.subject,
            "time": NOON.isoformat(), "fields": json.loads(row.fields)}  # fmt: skip
