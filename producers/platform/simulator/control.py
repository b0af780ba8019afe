"""The control path of the simulator: people appeal, withdraw and rate; clocks and faults are ordered (tests only).

Faults: `lost` (does the work, then breaks the connection), `5xx` (answers 503 without doing it), `answer` (answers
200 with a body of the test's own, without doing it).
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any, Literal

from fastapi import FastAPI, HTTPException
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from producers.platform.simulator.state import Body, State


class Appeal(BaseModel):
    """What somebody appeals for."""

    type: str = "投诉"
    title: str
    content: str
    name: str = ""
    phone: str = ""
    urgent: bool = False


class Fault(BaseModel):
    """The next `times` calls whose path begins so go wrong."""

    path: str
    kind: Literal["lost", "5xx", "answer"]
    times: int = Field(1, ge=1)
    body: str = ""
    """Of an `answer`, in Base64."""
    type: str = "application/json"


class Faults:
    """The faults ordered and not yet used up."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, path: str) -> Fault | None:
        """The first fault ordered for `path`, one time less."""
        for fault in self.waiting:
            if path.startswith(fault.path):
                fault.times -= 1
                if not fault.times:
                    self.waiting.remove(fault)
                return fault
        return None


class FaultMiddleware:
    """Stands before the platform's paths and lets the ordered faults happen."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self.app, self.faults = app, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call, with or without its fault."""
        fault = self.faults.take(scope["path"]) if scope["type"] == "http" else None
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.kind == "5xx":
            await Response("", 503)(scope, receive, send)
        elif fault.kind == "answer":
            await Response(b64decode(fault.body), 200, media_type=fault.type)(scope, receive, send)
        else:
            await self.app(scope, receive, _nobody)
            start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]}
            await send(start)  # no body follows: the server breaks the connection


async def _nobody(_: Message) -> None:
    """The answer that nobody gets."""


def add_control(app: FastAPI, state: State, faults: Faults, region: str) -> None:
    """Give `app` the paths under /_simulator and a health path."""
    app.add_middleware(FaultMiddleware, faults=faults)

    @app.get("/healthz")
    async def health() -> dict[str, bool]:
        return {"ok": True}

    @app.post("/_simulator/appeals")
    async def appeal(said: Appeal) -> Body:
        number = f"SL{len(state.appeals()) + 1:08d}"
        person = {"name": said.name, "phone": said.phone}
        rest = said.model_dump(exclude={"name", "phone"})
        at = state.now().isoformat()
        state.put(
            {"appeal_no": number, "status": "待签收", "region": region, "submitted_at": at, "person": person} | rest
        )
        return _one(state, number)

    @app.patch("/_simulator/appeals/{no}")
    async def change(no: str, said: dict[str, Any]) -> Body:
        state.put({**_one(state, no), **said})
        return _one(state, no)

    @app.get("/_simulator/appeals/{no}")
    async def shown(no: str) -> Body:
        return {**_one(state, no), "words": state.words(no)}

    @app.post("/_simulator/clock")
    async def clock(now: AwareDatetime) -> None:
        state.set_now(now)

    @app.post("/_simulator/faults")
    async def order(fault: Fault) -> None:
        if fault.path.startswith("/_simulator"):
            raise HTTPException(422, "the control path has no faults")
        faults.waiting.append(fault)


def _one(state: State, no: str) -> Body:
    found = state.appeal(no)
    if found is None:
        raise HTTPException(404)
    return found
