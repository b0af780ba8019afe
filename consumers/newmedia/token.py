"""An account's access token: asked for once, kept, and renewed once in a call where the platform calls it stale.

A call under a stale token was surely not done, so it is made again; a token asked for in vain does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field
from typing import Any, NoReturn

from consumers.newmedia.platform import NotDone, UnknownOutcome

Answer = dict[str, Any]


@dataclass
class Token:
    """The token of one account, in its platform's words."""

    ask: Callable[[], Answer]
    """The call that gives a new one, as `access_token`."""
    refuse: Callable[[Answer], NoReturn]
    """Raises what a platform's refusal means."""
    code: str
    """The member of an answer that holds the platform's error code."""
    stale: Set[int]
    """The codes that say that the token is old or unknown."""
    _value: str = field(default="", init=False, repr=False)

    def under(self, call: Callable[[str], Answer]) -> Answer:
        """What `call` answers under a token that is not stale."""
        answer = call(self._value or self._new())
        if self._is_stale(answer):
            answer = call(self._new())
            if self._is_stale(answer):
                self.refuse(answer)
        return answer

    def _is_stale(self, answer: Answer) -> bool:
        if answer.get(self.code) not in self.stale:
            return False
        self._value = ""
        return True

    def _new(self) -> str:
        try:
            answer = self.ask()
        except UnknownOutcome as error:  # the call that needs the token was not made
            raise NotDone(error.code, error.detail) from error
        if "access_token" not in answer:
            self.refuse(answer)
        self._value = str(answer["access_token"])
        return self._value
