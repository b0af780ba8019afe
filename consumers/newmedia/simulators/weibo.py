"""A Weibo platform: OAuth tokens, third-party shares, deletion and time lines, with the real limits and error codes.

Source: open.weibo.com (statuses/share: 140 characters, no `#topic#`, at least one link; statuses/update: no two
equal posts in a row; the table of error codes). From memory, not re-read: links come back as t.cn short links,
150 calls an hour and user, 30 shares an hour, and refreshing a token by `grant_type=refresh_token`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from consumers.newmedia.simulators.control import FaultMiddleware, Faults, add_control
from consumers.newmedia.simulators.state import State

TOKEN_SECONDS = 86_400
MAX_TEXT = 140
CALLS_AN_HOUR = 1000
SHARES_AN_HOUR = 30
LINK = re.compile(r"https?://[!-~]+")
TOPIC = re.compile(r"#[^#\s]+#")

ERRORS = {
    -1: (10001, "System error"),
    10001: (10001, "System error"),
    10008: (10008, "Param error, see doc for more info"),
    10016: (10016, "Miss required parameter"),
    10022: (10022, "IP requests out of rate limit"),
    10023: (10023, "User requests out of rate limit"),
    10024: (10024, "User requests for (statuses/share) out of rate limit"),
    20008: (20008, "Content is null"),
    20012: (20012, "Text too long, please input text less than 140 characters"),
    20019: (20019, "Repeat content"),
    20101: (20101, "Target weibo does not exist"),
    20102: (20102, "Not your own weibo"),
    21314: (21314, "Token used"),
    21324: (21324, "client_id or client_secret invalid"),
    21327: (21327, "Expired token"),
    21332: (21332, "invalid access_token"),
}
AUTHORIZATION = (21314, 21324, 21327, 21332)


class Refused(Exception):
    """The platform's own error."""

    def __init__(self, code: int) -> None:
        super().__init__(ERRORS[code][1])
        self.code = code


def refusal(code: int, path: str = "") -> dict[str, Any]:
    """The body of an error answer."""
    number, text = ERRORS.get(code, (code, "error"))
    return {"error": text, "error_code": number, "request": path}


def build_app(state: State) -> FastAPI:
    """The platform over `state`."""
    app, faults, platform = FastAPI(openapi_url=None), Faults(), Weibo(state)
    app.add_middleware(FaultMiddleware, faults=faults, refusal=refusal)
    add_control(app, state, faults, platform.counters, platform.posts)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Refused)
        status = 401 if error.code in AUTHORIZATION else 400
        return JSONResponse(refusal(error.code, request.url.path), status)

    app.add_api_route("/oauth2/access_token", platform.token, methods=["POST"])
    app.add_api_route("/2/statuses/share.json", platform.share, methods=["POST"])
    app.add_api_route("/2/statuses/destroy.json", platform.destroy, methods=["POST"])
    app.add_api_route("/2/statuses/user_timeline.json", platform.timeline, methods=["GET"])
    app.add_api_route("/2/statuses/show.json", platform.show, methods=["GET"])
    return app


class Weibo:
    """Every account of the platform, by its application's key."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def token(self, request: Request) -> dict[str, Any]:
        """A token for a refresh token; the first secret seen for a key is the right one."""
        form = await request.form()
        key, secret = str(form.get("client_id", "")), str(form.get("client_secret", ""))
        if form.get("grant_type") != "refresh_token" or not form.get("refresh_token"):
            raise Refused(10008)
        digest = hashlib.sha256(secret.encode()).hexdigest()
        known = self.state.setting(f"secret:{key}")
        if not key or not secret or (known and known != digest):
            raise Refused(21324)
        self.state.set(f"secret:{key}", digest)
        token = f"2.00{secrets.token_urlsafe(24)}"
        until = self.state.now().timestamp() + TOKEN_SECONDS
        self.state.db.execute("insert into token values (?, ?, ?)", (token, key, until))
        return {"access_token": token, "expires_in": TOKEN_SECONDS, "uid": self._uid(key)}

    async def share(self, request: Request) -> dict[str, Any]:
        """A post of at most 140 characters with a link in it."""
        form = await request.form()
        account = self._account(form.get("access_token"))
        text = str(form.get("status", ""))
        if not form.get("rip"):
            raise Refused(10016)
        if not text.strip():
            raise Refused(20008)
        if len(text) > MAX_TEXT:
            raise Refused(20012)
        if not LINK.search(text) or TOPIC.search(text):
            raise Refused(10008)
        self._check_repeat(account, text)
        most = int(self.state.setting("shares_an_hour") or SHARES_AN_HOUR)
        if self.state.use(account, "share", self.state.now().strftime("%Y-%m-%dT%H")) > most:
            raise Refused(10024)
        number = self.state.add("status", account, {"text": text})
        return self._shown(self._status(account, number))

    async def destroy(self, request: Request) -> dict[str, Any]:
        """A post taken back by its author."""
        form = await request.form()
        account = self._account(form.get("access_token"))
        status = self._status(account, form.get("id"))
        self.state.mark(status["id"], "deleted")
        return self._shown(status)

    async def show(self, access_token: str = "", id: str = "") -> dict[str, Any]:  # noqa: A002 - official name
        """One post."""
        return self._shown(self._status(self._account(access_token), id))

    async def timeline(self, access_token: str = "", page: int = 1, count: int = 20) -> dict[str, Any]:
        """The account's own posts, newest first."""
        account = self._account(access_token)
        if page < 1 or not 1 <= count <= 100:
            raise Refused(10008)
        live = [post for post in self.state.things("status", account) if post["state"] == "live"]
        shown = [self._shown(post) for post in reversed(live)]
        return {"statuses": shown[(page - 1) * count : page * count], "total_number": len(shown)}

    def counters(self) -> dict[str, int]:
        """Effects: everything that was ever accepted, and what is still there."""
        posts = self.posts()
        live = sum(not post["deleted"] for post in posts)
        return {"posts": len(posts), "live": live, "deleted": len(posts) - live}

    def posts(self) -> list[dict[str, Any]]:
        """Every post that ever reached the public, in order."""
        return [
            {
                "id": str(post["id"]), "account": post["account"], "at": post["at"], "text": post["text"],
                "deleted": post["state"] == "deleted",
            }
            for post in self.state.things("status")
        ]  # fmt: skip

    def _account(self, token: Any) -> str:
        row = self.state.db.execute("select * from token where token = ?", (str(token or ""),)).fetchone()
        if row is None:
            raise Refused(21332)
        now = self.state.now()
        if row["until"] <= now.timestamp():
            raise Refused(21327)
        if self.state.use(row["account"], "call", now.strftime("%Y-%m-%dT%H")) > CALLS_AN_HOUR:
            raise Refused(10023)
        return str(row["account"])

    def _status(self, account: str, number: Any) -> dict[str, Any]:
        status = self.state.thing("status", account, number)
        if status is None or status["state"] != "live":
            raise Refused(20101)
        return status

    def _check_repeat(self, account: str, text: str) -> None:
        posts = self.state.things("status", account)
        if posts and posts[-1]["state"] == "live" and posts[-1]["text"] == text:
            raise Refused(20019)

    def _shown(self, post: dict[str, Any]) -> dict[str, Any]:
        """A post as the API gives it: links as short links."""
        number = post["id"]
        return {
            "id": number,
            "idstr": str(number),
            "mid": str(number),
            "created_at": post["at"],
            "text": LINK.sub(f"http://t.cn/S{number}", post["text"]),
            "user": {"idstr": self._uid(post["account"])},
        }

    @staticmethod
    def _uid(account: str) -> str:
        return str(int(hashlib.sha256(account.encode()).hexdigest()[:10], 16))
