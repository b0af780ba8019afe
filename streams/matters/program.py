"""The program, wired: store, relay, the city's releases, and a Faust app whose slices end in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from kafka import TopicPartition

from bus import clients
from bus.city import City
from bus.clock import now
from bus.settings import Settings
from bus.store import Relay, Store
from bus.store._cluster import describe
from bus.store.positions import Extent
from schemas.city.released import Release
from schemas.topics import CITY
from streams import app as apps
from streams.duties.ticker import Around, Ticker
from streams.duties.ticking import Ticking
from streams.matters.desk import Desk, Place
from streams.matters.judges import Alone, ByRelease
from streams.matters.judging import INPUTS, PART
from streams.matters.stage import MattersStage
from streams.matters.tables import metadata
from streams.releases import known
from streams.transport.flow import Exit, exit_of


def build_app(settings: Settings, *, fatal: Exit | None = None) -> apps.StageApp:
    """The app, wired and not started; it holds its store, follows the city and sends its outbox from now on.

    Raises:
        Fatal: the store is held by another process, or can't be brought up to date.
    """
    fatal = fatal or exit_of(PART)
    address = clients.bootstrap(settings)
    settings = settings.model_copy(update={"bootstrap": address})
    store = Store(settings, PART, metadata)
    store.migrate()
    city = City.open(settings, on_failure=lambda error: fatal(f"{CITY.name} can't be followed: {error}"))
    judge = ByRelease(city.at)
    relay = Relay(settings, store)
    desk = Desk(store, now, judge.at)
    stage = partial(
        MattersStage, desk=desk, judge=judge, take_over=partial(take_over, settings, desk), wake=relay.wake, clock=now
    )
    ticking = Ticking(Ticker(store, Around(lambda at: city.at(at).pack, desk.epochs, Ends(settings), now)), relay.wake)
    for service in (city, relay, ticking):
        service.start()
    app = apps.build(
        settings, PART, INPUTS, lambda: judge, address=address, fatal=fatal, port=settings.matters_port,
        ready=partial(known, city), for_child=lambda: partial(alone, city.releases), stage=stage,
        more=lambda: {CITY.name: city.health(), "relay": relay.health(), "ticker": ticking.health()},
    )  # fmt: skip
    assert isinstance(app.stage, MattersStage)
    app.stage.ends = partial(apps.ends_of, app)
    app.flow.assigned = app.stage.assigned
    app.services = app.stage.beside = (ticking, relay, city)
    return app


def alone(releases: Sequence[Release]) -> Any:
    """What judges in the child process, by these releases."""
    return Alone(releases)


def take_over(settings: Settings, desk: Desk, places: Sequence[Place]) -> None:
    """Raise the epochs of the partitions that were assigned, where the log is still the one the store was filled from.

    Raises:
        StoreMismatch: it is not.
        Retriable: the broker or the database did not answer.
    """
    cluster = describe(settings, sorted({topic for topic, _ in places}))
    desk.take_over(cluster, extents_of(settings, places, cluster.topic_ids))


def extents_of(settings: Settings, places: Sequence[Place], ids: Mapping[str, str]) -> dict[Place, Extent]:
    """What the broker holds of these partitions."""
    if not places:
        return {}
    consumer = clients.consumer(settings)
    with clients.kafka_errors("describe the topics of matters"):
        try:
            wanted = {place: TopicPartition(settings.topic(place[0]), place[1]) for place in places}
            begins = consumer.beginning_offsets(list(wanted.values()))
            ends = consumer.end_offsets(list(wanted.values()))
        finally:
            consumer.close()
    return {place: Extent(ids[place[0]], begins[each], ends[each]) for place, each in wanted.items()}


class Ends:
    """The ends of all the logs that matters reads, asked on a connection of its own; used from one thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._consumer: Any = None

    def __call__(self) -> dict[Place, int]:
        """As they are now.

        Raises:
            Retriable: the broker did not answer.
        """
        with clients.kafka_errors("ask for the ends of the topics"):
            if self._consumer is None:
                self._consumer = clients.consumer(self._settings)
            names = {topic.name: self._consumer.partitions_for_topic(self._settings.topic(topic)) for topic in INPUTS}
            places = {
                (name, number): TopicPartition(self._settings.topic(name), number)
                for name, numbers in names.items()
                for number in numbers or ()
            }
            ends = self._consumer.end_offsets(list(places.values()))
        return {place: ends[each] for place, each in places.items()}
