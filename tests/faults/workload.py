"""What departments send while parts are killed: groups of events, one department each, items with several versions.

An item's versions stand beside one another in a group, so that any part which swaps two records is seen; some of
them come a group later. Only a few name 两微一端: the platforms' quotas are real.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tests.support.events import JsonObject, submitted, to_bytes, updated, withdrawn

WITH_WECHAT = ("mzj", "jyj", "kjj")
DEPTS = ("fgw", *WITH_WECHAT, "rsj", "sthj")

SITE, PAPER, ACCOUNTS = ["政府网站"], ["政府网站", "政府公报"], ["政府网站", "两微一端"]

WECHAT_GROUPS = 2
"""Groups of a department with an account of its own that name it: four sends a month must do, kills may split one."""
FIRST, AGAIN = 4, 1
"""Items that name 两微一端 in a group of such a department, and in one of the others."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a group."""

    id: str
    source: str
    subject: str
    version: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one request."""

    dept: str
    events: tuple[Event, ...]


class Workload:
    """Groups without end; each `size` events or a few more."""

    def __init__(self, clock: Callable[[], datetime], size: int, *, plain_from: int | None = None) -> None:
        """From group `plain_from` on there are but first versions for the portal."""
        self._clock = clock
        self._size = size
        self._plain_from = plain_from
        self._made = 0
        self._groups: dict[str, int] = defaultdict(int)
        self._later: dict[str, list[str]] = defaultdict(list)

    def groups(self) -> Iterator[Group]:
        """The departments in turn."""
        while True:
            for dept in DEPTS:
                yield self._group(dept)

    def _group(self, dept: str) -> Group:
        number = self._groups[dept]
        self._groups[dept] += 1
        self._made += 1
        if self._plain_from is not None and self._made > self._plain_from:
            plain = (self._submit(dept, f"p{number:04}-{index:04}", SITE) for index in range(self._size))
            return Group(dept, tuple(_event(each) for each in plain))
        made = [self._update(dept, item, 2, SITE) for item in self._later.pop(dept, ())]
        accounts = self._accounts(dept, number)
        index = 0
        while len(made) < self._size:
            made += self._item(dept, f"f{number:04}-{index:04}", index, accounts)
            index += 1
        return Group(dept, tuple(_event(each) for each in made))

    def _item(self, dept: str, item: str, index: int, accounts: int) -> list[JsonObject]:
        """All events of one item that go into this group."""
        if index < accounts:
            if index % 2 == 0:
                self._later[dept].append(item)
            return [self._submit(dept, item, ACCOUNTS)]
        match index % 10:
            case 4:
                later = [self._update(dept, item, 2, PAPER), self._update(dept, item, 3, SITE)]
                return [self._submit(dept, item, PAPER), *later]
            case 7:
                return [self._submit(dept, item, PAPER), self._withdraw(dept, item)]
            case 2 | 5:
                return [self._submit(dept, item, PAPER)]
            case _:
                return [self._submit(dept, item, SITE)]

    @staticmethod
    def _accounts(dept: str, number: int) -> int:
        if dept in WITH_WECHAT:
            return FIRST if number < WECHAT_GROUPS else 0
        return AGAIN

    def _submit(self, dept: str, item: str, channels: list[str]) -> JsonObject:
        return submitted(
            dept, item, channels=channels, title=_title(dept, item), body=_BODY, envelope={"at": self._clock()}
        )

    def _update(self, dept: str, item: str, version: int, channels: list[str]) -> JsonObject:
        whole = {"channels": channels, "title": _title(dept, item), "body": f"{_BODY}（第{version}版）"}
        return updated(dept, item, version, **whole, envelope={"at": self._clock()})

    def _withdraw(self, dept: str, item: str) -> JsonObject:
        return withdrawn(dept, item, envelope={"at": self._clock()})


def _title(dept: str, item: str) -> str:
    return f"关于冬季供暖的通知 {dept} {item}"


def _event(event: JsonObject) -> Event:
    return Event(event["id"], event["source"], event["subject"], event["data"]["version"], to_bytes(event))


_BODY = "各有关单位：\n" + "现将冬季供暖保障工作有关事项通知如下，请认真组织实施，确保群众温暖过冬。" * 12
