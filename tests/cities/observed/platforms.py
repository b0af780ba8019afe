"""Outside platforms: what they are told of each step, what we do at each of their states, and how an appeal is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from producers.platform.appeals import Unfit, opening, read_appeal, step
from schemas.city.platforms import AppealPlatform
from tests.cities.observed.asking import Question, World

_NOW = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)
_STRANGE = "五颗星"


def platform_questions(world: World) -> Iterator[Question]:
    """Each platform's own words and limits; an appeal of each kind; each state of it with each of its words."""
    for one in world.pack.platforms:
        yield Question("platforms.toml", one.id, partial(_itself, own=one.id))
        for kind in (*one.kinds, _STRANGE):
            yield Question("platforms.toml", f"{one.id} {kind}", partial(_opened, own=one.id, kind=kind))
        for state, taking in one.takes.items():
            for word in (*taking.words, _STRANGE):
                yield Question("platforms.toml", f"{one.id} {state} {word}",
                               partial(_taken, own=one.id, state=state, word=word))  # fmt: skip


def _itself(world: World, own: str) -> str:
    return repr(world.pack.platform[own])


def _opened(world: World, own: str, kind: str) -> str:
    platform = world.pack.platform[own]
    return _said(platform, {"type": kind}, lambda appeal: opening(platform, world.pack.lead_office, appeal, _NOW))


def _taken(world: World, own: str, state: str, word: str) -> str:
    platform = world.pack.platform[own]
    said = {"status": state, "rating": word}
    return _said(platform, said, lambda appeal: step(platform, world.pack.lead_office, appeal, "1", _NOW))


def _said(platform: AppealPlatform, said: dict[str, str], what: Any) -> str:
    whole = {
        "appeal_no": "SL1", "status": "待签收", "region": "999900", "type": "投诉", "urgent": True,
        "submitted_at": "2026-09-20T08:00:00+08:00", "title": "题目", "content": "内容",
        "person": {"name": "某人", "phone": "13900001111"}, **said,
    }  # fmt: skip
    try:
        return str((what(read_appeal(platform, whole)) or b"nothing").decode())
    except Unfit as unfit:
        return f"unfit: {unfit}"


def limit_questions(world: World) -> Iterator[Question]:
    """How often something may be tried at the counter."""
    for one in world.pack.limits:
        yield Question("limits.toml", one.id, partial(_limit, own=one.id))


def _limit(world: World, own: str) -> str:
    return next(repr(one) for one in world.pack.limits if one.id == own)
