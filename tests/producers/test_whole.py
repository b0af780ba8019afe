"""The whole door over a real broker: four ways in, one topic schema out, and what came back."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from kafka import TopicPartition

from bus import clients, topics
from bus.record import Outgoing
from bus.settings import Settings
from bus.store import Sink, Store
from producers.client import GatewayClient, InboxClient
from producers.database import DatabaseOutboxes
from producers.gateway import Gateway, build_gateway
from producers.http import body
from producers.inbox import Inboxes, tidy_marks
from producers.projection import DoorProjection
from producers.tables import MARKS, metadata
from schemas import headers as h
from schemas.decode import decode
from schemas.ids import judged_id
from schemas.records import EventRef, Origin, Verdict, VerdictGiven
from schemas.topics import PUBLICATIONS, VERDICTS
from tests.producers.door import Caller, clock, open_door, running_door
from tests.producers.test_files import ROW, put, table
from tests.support.events import NOON, JsonObject, submitted, to_bytes
from tests.support.waiting import eventually, free_port

pytestmark = pytest.mark.integration


@contextlib.contextmanager
def served(gateway: Gateway) -> Iterator[str]:
    """The gateway's application behind a real server."""
    port = free_port()
    config = uvicorn.Config(gateway.app, port=port, log_config=None, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


def published(settings: Settings, topic: str = PUBLICATIONS.name) -> list[tuple[bytes, int, bytes]]:
    """Every record of a topic: key, timestamp, value."""
    with clients.kafka_errors("read"):
        consumer = clients.consumer(settings, auto_offset_reset="earliest")
        places = [
            TopicPartition(settings.topic(topic), n) for n in consumer.partitions_for_topic(settings.topic(topic))
        ]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        end = consumer.end_offsets(places)
        found: list[tuple[bytes, int, bytes]] = []
        while any(consumer.position(place) < end[place] for place in places):
            for records in consumer.poll(timeout_ms=500).values():
                found += [(record.key, record.timestamp, record.value) for record in records]
        consumer.close()
    return found


def outbox_table(path: Path, events: list[JsonObject]) -> None:
    with sqlite3.connect(path) as conn:
        conn.execute(
            "CREATE TABLE IF NOT EXISTS gongkai_outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)"
        )
        conn.executemany(
            "INSERT INTO gongkai_outbox (event) VALUES (?)", [(to_bytes(event).decode(),) for event in events]
        )
    conn.close()


def configure(settings: Settings, url: str, dept: str = "fgw") -> None:
    (settings.home / "database-outboxes.toml").write_text(f'[[outbox]]\ndept = "{dept}"\nurl = "{url}"\n')


@pytest.mark.feature("1-19")
def test_departments_with_different_formats_land_in_one_topic_schema(settings: Settings, tmp_path: Path) -> None:
    topics.create(settings, inboxes=["mzj"])
    outbox_table(tmp_path / "jyj.sqlite", [submitted("jyj"), submitted("jyj")])
    configure(settings, f"sqlite:///{tmp_path}/jyj.sqlite", "jyj")
    with running_door(settings) as gateway, served(gateway) as url:
        with Caller(gateway, "kjj") as kjj, GatewayClient(url, kjj.key) as client:
            assert client.publish(submitted("kjj"))["status"] == 202
        with InboxClient(settings.bootstrap, "mzj", settings=settings) as inbox:
            inbox.publish(submitted("mzj"))
        put(settings.home / "drop" / "fgw", "table.csv", table(ROW, encoding="gb18030"))

        found = eventually(lambda: rows if len(rows := published(settings)) >= 5 else [], 40)

    events = [decode(value) for _, _, value in found]
    assert sorted(event.source for event in events) == [
        f"/departments/{d}" for d in ("fgw", "jyj", "jyj", "kjj", "mzj")
    ]
    assert {type(event).__name__ for event in events} == {"PublicationSubmitted"}
    assert [key.decode() for key, _, _ in found] == [event.subject for event in events]


def test_verdicts_come_back_to_the_department_they_concern(settings: Settings) -> None:
    event = submitted("fgw", envelope={"event_id": "某局/2026 #1?"})
    with contextlib.ExitStack() as open_:
        gateway = open_.enter_context(running_door(settings))
        url = open_.enter_context(served(gateway))
        caller = open_.enter_context(Caller(gateway, "fgw"))
        with GatewayClient(url, caller.key) as client:
            client.publish(event)
            assert client.event(event["id"])["state"] == "waiting"
            _judge(settings, event)

            page = client.feed(wait=20)
            assert [(item["kind"], item["event_id"]) for item in page["items"]] == [("verdict", event["id"])]
            assert client.feed(after=page["next"])["items"] == []
            assert client.event(event["id"])["state"] == "accepted"
            client.publish(submitted("jyj"))
            rejected = eventually(lambda: client.rejections()["items"])
            assert rejected[0]["record"]["data"]["findings"][0]["rule"] == "SOURCE-WRONG"
            client.publish(b"no json")
            page = client.feed(after=rejected[0]["seq"], wait=20)
            assert [(item["kind"], item["record"]["code"]) for item in page["items"]] == [("dead-letter", "JSON")]
            with Caller(gateway, "jyj") as other, GatewayClient(url, other.key) as stranger:
                assert stranger.feed()["items"] == []


def _judge(settings: Settings, event: JsonObject) -> None:
    """Write the verdict that the router would write."""
    ref = EventRef(**{name: event[name] for name in ("id", "source", "type", "subject", "time")})
    gk_id = judged_id("publications", 0, 0, "verdict")
    data = Verdict(origin=Origin(topic="publications", partition=0, offset=0), outcome="accepted", arrival=NOON,
                   event=ref, dept="fgw", value_sha256="0" * 64)  # fmt: skip
    record = VerdictGiven(specversion="1.0", id=gk_id, source="/engine/router", type="cn.gongkai.verdict.given.v1",
                          subject=event["subject"], time=NOON, data=data)  # fmt: skip
    _send(
        settings,
        Outgoing(
            VERDICTS.name, event["subject"].encode(), record.model_dump_json().encode(), ((h.ID, gk_id.encode()),)
        ),
    )


def _send(settings: Settings, outgoing: Outgoing) -> None:
    producer = clients.producer(settings)
    producer.send(
        settings.topic(outgoing.topic), key=outgoing.key, value=outgoing.value, headers=list(outgoing.headers)
    ).get(20)
    producer.close()


def test_a_stream_is_answered_while_it_is_still_being_sent(gateway: Gateway) -> None:
    first_answered = threading.Event()
    events = [to_bytes(submitted("fgw")) for _ in range(3)]

    def lines() -> Iterator[bytes]:
        yield events[0] + b"\n"
        assert first_answered.wait(20), "the first line was not answered before the second was sent"
        yield events[1] + b"\n"
        yield events[2]

    with served(gateway) as url, Caller(gateway, "fgw") as caller:
        answers = _duplex(url, caller.key, lines(), first_answered)

    assert [(answer["line"], answer["outcome"]) for answer in answers] == [(n, "forwarded") for n in (1, 2, 3)]


def _duplex(url: str, key: str, lines: Iterator[bytes], first_answered: threading.Event) -> list[JsonObject]:
    """Send chunks and read answers at once over one connection, as curl does."""
    connection = HTTPConnection(url.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/v1/events")
    for name, value in (
        ("Authorization", f"Bearer {key}"),
        ("Content-Type", "application/x-ndjson"),
        ("Transfer-Encoding", "chunked"),
    ):
        connection.putheader(name, value)
    connection.endheaders()
    answers: list[JsonObject] = []

    def read() -> None:
        response = connection.getresponse()
        while line := response.readline():
            answers.append(json.loads(line))
            first_answered.set()

    reader = threading.Thread(target=read)
    reader.start()
    for line in lines:
        connection.send(f"{len(line):x}\r\n".encode() + line + b"\r\n")
    connection.send(b"0\r\n\r\n")
    reader.join(timeout=30)
    connection.close()
    return answers


def test_a_stream_cut_off_keeps_its_whole_lines_and_takes_no_half_one(gateway: Gateway) -> None:
    with served(gateway) as url, Caller(gateway, "fgw") as caller:
        connection = HTTPConnection(url.removeprefix("http://"))
        headers = {
            "Authorization": f"Bearer {caller.key}",
            "Content-Type": "application/x-ndjson",
            "Content-Length": "100000",
        }
        connection.request(
            "POST", "/v1/events", to_bytes(submitted("fgw")) + b"\n" + to_bytes(submitted("fgw"))[:200], headers
        )
        eventually(lambda: caller.outcomes() == {"forwarded": 1})
        connection.close()

        with Caller(gateway, "jyj", httpx.Client(base_url=url)) as other:
            other.post(submitted("jyj"))
        assert caller.outcomes() == {"forwarded": 2}


def test_an_inbox_is_taken_in_order_once_with_the_brokers_time(settings: Settings) -> None:
    topics.create(settings, inboxes=["mzj"])
    events = [submitted("mzj", "2026-1", body=f"第{n}稿") for n in range(20)]
    with InboxClient(settings.bootstrap, "mzj", settings=settings) as inbox:
        for event in events[:10]:
            inbox.publish(event)
        with open_door(settings, ("stores", "writer", "inboxes")) as gateway, Caller(gateway, "mzj") as caller:
            eventually(lambda: caller.outcomes()["forwarded"] == 10, 30)
        for event in events[10:]:
            inbox.publish(event)
    producer = clients.producer(settings)
    producer.send(settings.topic("inbox.mzj"), value=None, key=b"x").get(20)
    producer.close()
    with open_door(settings, ("stores", "writer", "inboxes")) as gateway, Caller(gateway, "mzj") as caller:
        eventually(lambda: sum(caller.outcomes().values()) == 21, 30, str(caller.outcomes()))
        waiting = caller.waiting()

    assert [json.loads(each.value or b"")["id"] for each in waiting[:20]] == [event["id"] for event in events]
    assert waiting[20].topic == "dead-letters"
    real = clock().timestamp() * 1000
    assert all(abs((each.timestamp or 0) - real) > 60_000 for each in waiting)


def test_what_an_inbox_held_for_a_day_is_marked_for_deletion(gateway: Gateway) -> None:
    day, hour, start = 86_400_000, 3_600_000, 1_789_963_200_000
    with gateway.door.store.begin() as conn:
        assert tidy_marks(conn, {"inbox.mzj": 10}, start) == {}
        assert tidy_marks(conn, {"inbox.mzj": 20}, start + hour) == {}
        assert tidy_marks(conn, {"inbox.mzj": 30}, start + day) == {"inbox.mzj": 10}
        assert tidy_marks(conn, {"inbox.mzj": 30}, start + day + hour) == {"inbox.mzj": 20}


def test_an_inbox_deletes_what_was_taken_a_day_ago(settings: Settings) -> None:
    topics.create(settings, inboxes=["mzj"])
    with open_door(settings, ("stores", "writer")) as gateway, Caller(gateway, "mzj") as caller:
        moments = [NOON]
        gateway.intake.clock = lambda: moments[-1]
        inboxes = Inboxes(settings, gateway.intake)
        with InboxClient(settings.bootstrap, "mzj", settings=settings) as inbox:
            for _ in range(3):
                inbox.publish(submitted("mzj"))
        inboxes.start()
        eventually(lambda: caller.outcomes()["forwarded"] == 3, 30)
        moments.append(NOON.replace(day=NOON.day + 1))
        eventually(lambda: ("inbox.mzj", 3) in _marks(gateway))
        assert _beginning(settings, "inbox.mzj") == 0
        moments.append(NOON.replace(day=NOON.day + 3))

        eventually(lambda: _beginning(settings, "inbox.mzj") == 3, 30)
        inboxes.stop()
        assert inboxes.failed is None


def _marks(gateway: Gateway) -> list[tuple[str, int]]:
    with gateway.door.store.read() as conn:
        return [(row.name, row.position) for row in conn.execute(sa.select(MARKS))]


def _beginning(settings: Settings, topic: str) -> int:
    consumer = clients.consumer(settings)
    place = TopicPartition(settings.topic(topic), 0)
    try:
        return int(consumer.beginning_offsets([place])[place])
    finally:
        consumer.close()


def test_a_database_outbox_is_read_in_order_once(gateway: Gateway, caller: Caller, tmp_path: Path) -> None:
    path = tmp_path / "fgw.sqlite"
    events = [submitted("fgw") for _ in range(12)]
    outbox_table(path, events[:7])
    configure(gateway.settings, f"sqlite:///{path}")
    service = DatabaseOutboxes(gateway.settings, gateway.intake)
    service.start()
    eventually(lambda: caller.outcomes()["forwarded"] == 7)
    outbox_table(path, events[7:])
    eventually(lambda: caller.outcomes()["forwarded"] == 12)
    service.stop()

    assert service.failed is None
    assert [json.loads(each.value or b"")["id"] for each in caller.waiting()] == [event["id"] for event in events]
    assert caller.outcomes() == {"forwarded": 12}


@pytest.mark.postgres
def test_a_row_that_commits_late_is_not_passed_over(gateway: Gateway, caller: Caller, postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url)
    events = [submitted("fgw") for _ in range(3)]
    insert = sa.text("INSERT INTO gongkai_outbox (event) VALUES (:event)")
    with engine.begin() as conn:
        conn.exec_driver_sql("DROP TABLE IF EXISTS gongkai_outbox")
        conn.exec_driver_sql(
            "CREATE TABLE gongkai_outbox (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event TEXT NOT NULL)"
        )
    service = DatabaseOutboxes(gateway.settings, gateway.intake)
    configure(gateway.settings, postgres_url)
    late, rolled_back = engine.connect(), engine.connect()
    late.execute(insert, {"event": to_bytes(events[0]).decode()})
    rolled_back.execute(insert, {"event": "{}"})
    with engine.begin() as conn:
        conn.execute(insert, {"event": to_bytes(events[1]).decode()})
    service.start()
    eventually(lambda: service.health()["troubles"])
    assert caller.outcomes() == {}
    rolled_back.rollback()
    late.commit()
    with engine.begin() as conn:
        conn.execute(insert, {"event": to_bytes(events[2]).decode()})

    eventually(lambda: caller.outcomes()["forwarded"] == 3, 30)
    service.stop()
    for each in (late, rolled_back):
        each.close()
    with engine.begin() as conn:
        conn.exec_driver_sql("DROP TABLE gongkai_outbox")
    engine.dispose()
    assert [json.loads(each.value or b"")["id"] for each in caller.waiting()] == [event["id"] for event in events]


def test_the_door_takes_the_same_on_either_kind_of_store(any_store_settings: Settings) -> None:
    event = submitted("fgw")
    with running_door(any_store_settings) as gateway, Caller(gateway, "fgw") as caller:
        answers = [
            caller.post(event).json()["outcome"],
            caller.post(event).json()["outcome"],
            caller.post(b"{").json()["outcome"],
        ]
        eventually(lambda: len(published(any_store_settings)) == 1, 30)
        eventually(lambda: caller.http.get("/v1/departments/me/feed").json()["items"], 30)

    assert answers == ["forwarded", "repeated", "dead"]
    assert published(any_store_settings)[0][1] == int(NOON.timestamp() * 1000)


def test_while_kafka_is_away_the_door_stays_open_up_to_its_limit_and_loses_nothing(settings: Settings) -> None:
    update = {"bootstrap": f"127.0.0.1:{free_port()}", "infrastructure_deadline": 0.2, "outbox_limit": 3}
    events = [submitted("fgw") for _ in range(4)]
    away = settings.model_copy(update=update)
    with open_door(away, ("stores", "writer", "gateway.relay")) as gateway, Caller(gateway, "fgw") as caller:
        assert [caller.post(event).status_code for event in events] == [202, 202, 202, 503]

    with running_door(settings) as gateway, Caller(gateway, "fgw") as caller:
        eventually(lambda: len(published(settings)) == 3, 30)
        assert caller.post(events[0]).json()["outcome"] == "repeated"
        assert caller.post(events[3]).json()["outcome"] == "forwarded"
        eventually(lambda: len(published(settings)) == 4, 30)


@pytest.mark.parametrize("kind", ["application/cloudevents+json", "application/cloudevents-batch+json"])
def test_a_body_that_does_not_come_is_given_up(gateway: Gateway, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(body, "IDLE_SECONDS", 0.2)
    with served(gateway) as url, Caller(gateway, "fgw") as caller:
        connection = HTTPConnection(url.removeprefix("http://"), timeout=20)
        headers = {"Authorization": f"Bearer {caller.key}", "Content-Type": kind, "Content-Length": "100000"}
        connection.request("POST", "/v1/events", b"[{", headers)
        response = connection.getresponse()
        told = json.loads(response.read())
        connection.close()

        assert (response.status, told["code"]) == (408, "BODY-SLOW")
        assert caller.outcomes() == {}


def test_the_tables_are_what_the_migrations_make(any_store_settings: Settings) -> None:
    from bus.store import differences

    with Store(any_store_settings, "gateway", metadata) as store:
        store.migrate()
        with store.begin() as conn:
            assert differences(conn, "gateway", metadata) == []


def test_building_the_door_starts_nothing(settings: Settings) -> None:
    gateway = build_gateway(settings, clock)
    names = [service.name for service in gateway.services]
    for service in gateway.services[:2]:
        service.stop()

    assert names == [
        "city",
        "stores",
        "gateway.relay",
        "writer",
        "gateway.sink",
        "releaser",
        "file-drop",
        "database-outboxes",
        "inboxes",
        "platforms",
    ]
    assert isinstance(gateway.services[4], Sink)
    assert DoorProjection().topics[0] is VERDICTS
