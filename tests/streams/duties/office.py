"""A small office: cases with clocks, steps that are taken and kept, a ticker over them, and what they said."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from bus.record import Outgoing
from bus.store import Outbox, Store
from rules.calendar import SHANGHAI
from rules.lifecycle import Advance, Matter, Move, advance
from schemas.city import Pack
from schemas.city.matters import Lifecycle
from schemas.city.models import Clock
from schemas.records import DutyNotice, DutyNoticed
from streams import duties
from streams.duties import Stamp, Stepped
from streams.duties.tables import ms
from tests.rules.making import pack

CASE = {
    "id": "case", "name": "事项", "family": "matter", "basis": "测试", "main": "issuer",
    "states": [{"id": "OPEN", "name": "办理"}, {"id": "DONE", "name": "办结", "end": True}],
    "steps": [
        {"id": "begun", "name": "开始", "to": "OPEN", "by": ["*"], "rule": "T-1",
         "fields": [{"id": "until", "name": "截止", "type": "date", "required": False}]},
        {"id": "asked", "name": "征询", "from": ["OPEN"], "by": ["*"], "rule": "T-2"},
        {"id": "answered", "name": "答复征询", "from": ["OPEN"], "by": ["*"], "rule": "T-3"},
        {"id": "extended", "name": "延期", "from": ["OPEN"], "by": ["*"], "rule": "T-4"},
        {"id": "noted", "name": "记录", "from": ["OPEN"], "by": ["*"], "rule": "T-5"},
        {"id": "finished", "name": "办结", "from": ["OPEN"], "to": "DONE", "by": ["*"], "rule": "T-6"},
        {"id": "ended", "name": "到期结束", "from": ["OPEN"], "by": ["engine"], "rule": "T-7"},
    ],
    "clocks": [
        {"id": "work", "name": "办理", "rule": "T-1", "limits": [{"clock": "T-5WD"}], "opened_by": ["begun"],
         "closed_by": ["finished"], "paused_by": ["asked"], "resumed_by": ["answered"],
         "extended_by": {"extended": "T-5WD"}},
        {"id": "shown", "name": "公示", "rule": "T-7", "until": "until", "opened_by": ["begun"],
         "closed_by": [], "lapse": "ended"},
    ],
}  # fmt: skip


@cache
def city(**changes: Any) -> Pack:
    """The example city with the office's lifecycle and clock, and what else is changed."""
    whole = pack()
    five = Clock(id="T-5WD", name="五个工作日", trigger="formed", n=5, unit="WD", basis="测试")
    secret = Lifecycle.model_validate({**CASE, "id": "letter-case", "name": "来信", "confidential": True})
    lives = (*whole.lifecycles, Lifecycle.model_validate(CASE), secret)
    alone: dict[str, Any] = {"lifecycles": lives, "clocks": (*whole.clocks, five), "standing": ()}
    return replace(whole, **alone | changes)


def at(text: str) -> datetime:
    """`2026-02-10 09:00` in Asia/Shanghai; a day alone is its noon."""
    return datetime.fromisoformat(text if " " in text else f"{text} 12:00").replace(tzinfo=SHANGHAI)


@dataclass
class Office:
    """Cases of one partition in one store."""

    store: Store
    pack: Pack = field(default_factory=city)
    partition: int = 0
    matters: dict[str, Matter] = field(default_factory=dict)
    sent: list[Outgoing] = field(default_factory=list)
    steps: int = 0

    def step(self, subject: str, step: str, when: str, **given: Any) -> Advance:
        """A step at that time; `arrival` where it came later, `lifecycle`, and fields."""
        moment = at(when)
        arrival = at(given.pop("arrival")) if "arrival" in given else moment
        lifecycle = given.pop("lifecycle", "case") if subject not in self.matters else None
        reason = given.pop("reason", "")
        self.steps += 1
        source = given.pop("source", f"/departments/{subject.partition('/')[0]}")
        sender = source.rpartition("/")[2] if source.startswith("/departments/") else None
        move = Move(
            subject, "matter", step, source, f"e{self.steps}", moment, arrival, lifecycle=lifecycle, sender=sender,
            actor=sender, fields=given, reason=reason, title=f"{subject}的事，电话13800138000" if sender else "",
        )  # fmt: skip
        done = advance(self.pack, self.matters.get(subject), move)
        if done.outcome == "accepted" and done.matter is not None:
            self.matters[subject] = done.matter
            self.keep([Stepped(self.pack, done.matter, done.duties, Stamp(arrival))], arrival)
        return done

    def keep(self, steps: list[Stepped], arrival: datetime) -> None:
        """Keep steps as a slice does."""
        with self.store.begin() as conn:
            said = [out for each in duties.record(conn, self.partition, steps) for out in each]
            duties.consumed(conn, "matters", self.partition, ms(arrival))
            Outbox(self.store).append(conn, f"matters/{self.partition}", said)
        self.sent += said

    def notices(self, *whats: str) -> list[DutyNotice]:
        """What was told so far, of these words or of all, read as its readers read it."""
        told = [DutyNoticed.model_validate_json(out.value or b"").data for out in self.sent if out.topic == "duties"]
        return [notice for notice in told if not whats or notice.what in whats]

    def words(self, *whats: str) -> list[str]:
        """`what` of each notice, and of rungs which."""
        return [f"{one.what} {one.rung}" if one.rung else one.what for one in self.notices(*whats)]

    def rows(self, table: sa.Table) -> list[Any]:
        """A table's rows, by its key."""
        with self.store.read() as conn:
            return list(conn.execute(sa.select(table).order_by(*table.primary_key)))


def data(outgoing: Outgoing) -> dict[str, Any]:
    """The data of a record."""
    read: dict[str, Any] = json.loads(outgoing.value or b"{}")["data"]
    return read


def days(first: str, count: int) -> list[date]:
    """So many days from the first."""
    return [date.fromisoformat(first) + timedelta(days=n) for n in range(count)]
