"""Releases of the pack in the portal's store: a version counts the releases in which a catalogue changed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bus.record import Record
from bus.settings import Settings
from bus.store import digest
from bus.web import Problem
from consumers.portal import tables
from consumers.portal.catalogue.releases import Releases, Version, versions
from schemas.city import Pack
from schemas.city.released import Release, milliseconds, records_of
from schemas.city.releases import Releases as Parts
from tests.consumers.portal.feeding import SITE, City, Feed, Shelf, opened, plain
from tests.consumers.portal.test_projection import forget
from tests.support.events import NOON, submitted
from tests.support.releasing import example_files, records, released

LATER = NOON + timedelta(days=1)
CHANGED = {"basic": ("01-02,机构概况,领导介绍", "01-02,机构概况,领导信息")}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shelf(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Shelf]:
    settings: Settings = plain(tmp_path_factory.mktemp("store"))
    if request.param == "postgres":
        update = {"database": request.getfixturevalue("postgres_url"), "prefix": f"t{random.randrange(10**12)}."}
        settings = settings.model_copy(update=update)
    with opened(settings) as shelf:
        yield shelf


def kept(shelf: Shelf, now: datetime = LATER, stem: str = "") -> list[Version]:
    with shelf.store.read() as conn:
        return versions(conn, now, stem)


def current(shelf: Shelf, now: datetime = LATER) -> Pack:
    with shelf.store.read() as conn:
        return Releases(SITE.pack).current(conn, now)


def test_before_any_release_the_pack_of_the_start_is_shown(shelf: Shelf) -> None:
    assert current(shelf) is SITE.pack
    assert kept(shelf) == []


def test_a_version_counts_the_releases_in_which_the_catalogue_changed(shelf: Shelf) -> None:
    city = City()
    for number, changed in ((1, {}), (2, {}), (3, CHANGED)):
        shelf.apply(city.add(*records(example_files(number, **changed), number, NOON)))
    found = {stem: [(v.number, v.release) for v in kept(shelf, stem=stem)] for stem in ("basic", "other")}
    assert found == {"basic": [(2, 3), (1, 1)], "other": [(1, 1)]}
    assert kept(shelf, stem="basic")[0].rows == len(
        [r for r in current(shelf).rows if r.catalogue.endswith("basic.csv")]
    )
    assert current(shelf).row["01-02"].level2 == "领导信息"


def test_a_release_shows_from_its_time_on_and_the_first_at_once(shelf: Shelf) -> None:
    city = City()
    shelf.apply(city.add(*records(example_files(1), 1, LATER)))
    shelf.apply(city.add(*records(example_files(2, **CHANGED), 2, LATER + timedelta(hours=1), written=NOON)))
    assert current(shelf, NOON).release == "1"
    assert current(shelf, LATER + timedelta(minutes=59)).release == "1"
    assert current(shelf, LATER + timedelta(minutes=60)).release == "2"
    assert [v.number for v in kept(shelf, NOON, "basic")] == [1]


def test_what_is_not_complete_or_comes_too_late_is_passed_over(shelf: Shelf) -> None:
    city, first = City(), example_files(1)
    shelf.apply(city.add(*records(first, 1, NOON)))
    second = example_files(2, **CHANGED)
    shelf.apply(city.add(*[each for each in records(second, 2, LATER) if each.key != b"catalogues/basic.csv"]))
    shelf.apply(city.add(*records(example_files(3), 3, NOON, written=LATER)))
    shelf.apply(city.add(*records(first, 1, LATER)))
    assert [v.release for v in kept(shelf, LATER + timedelta(days=9))] == [1] * len(kept(shelf))
    assert current(shelf, LATER + timedelta(days=9)).release == "1"


def test_records_that_say_nothing_stop_nobody(shelf: Shelf) -> None:
    city = City()
    bad = [
        ("pack.released", b"{"),
        ("pack.released", b""),
        ("\x00", b"x"),
        ("../../etc", b"x"),
        ("a", None),
        (None, b"x"),
    ]
    garbage = [
        Record("city", 0, n, 0, None if key is None else key.encode(), value) for n, (key, value) in enumerate(bad)
    ]
    shelf.apply(garbage)
    city._end = len(garbage)
    shelf.apply(city.add(*records(example_files(1), 1, NOON)))
    assert current(shelf).release == "1"


def test_a_release_that_this_build_cannot_read_leaves_the_one_before(shelf: Shelf) -> None:
    city = City()
    shelf.apply(city.add(*records(example_files(1), 1, NOON)))
    broken = example_files(2) | {"clocks.toml": b"[CLK-01]\nunheard = 1\n"}
    shelf.apply(city.add(*records_of(released(broken, 2, NOON), broken)))
    assert current(shelf).release == "1"


def test_a_release_that_cannot_be_read_is_tried_once(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    city, tried = City(), []
    shelf.apply(city.add(*records(example_files(1), 1, NOON)))
    broken = example_files(2) | {"clocks.toml": b"[CLK-01]\nunheard = 1\n"}
    shelf.apply(city.add(*records_of(released(broken, 2, NOON), broken)))
    load = Release.load

    def loading(release: Release) -> Pack:
        tried.append(release.number)
        return load(release)

    monkeypatch.setattr(Release, "load", loading)
    releases = Releases(SITE.pack)
    with shelf.store.read() as conn:
        assert [releases.current(conn, LATER).release for _ in range(3)] == ["1"] * 3
        with pytest.raises(Problem, match="Release 2 can't be read"):
            releases.pack(conn, 2)
    assert tried == [2, 1]


@pytest.mark.parametrize("since", [(3, 1, 2), (1, 3, 2), (2, 2, 1), (1, 2, 3), (2, 3, 3)])
def test_the_portal_has_the_release_in_force_that_every_part_has(shelf: Shelf, since: tuple[int, ...]) -> None:
    city, parts = City(), Parts()
    for number, hours in enumerate(since, 1):
        for record in records(example_files(number), number, NOON + timedelta(hours=hours), written=NOON):
            parts.add(record)
            shelf.apply(city.add(record))
    for minutes in range(0, 240, 30):
        at = NOON + timedelta(minutes=minutes)
        assert current(shelf, at).release == parts.span(milliseconds(at)).pack.release, minutes


def test_releases_and_feed_in_any_order_and_a_rebuild_give_the_same_rows(shelf: Shelf) -> None:
    city, feed = City(), Feed()
    log = [feed.add(submitted(local_id=str(n))) for n in range(6)]
    for number, changed in ((1, {}), (2, CHANGED)):
        log += city.add(*records(example_files(number, **changed), number, NOON))
    shelf.apply(log)
    before, said = digest(shelf.store), kept(shelf)
    forget(shelf)
    Shelf(shelf.store).apply(sorted(log, key=lambda record: (record.topic == "portal-feed", record.partition)))
    assert digest(shelf.store) == before
    assert kept(shelf) == said
    assert len(said) >= 4


def test_a_file_that_stood_in_an_earlier_release_is_kept_once(shelf: Shelf) -> None:
    city = City()
    for number in (1, 2):
        shelf.apply(city.add(*records(example_files(number), number, NOON)))
    with shelf.store.read() as conn:
        count = conn.execute(sa.select(sa.func.count()).select_from(tables.city_files)).scalar_one()
    assert count <= len(example_files(1)) + 1
