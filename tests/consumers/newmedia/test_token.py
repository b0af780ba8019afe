"""A token is asked for once, renewed once in a call, and lost answers about it never make an outcome unknown."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest

from consumers.newmedia.platform import Misconfigured, NotDone, UnknownOutcome
from consumers.newmedia.token import Token


def refuse(answer: dict[str, Any]) -> NoReturn:
    raise Misconfigured(answer.get("error", 0))


class Platform:
    """Gives tokens `1`, `2`, …; calls those under any of `stale` stale."""

    def __init__(self, *stale: str) -> None:
        self.stale = stale
        self.given = 0
        self.seen: list[str] = []

    def ask(self) -> dict[str, Any]:
        self.given += 1
        return {"access_token": str(self.given)}

    def call(self, token: str) -> dict[str, Any]:
        self.seen.append(token)
        return {"error": 21327} if token in self.stale else {"done": token}


def token_of(platform: Platform) -> Token:
    return Token(platform.ask, refuse, "error", {21327})


def test_a_token_is_asked_for_once_and_kept() -> None:
    platform = Platform()
    token = token_of(platform)
    assert [token.under(platform.call) for _ in range(3)] == [{"done": "1"}] * 3
    assert platform.given == 1


def test_a_stale_token_is_renewed_and_the_call_made_again() -> None:
    platform = Platform("1")
    token = token_of(platform)
    assert token.under(platform.call) == {"done": "2"}
    assert token.under(platform.call) == {"done": "2"}
    assert platform.seen == ["1", "2", "2"]


def test_a_new_token_that_is_stale_too_is_the_account_s_fault_and_not_kept() -> None:
    platform = Platform("1", "2")
    token = token_of(platform)
    with pytest.raises(Misconfigured, match="21327"):
        token.under(platform.call)
    assert platform.seen == ["1", "2"]
    assert token.under(platform.call) == {"done": "3"}


def test_a_lost_answer_about_a_token_is_surely_not_done() -> None:
    def lost() -> dict[str, Any]:
        raise UnknownOutcome("ANSWER-LOST", "/token")

    with pytest.raises(NotDone, match="ANSWER-LOST: /token"):
        Token(lost, refuse, "error", {21327}).under(Platform().call)


def test_an_answer_without_a_token_is_refused_with_the_platform_s_code() -> None:
    with pytest.raises(Misconfigured, match="40125"):
        Token(lambda: {"error": 40125}, refuse, "error", {21327}).under(Platform().call)


def test_a_token_is_not_shown() -> None:
    platform = Platform()
    platform.given = 4711
    token = token_of(platform)
    token.under(platform.call)
    assert "4712" not in repr(token)
