"""A rebuild says nothing again, whether the store is there or lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bus.city import fixed
from bus.settings import Settings
from bus.store import Rebuilt, Store, rebuild
from consumers.newmedia.program import build_projection
from consumers.newmedia.tables import metadata
from schemas.city import Pack
from tests.consumers.newmedia.harness import SERVICE, WEIBO, Simulated
from tests.consumers.newmedia.processes import fed, portal_receipt, program, receipts, send
from tests.consumers.newmedia.test_kills import city
from tests.support.events import submitted, updated, withdrawn
from tests.support.waiting import eventually

pytestmark = pytest.mark.integration


def rebuilt(settings: Settings, pack: Pack) -> Rebuilt:
    with Store(settings, "newmedia", metadata) as store:
        store.migrate()
        return rebuild(settings, store, build_projection(settings, fixed(pack)))


def run_until(settings: Settings, condition: Callable[[], bool]) -> None:
    with program(settings) as running:
        eventually(lambda: running.poll() or condition(), 60, "the program has done it")
        assert running.poll() is None, (settings.home / "newmedia.log").read_text()[-2000:]


def effects(*platforms: Simulated) -> list[dict[str, int]]:
    return [platform.counters() for platform in platforms]


def test_a_rebuild_repeats_nothing_outward(settings: Settings, tmp_path: Path, pack: Pack) -> None:
    first = [submitted(local_id=f"a{number}", title=f"第{number}号通知") for number in range(5)]
    second = updated(local_id="a1", title="更正的通知")
    gone, later = withdrawn(local_id="a2"), submitted(local_id="b1", title="重建后的通知")
    with city(settings, tmp_path) as (configured, wechat, weibo):
        send(configured, [fed(event, outlet) for event in first for outlet in (SERVICE, WEIBO)])
        send(configured, [portal_receipt(event) for event in first])
        run_until(configured, lambda: len(receipts(configured)) == 10)
        send(configured, [fed(second, outlet) for outlet in (SERVICE, WEIBO)])
        send(configured, [fed(gone, outlet, action="take-down") for outlet in (SERVICE, WEIBO)])
        send(configured, [portal_receipt(second)])
        run_until(configured, lambda: len(receipts(configured)) == 14)
        done, given = effects(wechat, weibo), receipts(configured)

        kept = rebuilt(configured, pack)
        (configured.stores / "newmedia.sqlite").unlink()
        for left in configured.stores.glob("newmedia.sqlite-*"):
            left.unlink()
        lost = rebuilt(configured, pack)

        assert (kept.known, kept.to_send) == (lost.known, lost.to_send) == (14, 0)
        send(configured, [fed(later, WEIBO), portal_receipt(later)])
        run_until(configured, lambda: len(receipts(configured)) == 15)
        assert effects(wechat, weibo)[0] == done[0]
        assert effects(wechat, weibo)[1] == {**done[1], "posts": done[1]["posts"] + 1, "live": done[1]["live"] + 1}
        assert given.items() <= receipts(configured).items()


def test_a_receipt_that_was_not_yet_on_its_way_is_given_after_a_rebuild(
    settings: Settings, tmp_path: Path, pack: Pack
) -> None:
    event = submitted(local_id="a1")
    with city(settings, tmp_path) as (configured, wechat, weibo):
        send(configured, [fed(event, WEIBO), portal_receipt(event)])
        with program(configured, "relay.sent-before-mark=kill:1") as running:
            eventually(lambda: running.poll() is not None, 60, "killed before the receipt is marked")
        rebuilt(configured, pack)
        run_until(configured, lambda: len(receipts(configured)) == 1)

        assert weibo.counters() == {"posts": 1, "live": 1, "deleted": 0}
        assert wechat.counters()["articles"] == 0
