"""The gazette's sink: into the open issue once public on the portal, out of it on withdrawal, one receipt each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.record import Record
from bus.store.digest import digest
from consumers.gazette.projection import GazetteProjection
from consumers.gazette.tables import documents, issues
from schemas import headers as h
from schemas.ids import feed_id, receipt_id
from schemas.topics import GAZETTE_FEED, RECEIPTS
from tests.consumers.office import NOW, Log, Player, ours, player
from tests.support import events


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def play(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Player]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    with player(tmp_path, projection(), url) as made:
        yield made


def projection() -> GazetteProjection:
    return GazetteProjection(lambda event: "政府网站" in event.data.channels, "http://gazette")  # type: ignore[attr-defined]


class City:
    """Writes the feed and the portal's receipts of one city."""

    def __init__(self) -> None:
        self._log = Log()

    def feed(self, event: dict[str, Any], action: str = "carry") -> Record:
        gk_id = feed_id(event["source"], event["id"], "gazette")
        routed = events.to_bytes({"outlet": "gazette", "feed": "gazette-feed", "action": action, "title": "题"})
        outgoing = ours(GAZETTE_FEED.name, event, gk_id, (h.OUTLET, routed), (h.ORIGIN, b"publications/0/0"))
        return self._log.append(outgoing)

    def portal(self, event: dict[str, Any], kind: str = "published", source: str = "/engine/portal") -> Record:
        """A receipt of the portal's."""
        gk_id = receipt_id(feed_id(event["source"], event["id"], "portal"))
        names = {name: event[name] for name in ("id", "source", "type", "subject", "time")}
        data = {"feed_id": gk_id, "outlet": "portal", "kind": kind, "event": names,
                "version": event["data"]["version"], "at": NOW.isoformat(), "url": "http://portal/x"}  # fmt: skip
        value = {"specversion": "1.0", "id": gk_id, "source": source, "type": "cn.gongkai.receipt.given.v1",
                 "subject": event["subject"], "time": NOW.isoformat(), "data": data}  # fmt: skip
        return self._log.append(ours(RECEIPTS.name, value, gk_id))


def kinds(play: Player) -> dict[str, str]:
    """Event id to the kind of its receipt."""
    found: dict[str, str] = {}
    for value in play.sent():
        data: Any = value["data"]
        assert data["event"]["id"] not in found
        found[data["event"]["id"]] = data["kind"]
    return found


def rows(play: Player, table: sa.Table) -> list[Any]:
    with play.store.read() as conn:
        return list(conn.execute(sa.select(table)).all())


def test_a_document_enters_the_open_issue_when_the_portal_has_it_public(play: Player) -> None:
    city, event = City(), events.submitted(local_id="a")
    play.play(city.feed(event))
    assert kinds(play) == {}

    play.play(city.portal(event))
    (receipt,) = play.sent()
    assert receipt["data"]["kind"] == "published"  # type: ignore[index]
    assert receipt["data"]["detail"] == "总第1期"  # type: ignore[index]
    assert receipt["id"] == receipt_id(feed_id(event["source"], event["id"], "gazette"))
    (row,) = rows(play, documents)
    assert (row.state, row.issue) == ("taken", 1)
    (issue,) = rows(play, issues)
    assert issue.closed_at is None


def test_another_parts_receipt_says_nothing(play: Player) -> None:
    city, event = City(), events.submitted(local_id="a")
    play.play(city.feed(event), city.portal(event, source="/engine/newmedia"))
    assert kinds(play) == {}


def test_a_later_version_replaces_it_and_a_withdrawal_takes_it_out(play: Player) -> None:
    city = City()
    first, second, gone = (
        events.submitted(local_id="a"),
        events.updated(local_id="a", title="新的题目"),
        events.withdrawn(local_id="a", version=2),
    )
    for event in (first, second):
        play.play(city.feed(event), city.portal(event))
    (row,) = rows(play, documents)
    assert (row.version, row.title) == (2, "新的题目")

    play.play(city.feed(gone, "take-down"))
    assert rows(play, documents) == []
    assert kinds(play) == {first["id"]: "published", second["id"]: "published", gone["id"]: "removed"}


def test_a_version_that_no_longer_names_the_gazette_takes_it_out(play: Player) -> None:
    city, first, second = City(), events.submitted(local_id="a"), events.updated(local_id="a")
    play.play(city.feed(first), city.portal(first), city.feed(second, "take-down"))
    assert rows(play, documents) == []
    assert kinds(play)[second["id"]] == "removed"


def test_what_the_portal_does_not_carry_is_noted_at_once_with_the_reason(play: Player) -> None:
    city, event = City(), events.submitted(local_id="a", channels=["政府公报"])
    play.play(city.feed(event))
    (receipt,) = play.sent()
    assert receipt["data"]["kind"] == "noted"  # type: ignore[index]
    assert "门户网站" in receipt["data"]["detail"]  # type: ignore[index]


def test_text_with_a_nul_is_kept_on_either_database(play: Player) -> None:
    city, event = City(), events.submitted(local_id="a", title="题\x00目", body="文\x00")
    play.play(city.feed(event), city.portal(event))
    (row,) = rows(play, documents)
    assert "\x00" not in row.title + row.body


def test_a_rebuild_repeats_no_receipt_and_keeps_the_time_it_named(play: Player, tmp_path: Path) -> None:
    city, event = City(), events.submitted(local_id="a")
    log = [city.feed(event), city.portal(event)]
    play.play(*log)
    (before,) = rows(play, documents)

    with player(tmp_path / "again", projection()) as again:
        again.now = NOW.replace(year=2027)
        again.remember(play.sent())
        again.play(*log)
        assert again.sent() == []
        assert rows(again, documents) == [before]
        assert digest(again.store) == digest(play.store)


def history(steps: list[tuple[str, int, str, str]]) -> list[tuple[dict[str, Any], str]]:
    """Events of some subjects with what the router asks of the gazette."""
    found = []
    for number, (subject, version, content, what) in enumerate(steps):
        envelope = {"event_id": f"e{number}"}
        if what == "withdraw":
            found.append((events.withdrawn(local_id=subject, version=version, envelope=envelope), "take-down"))
        else:
            make = events.submitted if version == 1 else events.updated
            event = make(local_id=subject, version=version, body=content, envelope=envelope)
            found.append((event, "carry" if version == 1 else what))
    return found


STEPS = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.integers(1, 3), st.sampled_from(["文", "又"]),
        st.sampled_from(["carry", "carry", "take-down", "withdraw"]),
    ),
    max_size=10,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(STEPS, st.integers(0, 2**32))
def test_any_interleaving_gives_the_same_digest_and_one_receipt_for_every_feed_record(
    steps: list[tuple[str, int, str, str]], seed: int
) -> None:
    written = history(steps)
    digests = set()
    for mixing in (None, random.Random(seed)):
        city, portal = City(), Portal()
        feed = [city.feed(event, action) for event, action in written]
        said = [city.portal(event, portal.read(event, action)) for event, action in written]
        with TemporaryDirectory() as home, player(Path(home), projection()) as made:
            made.play(*(feed + said if mixing is None else mixed(mixing, feed, said)))
            digests.add(digest(made.store))
            assert set(kinds(made)) == {event["id"] for event, _ in written}
    assert len(digests) == 1


class Portal:
    """What a portal that reads the same log says of each event."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}
        self._off: dict[str, int] = {}
        self._held: dict[tuple[str, int], str] = {}

    def read(self, event: dict[str, Any], action: str) -> str:
        subject, version = event["subject"], event["data"]["version"]
        if "withdrawn" in event["type"]:
            self._off[subject] = max(self._off.get(subject, 0), version)
            return "removed"
        body = event["data"]["body"]
        if (subject, version) in self._held:
            return "noted" if self._held[subject, version] == body else "conflict"
        self._held[subject, version] = body
        if version <= max(self._off.get(subject, 0), self._newest.get(subject, 0)):
            return "superseded"
        self._newest[subject] = version
        return "published"


def mixed(mixing: random.Random, *streams: list[Record]) -> list[Record]:
    """The streams shuffled into each other, each in its own order."""
    left = [list(stream) for stream in streams if stream]
    found = []
    while left:
        stream = mixing.choice(left)
        found.append(stream.pop(0))
        left = [each for each in left if each]
    return found
