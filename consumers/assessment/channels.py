"""渠道通畅: whether every reader of the bus keeps up, asked of Kafka's own group offsets.

Reads:    committed offsets, ends and members of each part's consumer group.
Writes:   nothing.
Keeps:    in memory, when each part was last seen well.
Fails to: nothing: where Kafka does not answer, every channel is shown as not known, then red.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec

from bus import clients
from bus.clock import Clock, now
from bus.errors import GongkaiError
from bus.settings import Settings
from schemas.topics import TOPICS, read_in_group

PARTS = tuple(sorted({part for topic in TOPICS for part in topic.readers}))
"""Everybody who reads a topic; a part's consumer group bears its name."""

State = Literal["green", "amber", "red"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What Kafka says of one part's group."""

    committed: int
    """Records acknowledged, over all partitions."""
    end: int
    members: int

    @property
    def lag(self) -> int:
        """Records it has still to take."""
        return max(0, self.end - self.committed)


@dataclass(frozen=True, slots=True)
class Channel:
    """One part as the board shows it."""

    part: str
    state: State
    """green: well; amber: not well, for less than the threshold; red: for longer."""
    lag: int | None
    members: int | None
    committed_at: datetime | None
    """When its committed offsets were last seen to have moved."""
    well_at: datetime
    """When it was last seen to keep up or move on."""


class Channels:
    """Judges what was seen, one look after another; pure but for what it remembers."""

    def __init__(self, threshold: timedelta, started: datetime) -> None:
        self._threshold = threshold
        self._seen: dict[str, Seen] = {}
        self._moved: dict[str, datetime] = {}
        self._well = dict.fromkeys(PARTS, started)

    def look(self, seen: Mapping[str, Seen], at: datetime) -> None:
        """Take notice of what Kafka says at this moment; a part that is not in it could not be asked."""
        for part, found in seen.items():
            before = self._seen.get(part)
            moved = before is not None and found.committed > before.committed
            if moved:
                self._moved[part] = at
            if found.members > 0 and (found.lag == 0 or moved):
                self._well[part] = at
        self._seen = dict(seen)

    def board(self, at: datetime) -> list[Channel]:
        """Every channel as it stands."""
        return [self._channel(part, at) for part in PARTS]

    def _channel(self, part: str, at: datetime) -> Channel:
        found, well = self._seen.get(part), self._well[part]
        good = found is not None and found.members > 0 and (found.lag == 0 or self._moved.get(part) == well)
        state: State = "red" if at - well > self._threshold else "green" if good else "amber"
        return Channel(
            part, state, found.lag if found else None, found.members if found else None, self._moved.get(part), well
        )


class ChannelWatch:
    """A service that looks every other second."""

    name = "assessment.channels"

    def __init__(
        self, settings: Settings, clock: Clock = now, ask: Callable[[Settings], Mapping[str, Seen]] | None = None
    ) -> None:
        self.failed: BaseException | None = None
        self._settings = settings
        self._clock = clock
        self._ask = ask or seen
        self._lock = threading.Lock()
        self._channels = Channels(timedelta(seconds=settings.channel_threshold), clock())
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._every = min(2.0, settings.channel_threshold / 4)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a question under way is not waited for."""
        self._stopping.set()

    def health(self) -> dict[str, object]:
        """The watch itself is well as long as it runs: a red channel is another part's trouble."""
        return {"ok": self.failed is None, "red": [each.part for each in self.board() if each.state == "red"]}

    def board(self) -> list[Channel]:
        """Every channel as it stands now."""
        with self._lock:
            return self._channels.board(self._clock())

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                found = self._ask(self._settings)
            except GongkaiError:
                found = {}
            except Exception as error:  # noqa: BLE001 - a fault of ours ends the program, as any service's does
                self.failed = error
                return
            with self._lock:
                self._channels.look(found, self._clock())
            self._stopping.wait(self._every)


def seen(settings: Settings) -> dict[str, Seen]:
    """What Kafka says of every part's group.

    Raises:
        Retriable, Fatal: it can't be asked.
    """
    groups = {part: settings.group(part) for part in PARTS}
    committed = clients.committed(settings, PARTS)
    with clients.admin(settings) as admin:
        ends = _ends(admin, settings)
        described = admin.describe_groups(list(groups.values()))
    found = {}
    for part, group in groups.items():
        mine = {settings.topic(topic) for topic in read_in_group(part)}
        found[part] = Seen(
            committed=sum(
                min(committed[part].get(place, 0), end) for place, end in ends.items() if place.topic in mine
            ),
            end=sum(end for place, end in ends.items() if place.topic in mine),
            members=len(described.get(group, {}).get("members", ())),
        )
    return found


def _ends(admin: KafkaAdminClient, settings: Settings) -> dict[TopicPartition, int]:
    described = admin.describe_topics([settings.topic(topic) for topic in TOPICS])
    places = [
        TopicPartition(topic["name"], partition["partition_index"])
        for topic in described
        for partition in topic["partitions"]
    ]
    return {
        place: said.offset
        for place, said in admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST)).items()
    }
