"""A part on a real store, without Kafka: rungs go in as records, mails and calls come out; the clock is held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from bus.city import Standing
from bus.record import Outgoing, Record
from consumers.notices import asking, views
from consumers.notices.addresses import Addresses
from consumers.notices.postman import Postman
from consumers.notices.program import ways
from consumers.notices.projection import NoticesProjection
from consumers.notices.tables import DELIVERY
from schemas import headers as h
from schemas.topics import DELIVERIES, DUTIES
from tests.consumers.office import NOW, Player, player
from tests.support.duties import word

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LEADER = "市发改委主任"
JsonObject = dict[str, Any]


@cache
def standing() -> Standing:
    """The example city, always in force."""
    return Standing(Path("cities/example"))


def rung(number: int = 1, name: str = "urged", version: int = 2, **data: Any) -> JsonObject:
    """A rung that a letter of fgw reached."""
    words = {"reminded": "提醒", "urged": "催办", "supervised": "督办", "circulated": "通报"}
    given = {
        "what": "rung", "rung": name, "rung_name": words.get(name, name), "overdue": name != "reminded",
        "to": ["owner", "leader"], "leader_post": LEADER, **data,
    }  # fmt: skip
    return word(number, version, **given)


def cancelled(told: JsonObject, version: int = 9, **data: Any) -> JsonObject:
    """That a rung was taken back."""
    notice = told["data"]
    kept = {name: notice[name] for name in ("rung", "rung_name", "overdue", "to", "leader_post", "subject", "duty")}
    given = {"what": "rung-cancelled", "cancels": told["id"], "reason": "答复先已到达", "state": "closed", **kept}
    return word(1, version, depts=tuple(notice["depts"]), **(given | data))


def mailbox(id_: str, *roles: str, depts: Sequence[str] = ("fgw",)) -> JsonObject:
    return {"id": id_, "address": f"{id_}@shilishi.example", "depts": list(depts), "roles": list(roles)}


def webhook(id_: str, port: int, *roles: str, depts: Sequence[str] = ("*",), **more: Any) -> JsonObject:
    given = {"id": id_, "url": f"http://127.0.0.1:{port}/hooks/{id_}?k=v", "http": True, "secrets": [SECRET]}
    return {**given, "depts": list(depts), "roles": list(roles or ("owner", "leader", "lead-office")), **more}


def smtp(port: int, **more: Any) -> JsonObject:
    sender = "duban@shilishi.example"
    return {"host": "127.0.0.1", "port": port, "security": "plain", "sender": sender, "timeout": 5, **more}


def addresses(**given: Any) -> Addresses:
    return Addresses.model_validate({"allow": ["127.0.0.0/8"], **given})


class Desk:
    """The projection, the postmen, and a clock that stands until it is moved."""

    def __init__(self, made: Player, given: Addresses) -> None:
        self.player = made
        self.addresses = given
        self.now = NOW
        self.offsets: dict[tuple[str, int], int] = {}
        self.told: list[Outgoing] = []
        """What was read of `duties`."""
        self.log: list[JsonObject] = []
        """What lies on `deliveries`, the part's own records and operators' wishes, in their order."""
        self._heard = 0
        self.postmen: list[Postman] = []
        self.open()

    def open(self, given: Addresses | None = None) -> None:
        """As a process begins, maybe with other addresses."""
        self.addresses = given or self.addresses
        for each in self.postmen:
            each._way.close()
        settings = self.player.store.settings
        made = ways(self.addresses, standing(), settings, lambda: self.now)
        self.postmen = [Postman(self.player.store, way, lambda: self.now, 5.0) for way in made]

    def read(self, *events: JsonObject, topic: str = DUTIES.name, partition: int = 0, age: float = 0.0) -> None:
        """Records of a topic, told so many days ago."""
        at = int((self.now - timedelta(days=age)).timestamp() * 1000)
        for event in events:
            headers = ((h.ID, event["id"].encode()),)
            self.put(Outgoing(topic, event["subject"].encode(), msgspec.json.encode(event), headers, at, partition))

    def hear_itself(self) -> None:
        """Read what was sent since the last time, as the relay puts it on the topic."""
        sent = self.player.sent()
        fresh, self._heard = sent[self._heard :], len(sent)
        self.log += fresh
        self.read(*fresh, topic=DELIVERIES.name)

    def ask_again(self, *ids: str) -> None:
        """An operator's wish, as the command writes it."""
        self.hear_itself()
        with self.player.store.read() as conn:
            chosen = views.some(conn, ids)
        for each in asking.wishes(chosen, "op01", "服务器已恢复", self.now):
            self.log.append(msgspec.json.decode(each.value or b""))
            self.put(each)

    def put(self, each: Outgoing) -> None:
        """A record, at the next place of its partition."""
        self.told += [each] if each.topic == DUTIES.name else []
        place = each.topic, each.partition or 0
        offset = self.offsets.get(place, 0)
        self.offsets[place] = offset + 1
        self.player.play(Record(*place, offset, each.timestamp or 0, each.key, each.value, each.headers))

    def work(self, **after: float) -> int:
        """Everything that is due after so much time; returns how many deliveries were begun or ended."""
        self.now += timedelta(**after)
        self.player.now = self.now
        done = 0
        while made := sum(each.step() for each in self.postmen):
            done += made
            assert done < 1_000, "it does not come to an end"
        return done

    def states(self) -> dict[str, str]:
        """Target to state; of several notices to one target the newest."""
        return {row.target: row.state for row in self.rows()}

    def rows(self) -> list[Any]:
        with self.player.store.read() as conn:
            return list(conn.execute(sa.select(DELIVERY).order_by(DELIVERY.c.changed_at, DELIVERY.c.id)))

    def said(self, verb: str) -> list[JsonObject]:
        """Data of what the part told of itself: `planned`, `ended`."""
        return [one["data"] for one in self.player.sent() if str(one["type"]).split(".")[3] == verb]  # type: ignore[misc]

    def close(self) -> None:
        for each in self.postmen:
            each._way.close()


@contextmanager
def desk(home: Path, database: str = "", **given: Any) -> Iterator[Desk]:
    """A desk with these addresses."""
    holder: dict[str, Desk] = {}
    first = addresses(**given)
    projection = NoticesProjection(standing(), lambda: holder["desk"].addresses if holder else first)
    with player(home, projection, database) as made:
        holder["desk"] = Desk(made, first)
        try:
            yield holder["desk"]
        finally:
            holder["desk"].close()
