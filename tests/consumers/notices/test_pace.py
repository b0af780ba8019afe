"""Tries are spread as Standard Webhooks recommends, bounded, and never hastier than a server asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consumers.notices.pace import ATTEMPTS, LONGEST, WAITS, next_try, retry_after

NOW = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)


def test_the_whole_schedule_on_an_injected_clock() -> None:
    now, tries = NOW, 1
    while (again := next_try(now, tries, "d-1")) is not None:
        wait = WAITS[tries - 1]
        assert wait <= again - now <= wait * 1.1
        now, tries = again, tries + 1
    assert tries == ATTEMPTS == 10
    assert timedelta(hours=75) < now - NOW < timedelta(hours=84)


def test_deliveries_that_failed_together_come_back_apart_and_always_alike() -> None:
    times = {next_try(NOW, 2, f"d-{number}") for number in range(50)}
    assert len(times) == 50
    assert next_try(NOW, 2, "d-7") in times


def test_a_server_may_ask_for_more_time_but_not_for_ever_and_not_for_less() -> None:
    assert next_try(NOW, 1, "d", timedelta(seconds=90)) == NOW + timedelta(seconds=90)
    assert next_try(NOW, 1, "d", timedelta(days=400)) == NOW + LONGEST
    later = next_try(NOW, 3, "d", timedelta(seconds=1))
    assert later is not None and later - NOW >= WAITS[2]
    assert next_try(NOW, ATTEMPTS, "d", timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), (" 0 ", 0), ("Mon, 21 Sep 2026 04:05:00 GMT", 300), ("Mon, 21 Sep 2026 04:05:00", 300),
     ("Sun, 20 Sep 2026 04:00:00 GMT", 0), ("Mon, 21 Sep 2026 13:00:00 +0800", 3600)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(header: str, seconds: int) -> None:
    assert retry_after(header, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("header", [None, "", "-5", "1.5", "soon", "１２０", "\x00", "Mon, 99 Sep 2026 04:05:00 GMT"])
def test_what_is_neither_asks_for_nothing(header: str | None) -> None:
    assert retry_after(header, NOW) is None


def test_a_huge_number_is_bounded() -> None:
    assert retry_after("9" * 5_000, NOW) == LONGEST
