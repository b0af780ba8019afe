"""A WeChat official account platform: tokens, materials, drafts, publishing and mass sends, with the real limits.

Source: developers.weixin.qq.com (draft/add, freepublish/*, message/mass/*: fields, states, quotas, the wish to set
`clientmsgid`, 60 mass calls a minute). From memory, not re-read: the daily numbers of calls in `DAILY`, the exact
sentences of `errmsg`, and codes 45065 to 45067, 40007, 40008, 41001, 53600.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from consumers.newmedia.simulators.control import FaultMiddleware, Faults, add_control
from consumers.newmedia.simulators.state import State
from consumers.newmedia.simulators.wechat_answers import (
    Refused,
    accepted,
    check_image,
    page_of,
    refusal,
    shown,
    time_of,
    url_of,
)

TOKEN_SECONDS = 7200
MAX_ARTICLES = 8
DAILY = {"token": 2000, "draft/add": 1000, "message/mass/sendall": 100, "message/mass/delete": 10_000}
MASS_A_MINUTE = 60


def build_app(state: State) -> FastAPI:
    """The platform over `state`."""
    app, faults, platform = FastAPI(openapi_url=None), Faults(), WeChat(state)
    app.add_middleware(FaultMiddleware, faults=faults, refusal=refusal)
    add_control(app, state, faults, platform.counters, platform.posts)

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Refused)
        return JSONResponse({**refusal(error.code), **error.extra})

    app.add_api_route("/cgi-bin/token", platform.token, methods=["GET"])
    app.add_api_route("/cgi-bin/stable_token", platform.stable_token, methods=["POST"])
    for path, call in platform.files().items():
        app.add_api_route(f"/cgi-bin/{path}", platform.taking_file(path, call), methods=["POST"])
    for path, act in platform.paths().items():
        app.add_api_route(f"/cgi-bin/{path}", platform.taking_json(path, act), methods=["POST"])
    return app


Body = dict[str, Any]
Act = Callable[[str, Body], Body]
Take = Callable[[str, bytes, str], Body]


class WeChat:
    """Every account of the platform, by its appid."""

    def __init__(self, state: State) -> None:
        self.state = state

    def paths(self) -> dict[str, Act]:
        """Official path (below /cgi-bin/) to what it does with an account and a JSON body."""
        return {
            "material/batchget_material": self.list_material,
            "draft/add": self.add_draft,
            "draft/get": self.get_draft,
            "draft/batchget": self.list_drafts,
            "draft/delete": self.delete_draft,
            "freepublish/submit": self.publish,
            "freepublish/get": self.get_publish,
            "freepublish/getarticle": self.get_article,
            "freepublish/batchget": self.list_published,
            "freepublish/delete": self.delete_published,
            "message/mass/sendall": self.send_all,
            "message/mass/get": self.get_mass,
            "message/mass/delete": self.delete_mass,
        }

    def files(self) -> dict[str, Take]:
        """Paths that take a file (`media`)."""
        return {"media/uploadimg": self.upload_image, "material/add_material": self.add_material}

    def taking_json(self, path: str, act: Act) -> Callable[[Request], Awaitable[Body]]:
        """`act` behind the token, the daily limit and the parsing of a JSON body."""

        async def call(request: Request) -> Body:
            account = self.account_of(request)
            self.count(account, path)
            try:
                body = await request.json()
            except ValueError as error:
                raise Refused(47001) from error
            if not isinstance(body, dict):
                raise Refused(47001)
            return act(account, body)

        return call

    def taking_file(self, path: str, take: Take) -> Callable[[Request], Awaitable[Body]]:
        """`take` behind the token, the daily limit and the parsing of a form."""

        async def call(request: Request) -> Body:
            account = self.account_of(request)
            self.count(account, path)
            async with request.form() as form:
                media = form.get("media")
                if media is None or isinstance(media, str):
                    raise Refused(41005)
                return take(account, await media.read(), media.filename or "")

        return call

    def account_of(self, request: Request) -> str:
        """The account whose token the call carries."""
        token = request.query_params.get("access_token", "")
        if not token:
            raise Refused(41001)
        row = self.state.db.execute("select * from token where token = ?", (token,)).fetchone()
        if row is None:
            raise Refused(40014 if len(token) < 40 else 40001)
        if row["until"] <= self.state.now().timestamp():
            raise Refused(42001)
        return str(row["account"])

    def count(self, account: str, path: str) -> None:
        """One call more today; beyond the daily number of a path it is refused."""
        now = self.state.now()
        if self.state.use(account, path, now.date().isoformat()) > DAILY.get(path, 100_000):
            raise Refused(45009)
        if path.startswith("message/mass/send"):
            minute = now.strftime("%Y-%m-%dT%H:%M")
            if self.state.use(account, "mass a minute", minute) > MASS_A_MINUTE:
                raise Refused(45011)

    async def token(self, grant_type: str = "", appid: str = "", secret: str = "") -> Body:
        """A new token, good for two hours."""
        return self._token({"grant_type": grant_type, "appid": appid, "secret": secret})

    async def stable_token(self, request: Request) -> Body:
        """The same by POST."""
        return self._token(await request.json())

    def _token(self, body: Body) -> Body:
        appid, secret = str(body.get("appid", "")), str(body.get("secret", ""))
        if body.get("grant_type") != "client_credential":
            raise Refused(40002)
        if not appid:
            raise Refused(40013)
        known = self.state.setting(f"secret:{appid}")
        digest = hashlib.sha256(secret.encode()).hexdigest()
        if not secret or (known and known != digest):
            raise Refused(40125)
        self.state.set(f"secret:{appid}", digest)
        self.count(appid, "token")
        token = secrets.token_urlsafe(96)
        until = self.state.now().timestamp() + TOKEN_SECONDS
        self.state.db.execute("insert into token values (?, ?, ?)", (token, appid, until))
        return {"access_token": token, "expires_in": TOKEN_SECONDS}

    def upload_image(self, account: str, content: bytes, name: str) -> Body:
        """An image inside an article: JPG or PNG under 1 MB."""
        check_image(content, 1024 * 1024)
        number = self.state.add("image", account, {"name": name, "size": len(content)})
        return {"url": f"https://mmbiz.qpic.cn/simulated/{number}/0"}

    def add_material(self, account: str, content: bytes, name: str) -> Body:
        """A lasting image, as a cover needs: up to 10 MB."""
        check_image(content, 10 * 1024 * 1024)
        number = self.state.add("material", account, {"name": name, "size": len(content)})
        return {
            "media_id": f"material-{number}",
            "url": f"https://mmbiz.qpic.cn/simulated/{number}/0",
        }

    def list_material(self, account: str, body: Body) -> Body:
        """Lasting images, newest first."""
        items = [
            {"media_id": f"material-{thing['id']}", "name": thing["name"]}
            for thing in reversed(self.state.things("material", account))
        ]
        return page_of(items, body)

    def add_draft(self, account: str, body: Body) -> Body:
        """A draft of 1 to 8 articles."""
        articles = body.get("articles")
        if not isinstance(articles, list) or not articles:
            raise Refused(44003)
        if len(articles) > MAX_ARTICLES:
            raise Refused(45008)
        for article in articles:
            self._check_article(account, article, single=len(articles) == 1)
        number = self.state.add("draft", account, {"articles": articles})
        return {"media_id": f"draft-{number}"}

    def _check_article(self, account: str, article: Any, *, single: bool) -> None:
        if not isinstance(article, dict) or not article.get("title") or not article.get("content"):
            raise Refused(47001)
        for name, most, code in (("title", 32, 45003), ("author", 16, 45110), ("digest", 128, 45004)):
            if len(str(article.get(name, ""))) > most and (name != "digest" or single):
                raise Refused(code)
        content = str(article["content"])
        if len(content) >= 20_000 or len(content.encode()) >= 1024 * 1024:
            raise Refused(45002)
        if len(str(article.get("content_source_url", "")).encode()) > 1024:
            raise Refused(45005)
        cover = str(article.get("thumb_media_id", "")).removeprefix("material-")
        if self.state.thing("material", account, cover) is None:
            raise Refused(40007)

    def get_draft(self, account: str, body: Body) -> Body:
        """The articles of a draft."""
        return {"news_item": self._draft(account, body)["articles"]}

    def list_drafts(self, account: str, body: Body) -> Body:
        """The drafts not yet sent or deleted, newest first."""
        drafts = [draft for draft in self.state.things("draft", account) if draft["state"] == "live"]
        return page_of(
            [
                {
                    "media_id": f"draft-{draft['id']}",
                    "content": {"news_item": shown(draft["articles"], body)},
                    "update_time": int(time_of(draft).timestamp()),
                }
                for draft in reversed(drafts)
            ],
            body,
        )

    def delete_draft(self, account: str, body: Body) -> Body:
        """A draft thrown away."""
        self.state.mark(self._draft(account, body)["id"], "deleted")
        return accepted()

    def _draft(self, account: str, body: Body) -> Body:
        number = str(body.get("media_id", "")).removeprefix("draft-")
        draft = self.state.thing("draft", account, number)
        if draft is None or draft["state"] != "live":
            raise Refused(40007)
        return draft

    def publish(self, account: str, body: Body) -> Body:
        """A draft becomes a page of the account."""
        draft = self._draft(account, body)
        number = self.state.add("publish", account, {"articles": draft["articles"], "deleted": []})
        self.state.mark(draft["id"], "used")
        return {**accepted(), "publish_id": str(number), "msg_data_id": str(number)}

    def get_publish(self, account: str, body: Body) -> Body:
        """How publishing went: 0 done, 5 all articles deleted afterwards."""
        post = self.state.thing("publish", account, body.get("publish_id"))
        if post is None:
            raise Refused(40059)
        if post["state"] == "deleted":
            return {"publish_id": str(post["id"]), "publish_status": 5}
        urls = [{"idx": n + 1, "article_url": url_of("p", post, n)} for n in range(len(post["articles"]))]
        detail = {"count": len(urls), "item": urls}
        return {
            "publish_id": str(post["id"]), "publish_status": 0, "article_id": f"article-{post['id']}",
            "article_detail": detail, "fail_idx": [],
        }  # fmt: skip

    def get_article(self, account: str, body: Body) -> Body:
        """The articles published under an id."""
        post = self._published(account, body)
        return {
            "news_item": [
                {**article, "url": url_of("p", post, n), "is_deleted": n in post["deleted"]}
                for n, article in enumerate(post["articles"])
            ]
        }

    def list_published(self, account: str, body: Body) -> Body:
        """What is published, newest first."""
        posts = [post for post in self.state.things("publish", account) if post["state"] == "live"]
        return page_of(
            [
                {
                    "article_id": f"article-{post['id']}",
                    "content": {"news_item": shown(post["articles"], body)},
                    "update_time": int(time_of(post).timestamp()),
                }
                for post in reversed(posts)
            ],
            body,
        )

    def delete_published(self, account: str, body: Body) -> Body:
        """One article (index from 1) or, with 0, all of them; gone for good."""
        return self._delete(self._published(account, body), body.get("index", 0))

    def _published(self, account: str, body: Body) -> Body:
        number = str(body.get("article_id", "")).removeprefix("article-")
        post = self.state.thing("publish", account, number)
        if post is None or post["state"] != "live":
            raise Refused(53600)
        return post

    def send_all(self, account: str, body: Body) -> Body:
        """A draft goes to the followers: once a day, or four times a calendar month for a service account."""
        if body.get("msgtype") != "mpnews":
            raise Refused(40008)
        client = str(body.get("clientmsgid", ""))
        if len(client.encode()) > 64:
            raise Refused(45067)
        for sent in self.state.things("mass", account):
            if client and sent["clientmsgid"] == client:
                raise Refused(45065, msg_id=sent["id"], msg_data_id=sent["id"])
        draft = self._draft(account, body.get("mpnews") or {})
        period, most = self.quota(account, self.state.now())
        if self.state.used(account, "mass quota", period) >= most:
            raise Refused(45028)
        return self._send(account, draft, client, period)

    def _send(self, account: str, draft: Body, client: str, period: str) -> Body:
        self.state.db.execute("begin immediate")
        self.state.use(account, "mass quota", period)
        number = self.state.add(
            "mass",
            account,
            {"articles": draft["articles"], "clientmsgid": client, "deleted": [], "period": period},
        )
        self.state.mark(draft["id"], "used")
        self.state.db.execute("commit")
        return {
            "errcode": 0, "errmsg": "send job submission success", "msg_id": number, "msg_data_id": number,
        }  # fmt: skip

    def quota(self, account: str, now: datetime) -> tuple[str, int]:
        """The period an account is in and its sends in it."""
        if self.state.setting(f"type:{account}") == "service":
            return now.strftime("%Y-%m"), 4
        return now.date().isoformat(), 1

    def get_mass(self, account: str, body: Body) -> Body:
        """How a mass send went."""
        sent = self._mass(account, body)
        return {
            "msg_id": sent["id"],
            "msg_status": "SEND_SUCCESS" if sent["state"] == "live" else "DELETE",
        }

    def delete_mass(self, account: str, body: Body) -> Body:
        """One article of a send (article_idx from 1) or, with 0, the whole of it."""
        return self._delete(self._mass(account, body), body.get("article_idx", 0))

    def _mass(self, account: str, body: Body) -> Body:
        sent = self.state.thing("mass", account, body.get("msg_id"))
        if sent is None:
            raise Refused(40059)
        return sent

    def _delete(self, post: Body, index: Any) -> Body:
        if not isinstance(index, int) or not 0 <= index <= len(post["articles"]):
            raise Refused(47001)
        every = range(len(post["articles"]))
        deleted = sorted({*post["deleted"], *([index - 1] if index else every)})
        body = {name: post[name] for name in post if name not in ("id", "account", "at", "state")}
        state = "deleted" if len(deleted) == len(post["articles"]) else "live"
        self.state.mark(post["id"], state, {**body, "deleted": deleted})
        return accepted()

    def counters(self) -> dict[str, int]:
        """Effects: everything that was ever accepted, and what is still there."""
        posts = self.posts()
        counts = {f"{kind}s": len(self.state.things(kind)) for kind in ("material", "draft", "publish")}
        counts["sends"] = len(self.state.things("mass"))
        counts["articles"] = len(posts)
        counts["live"] = sum(not post["deleted"] for post in posts)
        counts["deleted"] = sum(bool(post["deleted"]) for post in posts)
        return counts

    def posts(self) -> list[dict[str, Any]]:
        """Every article that ever reached the public, in order."""
        return [
            {
                "id": f"{post['id']}/{n + 1}", "how": kind, "account": post["account"], "at": post["at"],
                "title": article["title"], "url": article.get("content_source_url", ""),
                "digest": article.get("digest", ""), "deleted": n in post["deleted"],
            }
            for kind in ("mass", "publish")
            for post in self.state.things(kind)
            for n, article in enumerate(post["articles"])
        ]  # fmt: skip
