"""One row for each notice and target: taken back, for nobody, too old, read again in any order, rebuilt."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from bus.record import Outgoing
from bus.store import digest
from schemas.topics import DELIVERIES
from tests.consumers.notices.harness import Desk, JsonObject, cancelled, desk, mailbox, rung, smtp, webhook
from tests.support.sinks import HookSink, MailSink

# taken back


def test_a_rung_that_was_taken_back_before_it_was_sent_is_not_sent(calls: Desk, hook: HookSink) -> None:
    told = rung()
    calls.read(told, cancelled(told))
    assert calls.work(days=3) == 0 and not hook.calls
    assert calls.states() == {"oa": "cancelled"}


def test_one_that_was_taken_back_after_it_was_sent_is_corrected_to_whom_it_was_sent(
    tmp_path: Path, mail: MailSink, hook: HookSink
) -> None:
    given: JsonObject = {"mailbox": [mailbox("chief", "leader")], "webhook": [webhook("oa", hook.port)]}
    with desk(tmp_path, smtp=smtp(mail.port), **given) as made:
        hook.answer(500)
        told = rung()
        made.read(told, rung(2))
        made.work()
        back = cancelled(told)
        made.read(back)
        made.work(hours=1)
        first, second = (one for one in mail.mails if "letter-1" in one.get_content())
        assert second["In-Reply-To"] == first["Message-ID"] != second["Message-ID"]
        assert second["Subject"].startswith("【更正】") and "通知作废" in second.get_content()
        assert "Correction" in second.get_content() and "已逾期" not in second["Subject"]
        bodies = [json.loads(call.body)["id"] for call in hook.calls]
        assert bodies.count(back["id"]) == 1, "the try that failed may have been heard"
        assert bodies.count(told["id"]) == 1, "and is not made again"
        withdrawn = [each for each in made.said("planned") if each["correction"]]
        assert [len(each["deliveries"]) for each in withdrawn] == [2]


def test_a_cancellation_that_does_not_name_its_rung_takes_the_last_one_back(calls: Desk, hook: HookSink) -> None:
    earlier, later = rung(version=2), rung(version=5)
    calls.read(earlier)
    calls.work()
    calls.read(later, cancelled(later, 6, cancels=None))
    calls.work()
    assert [json.loads(call.body)["id"] for call in hook.calls] == [earlier["id"]]


def test_the_try_under_way_when_a_rung_is_taken_back_is_told_as_it_ended(calls: Desk, hook: HookSink) -> None:
    told = rung()
    calls.read(told)
    (postman, *_) = calls.postmen
    carry = postman._way.carry

    def slowly(parcel, at):  # type: ignore[no-untyped-def]
        postman._way.carry = carry  # type: ignore[method-assign]
        calls.read(cancelled(told))
        return carry(parcel, at)

    postman._way.carry = slowly  # type: ignore[method-assign]
    calls.work()
    rows = {row.notice: row.state for row in calls.rows()}
    assert rows == {told["id"]: "delivered", cancelled(told)["id"]: "delivered"}
    assert [json.loads(call.body)["data"]["what"] for call in hook.calls] == ["rung", "rung-cancelled"]


# nobody, too old, gone from the settings


def test_whom_nobody_stands_for_is_seen_and_told_when_somebody_does(calls: Desk, hook: HookSink) -> None:
    given = calls.addresses
    calls.open(given.model_copy(update={"webhook": ()}))
    calls.read(rung(to=["leader"]))
    assert calls.work() == 0 and calls.states() == {"nobody/leader/fgw": "unaddressed"}
    (row,) = calls.rows()
    calls.ask_again(row.id)
    assert calls.states() == {"nobody/leader/fgw": "unaddressed"}, "still nobody"
    calls.open(given)
    calls.ask_again(row.id)
    calls.work()
    assert calls.states() == {"nobody/leader/fgw": "cancelled", "oa": "delivered"} and len(hook.calls) == 1


def test_what_was_reached_long_ago_is_kept_and_told_to_nobody_by_itself(calls: Desk, hook: HookSink) -> None:
    calls.read(rung(1), age=8)
    calls.read(rung(2), age=6)
    calls.work()
    assert sorted(row.state for row in calls.rows()) == ["delivered", "old"]
    calls.ask_again(next(row.id for row in calls.rows() if row.state == "old"))
    calls.work()
    assert len(hook.calls) == 2


def test_what_waits_for_a_target_that_is_in_the_settings_no_longer_is_dead_and_seen(calls: Desk) -> None:
    calls.read(rung())
    calls.open(calls.addresses.model_copy(update={"webhook": ()}))
    calls.work()
    assert [(row.state, row.detail) for row in calls.rows()] == [("dead", "notices.toml has no target oa any more")]


# repeats and rebuilds


def test_other_words_and_repeats_make_no_delivery(calls: Desk) -> None:
    told = rung()
    calls.read(rung(3, what="opened", rung=None), told, told)
    calls.read(told)
    assert calls.work() == 1 and len(calls.rows()) == 1


def live(home: Path, hook: HookSink, database: str = "") -> tuple[list[Outgoing], list[JsonObject], str, int]:
    """A part's life with everything in it: what was told to it, what it said, its rows' digest, how many calls."""
    with desk(home, database, webhook=[webhook("oa", hook.port, "owner")]) as made:
        one, two, three, four = rung(1), rung(2), rung(3, to=["leader", "public"]), rung(4)
        hook.answer(204, 410)
        made.read(one, two, three)
        made.work()
        made.read(four, cancelled(one), cancelled(four, 10))
        made.work()
        dead, nobody = (next(row.id for row in made.rows() if row.state == state) for state in ("dead", "unaddressed"))
        made.ask_again(dead, nobody)
        made.work()
        made.hear_itself()
        assert {row.state for row in made.rows()} == {"delivered", "dead", "cancelled", "unaddressed"}
        return made.told, made.log, digest(made.player.store), len(hook.calls)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_rebuild_gives_the_same_rows_and_tells_nobody_again(
    tmp_path: Path, hook: HookSink, kind: str, request: pytest.FixtureRequest
) -> None:
    """Whatever the addresses are by then."""
    database = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    told, said, before, made = live(tmp_path / "a", hook, database)
    with desk(tmp_path / "b", database, webhook=[webhook("other", hook.port, "leader", "public")]) as anew:
        anew.player.remember([one for one in said if one["source"] == "/engine/notices"])
        for each in told:
            anew.put(each)
        anew.read(*said, topic=DELIVERIES.name)
        assert not anew.player.sent(), "it says nothing anew"
        assert digest(anew.player.store) == before
        anew.work(days=10)
        assert len(hook.calls) == made


def test_rows_are_the_same_in_whatever_order_the_topics_are_read(tmp_path: Path, hook: HookSink) -> None:
    """A store that was put back from a copy, and reads on from there: it knows nothing of what it had said."""
    told, said, before, made = live(tmp_path / "a", hook)
    for seed in range(8):
        order, duties, own = Random(seed), list(told), list(said)
        with desk(tmp_path / f"b{seed}", webhook=[webhook("oa", hook.port, "owner")]) as anew:
            while duties or own:
                if own and (not duties or order.random() < 0.5):
                    anew.read(own.pop(0), topic=DELIVERIES.name)
                else:
                    anew.put(duties.pop(0))
            assert digest(anew.player.store) == before, f"in the order of seed {seed}"
            anew.work(days=10)
    assert len(hook.calls) == made


@pytest.mark.postgres
def test_of_two_copies_one_works_a_way_and_the_other_takes_it_over(
    tmp_path: Path, hook: HookSink, postgres_url: str
) -> None:
    with desk(tmp_path, postgres_url, webhook=[webhook("oa", hook.port)]) as made:
        first = made.postmen[0]
        made.open()
        second = made.postmen[0]
        made.read(rung(1))
        assert first._work(), "it takes the way"
        assert not second._work()
        assert first._work(), "and makes the delivery"
        made.read(rung(2))
        assert not second._work() and len(hook.calls) == 1
        first._leave()
        assert second._work() and second._work() and len(hook.calls) == 2
        second._leave()
