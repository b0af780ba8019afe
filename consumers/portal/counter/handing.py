"""The door's counter as the portal speaks to it, in a citizen's name: nothing is kept and nothing logged.

Reads and writes: `/v1/citizens` of the gateway, over HTTP. Fails to: `Refusal`, also where the door does not answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

SECONDS = 30.0
M = TypeVar("M", bound=BaseModel)


class Refusal(BaseModel):
    """Why the counter did not do it, for whoever asked."""

    status: int
    code: str = "UNAVAILABLE"
    zh: str = "网上办理暂时无法使用，请稍后再试；已经填写的内容还在下面。"
    en: str = "The counter can't be reached now; try again later. What you wrote is still below."
    place: str = ""

    @property
    def field(self) -> str:
        """The control it is about, by the last word of its place."""
        return self.place.rpartition("/")[2]


class Receipt(BaseModel):
    """What a citizen takes home."""

    number: str
    code: str


class Taken(BaseModel):
    """A step that was taken."""

    step_name: str
    at: datetime
    dept: str | None = None
    depts: tuple[str, ...] = ()
    reason: str = ""


class Due(BaseModel):
    """Something due."""

    clock: str
    due: date


class Reply(BaseModel):
    """What a department answered, by name of the field."""

    step: str
    at: datetime
    texts: dict[str, str]


class Sentence(BaseModel):
    """Chinese, and the same in English."""

    zh: str
    en: str


class Status(BaseModel):
    """What became of what was handed in."""

    number: str
    kind: str
    handed_in: datetime
    state: str = ""
    state_name: str
    ended: bool = False
    steps: tuple[Taken, ...] = ()
    dues: tuple[Due, ...] = ()
    replies: tuple[Reply, ...] = ()
    refused: Sentence | None = None


class Done(BaseModel):
    """That a step was handed in."""


class _Token(BaseModel):
    token: str


class Counter:
    """The counter of one door."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @classmethod
    def at(cls, url: str) -> Counter:
        """The counter of the gateway at `url`; no proxy of the environment is asked."""
        return cls(httpx.Client(base_url=url, timeout=SECONDS, trust_env=False))

    def close(self) -> None:
        """Give back its connections."""
        self._http.close()

    def token(self, sort: str, address: str) -> str | Refusal:
        """What a form is sent with."""
        found = self._ask(_Token, "GET", "/v1/citizens/form", address, params={"kind": sort})
        return found.token if isinstance(found, _Token) else found

    def hand_in(self, sort: str, form: Mapping[str, object], address: str) -> Receipt | Refusal:
        """Hand in a form."""
        return self._ask(Receipt, "POST", f"/v1/citizens/{sort}", address, json=form)

    def query(self, number: str, code: str, address: str) -> Status | Refusal:
        """Ask what became of it."""
        return self._ask(Status, "POST", "/v1/citizens/query", address, json={"number": number, "code": code})

    def step(self, wanted: Mapping[str, object], address: str) -> Done | Refusal:
        """Take a later step: the number, the code, the step and its fields."""
        return self._ask(Done, "POST", "/v1/citizens/steps", address, json=wanted)

    def _ask(self, model: type[M], method: str, path: str, address: str, **said: object) -> M | Refusal:
        try:
            answer = self._http.request(method, path, headers={"X-Forwarded-For": address}, **said)  # type: ignore[arg-type]
            if answer.is_success:
                return model.model_validate_json(answer.content)
            return Refusal.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError):
            return Refusal(status=503)
