"""The simulated platform's interface: what a city calls, and the control path by which its people appeal."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import FastAPI, Header, Query, Request
from starlette.responses import JSONResponse, Response

from producers.platform.simulator.control import Faults, add_control
from producers.platform.simulator.state import Body, State

TOKEN_SECONDS = 7_200
MAX_PAGE = 50
MAX_WORD = 65_536
OVER = ("已办结", "已撤回", "平台办结", "不予受理")
"""States behind which the platform takes no word any more."""


class Refused(Exception):
    """An answer that refuses."""

    def __init__(self, status: int, said: str, **headers: str) -> None:
        super().__init__(said)
        self.status = status
        self.headers = headers


def build_app(state: State, calls: int, region: str) -> FastAPI:
    """The platform, which allows so many calls a minute."""
    app = FastAPI(title="示例省群众诉求服务平台（模拟）")
    faults = Faults()
    platform = Platform(state, calls)
    app.add_exception_handler(Refused, _refusal)
    app.add_api_route("/oauth/token", platform.token, methods=["POST"])
    app.add_api_route("/v1/appeals/changes", platform.changes, methods=["GET"])
    app.add_api_route("/v1/appeals/{no}/progress", platform.progress, methods=["POST"])
    add_control(app, state, faults, region)
    return app


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return JSONResponse({"error": str(error)}, error.status, headers=error.headers)


class Platform:
    """What a city may call."""

    def __init__(self, state: State, calls: int) -> None:
        self._state = state
        self._calls = calls

    async def token(self, request: Request) -> Body:
        """A token, good for two hours."""
        asked = await request.json()
        client, secret = asked.get("client"), asked.get("secret")
        if not client or not secret:
            raise Refused(401, "client or secret is wrong")
        self._count(client)
        token = secrets.token_urlsafe(48)
        until = self._state.now().timestamp() + TOKEN_SECONDS
        self._state.db.execute("insert into token values (?, ?, ?)", (token, client, until))
        return {"access_token": token, "expires_in": TOKEN_SECONDS}

    async def changes(
        self, after: int = Query(ge=0), size: int = Query(ge=1), authorization: str = Header("")
    ) -> Body:  # fmt: skip
        """Appeals that changed, at most a page of them."""
        self._client(authorization)
        if size > MAX_PAGE:
            raise Refused(422, f"a page has at most {MAX_PAGE}")
        items, cursor = self._state.changes(after, size)
        return {"items": items, "next": cursor}

    async def progress(
        self, request: Request, no: str, authorization: str = Header(""), idempotency_key: str = Header("")
    ) -> Body:  # fmt: skip
        """A word of the city about one appeal; under the same key the first answer again."""
        self._client(authorization)
        if not 0 < len(idempotency_key) <= 64:
            raise Refused(400, "Idempotency-Key is missing")
        body = await request.body()
        if len(body) > MAX_WORD:
            raise Refused(413, f"a word has at most {MAX_WORD} bytes")
        return self._say(no, idempotency_key, await request.json())

    def _say(self, no: str, key: str, sent: Any) -> Body:
        appeal = self._state.appeal(no)
        if appeal is None:
            raise Refused(404, "no such appeal")
        before = self._state.word(key)
        if before is not None:
            if before != (no, sent):
                raise Refused(422, "the key came with another word")
            return appeal
        if appeal["status"] in OVER:
            raise Refused(409, "the appeal is over")
        if not isinstance(sent, dict) or not sent.get("state"):
            raise Refused(422, "state is missing")
        self._state.db.execute("begin immediate")
        self._state.add_word(key, no, sent)
        self._state.put(appeal := {**appeal, "status": sent["state"]})
        self._state.db.execute("commit")
        return appeal

    def _client(self, authorization: str) -> None:
        """Refuse who has no token, or too many calls."""
        token = authorization.removeprefix("Bearer ")
        row = self._state.db.execute("select client, until from token where token = ?", (token,)).fetchone()
        if row is None or row[1] <= self._state.now().timestamp():
            raise Refused(401, "the token is none, or too old")
        self._count(row[0])

    def _count(self, client: str) -> None:
        if self._state.use(client) > self._calls:
            left = 60 - self._state.now().second
            raise Refused(429, "too many calls in this minute", **{"Retry-After": str(left)})
