"""The control path of a simulator: its counters and posts, its clock, and faults to order (tests only).

Faults: `delay` (seconds, then goes on), `lost` (does the work, then breaks the connection), `5xx` (answers 503
without doing it), and `refuse` (the platform's own error `code`, without doing it).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from fastapi import FastAPI, HTTPException
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consumers.newmedia.simulators.state import State


class Fault(BaseModel):
    """The next `times` calls of `path` go wrong."""

    path: str
    kind: Literal["delay", "lost", "5xx", "refuse"]
    times: int = Field(1, ge=1)
    seconds: float = Field(0.0, ge=0, le=60)
    code: int = -1


class ClockSetting(BaseModel):
    """The platform stands still at `now`; None gives it the machine's clock again."""

    now: AwareDatetime | None = None


class AccountSetting(BaseModel):
    """What kind of account it is: `subscription` sends once a day, `service` four times a month."""

    account: str
    type: Literal["subscription", "service"]


class Faults:
    """The faults ordered and not yet used up."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, path: str) -> Fault | None:
        """The first fault ordered for `path`, one time less."""
        for fault in self.waiting:
            if fault.path == path:
                fault.times -= 1
                if not fault.times:
                    self.waiting.remove(fault)
                return fault
        return None


class FaultMiddleware:
    """Stands before a platform's paths and lets the ordered faults happen."""

    def __init__(self, app: ASGIApp, faults: Faults, refusal: Callable[[int, str], dict[str, Any]]) -> None:
        self.app, self.faults, self.refusal = app, faults, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call, with or without its fault."""
        fault = self.faults.take(scope["path"]) if scope["type"] == "http" else None
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.kind == "5xx":
            await JSONResponse({"error": "service unavailable"}, 503)(scope, receive, send)
        elif fault.kind == "refuse":
            await JSONResponse(self.refusal(fault.code, scope["path"]))(scope, receive, send)
        elif fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, _nobody)
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]}
            )  # no body follows: the server breaks the connection


async def _nobody(_: Message) -> None:
    """The answer that nobody gets."""


def add_control(
    app: FastAPI,
    state: State,
    faults: Faults,
    counters: Callable[[], dict[str, int]],
    posts: Callable[[], list[dict[str, Any]]],
) -> None:
    """Give `app` the paths under /_simulator and a health path."""

    @app.get("/_simulator/counters")
    async def get_counters() -> dict[str, int]:
        return counters()

    @app.get("/_simulator/posts")
    async def get_posts() -> list[dict[str, Any]]:
        return posts()

    @app.get("/healthz")
    async def health() -> dict[str, bool]:
        return {"ok": True}

    _add_settings(app, state)
    _add_faults(app, faults)


def _add_settings(app: FastAPI, state: State) -> None:
    @app.post("/_simulator/clock")
    async def set_clock(setting: ClockSetting) -> dict[str, str]:
        state.set("now", setting.now.isoformat() if setting.now else None)
        return {"now": state.now().isoformat()}

    @app.post("/_simulator/accounts")
    async def set_account(setting: AccountSetting) -> dict[str, str]:
        state.set(f"type:{setting.account}", setting.type)
        return {"account": setting.account, "type": setting.type}


def _add_faults(app: FastAPI, faults: Faults) -> None:
    @app.post("/_simulator/faults")
    async def order_fault(fault: Fault) -> dict[str, int]:
        if fault.path.startswith("/_simulator"):
            raise HTTPException(422, "the control path has no faults")
        faults.waiting.append(fault)
        return {"waiting": len(faults.waiting)}

    @app.delete("/_simulator/faults")
    async def clear_faults() -> dict[str, int]:
        faults.waiting.clear()
        return {"waiting": 0}
