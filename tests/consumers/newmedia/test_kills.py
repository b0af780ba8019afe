"""Killed anywhere, the program doubles nothing on the platforms, loses nothing, and ends every feed record once.

Everything here is real: the program, two platforms in processes of their own, Kafka; the counts are the platforms'.
"""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bus.settings import Settings
from tests.consumers.newmedia.harness import SEND_ALL, SERVICE, SHARE, WEIBO, Simulated
from tests.consumers.newmedia.processes import answers, fed, platform, portal_receipt, program, receipts, send
from tests.support.events import JsonObject, submitted, withdrawn
from tests.support.waiting import eventually

WITHDRAWN = ("a1", "a2")

pytestmark = pytest.mark.integration


@contextmanager
def city(settings: Settings, folder: Path) -> Iterator[tuple[Settings, Simulated, Simulated]]:
    """The settings with both platforms running."""
    with platform("wechat", folder, "--service", SERVICE) as wechat, platform("weibo", folder) as weibo:
        yield settings.model_copy(update={"wechat_url": wechat.url, "weibo_url": weibo.url}), wechat, weibo


def publish(settings: Settings, count: int) -> list[JsonObject]:
    """Items for both accounts, with the portal's receipts."""
    events = [submitted(local_id=f"a{number}", title=f"第{number}号通知") for number in range(count)]
    send(settings, [fed(event, outlet) for event in events for outlet in (SERVICE, WEIBO)])
    send(settings, [portal_receipt(event) for event in events])
    return events


def withdraw(settings: Settings) -> None:
    events = [withdrawn(local_id=local_id) for local_id in WITHDRAWN]
    send(settings, [fed(event, outlet, action="take-down") for event in events for outlet in (SERVICE, WEIBO)])


def is_ready(settings: Settings) -> bool:
    """Whether the program is there and well."""
    return answers(f"http://127.0.0.1:{settings.newmedia_port}/healthz")


def killed_at(settings: Settings, failpoint: str) -> None:
    """Run the program until it kills itself there."""
    with program(settings, failpoint) as running:
        eventually(lambda: running.poll() is not None, 60, f"killed at {failpoint}")
        assert running.returncode == -signal.SIGKILL, (settings.home / "newmedia.log").read_text()[-2000:]


def check(settings: Settings, wechat: Simulated, weibo: Simulated, count: int) -> None:
    """Let the program finish, then count on the platforms."""
    owed = 2 * (count + len(WITHDRAWN))
    with program(settings) as running:
        eventually(lambda: running.poll() or len(receipts(settings)) == owed, 200, "every feed record has ended")
        assert running.poll() is None, (settings.home / "newmedia.log").read_text()[-2000:]
    kinds = Counter((each["outlet"], each["kind"]) for each in receipts(settings).values())
    withdrawn_now = len(WITHDRAWN)
    for outlet in (SERVICE, WEIBO):
        early = kinds[outlet, "superseded"]
        assert kinds[outlet, "published"] + early == count
        assert kinds[outlet, "removed"] + kinds[outlet, "noted"] == withdrawn_now
        assert kinds[outlet, "noted"] == early
    for posts in (wechat.posts(), weibo.posts()):
        said = Counter(post.get("title") or post["text"].partition("】")[0] for post in posts)
        assert max(said.values()) == 1, "doubled on the platform"
        assert sum(not post["deleted"] for post in posts) == count - withdrawn_now
    ids = {each["platform_id"] for each in receipts(settings).values() if each["kind"] == "published"}
    assert ids == {post["id"] for post in (*wechat.posts(), *weibo.posts())}


def test_killed_between_intent_and_call_and_between_call_and_commit(settings: Settings, tmp_path: Path) -> None:
    with city(settings, tmp_path) as (configured, wechat, weibo):
        publish(configured, 6)
        for place in (
            "newmedia.before-call", "newmedia.after-call-before-commit", "newmedia.after-call-before-commit:2",
            "newmedia.before-call:3", "relay.sent-before-mark", "sink.before-commit",
        ):  # fmt: skip
            name, _, number = place.partition(":")
            if place == "sink.before-commit":
                withdraw(configured)
            killed_at(configured, f"{name}=kill:{number or 1}")
        killed_at(configured, "newmedia.after-call-before-commit=kill:1")
        check(configured, wechat, weibo, 6)


@pytest.mark.parametrize(("safeguards", "holds"), [("", True), ("look-up=break", False)])
def test_a_post_whose_answer_was_lost_in_a_kill_is_found_again_by_looking_it_up(
    settings: Settings, tmp_path: Path, safeguards: str, holds: bool
) -> None:
    event = submitted(local_id="a1")
    with city(settings, tmp_path) as (configured, _, weibo):
        send(configured, [fed(event, WEIBO), portal_receipt(event)])
        killed_at(configured, "newmedia.after-call-before-commit=kill:1")
        assert len(weibo.posts()) == 1
        with program(configured, safeguards) as running:
            eventually(lambda: running.poll() or receipts(configured), 60, "the record has ended")
        (receipt,) = receipts(configured).values()

        assert ((receipt["kind"], receipt["platform_id"]) == ("published", weibo.posts()[0]["id"])) == holds


@pytest.mark.faults
def test_killed_at_any_moment_while_platforms_lose_answers(settings: Settings, tmp_path: Path) -> None:
    chance = random.Random(20260921)
    with city(settings, tmp_path) as (configured, wechat, weibo):
        publish(configured, 12)
        for round_ in range(8):
            wechat.fault(SEND_ALL, chance.choice(("lost", "5xx")))
            weibo.fault(SHARE, chance.choice(("lost", "5xx")), times=2)
            if round_ == 4:
                withdraw(configured)
            effects = min(9, len(weibo.posts()) + chance.randint(0, 3))
            with program(configured) as running:
                eventually(lambda: is_ready(configured) and len(weibo.posts()) >= effects, 60, "some effects")  # noqa: B023
                running.send_signal(chance.choice((signal.SIGKILL, signal.SIGTERM)))
                running.wait(40)
        wechat.recover()  # attempts that fail are further apart each time: what was not used up would take minutes
        weibo.recover()
        check(configured, wechat, weibo, 12)
