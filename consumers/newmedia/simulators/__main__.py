"""`python -m consumers.newmedia.simulators wechat|weibo --port N --state FILE`: one platform as a process."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from consumers.newmedia.simulators import wechat, weibo
from consumers.newmedia.simulators.state import State


class Platform(StrEnum):
    """The platforms that can be simulated."""

    wechat = "wechat"
    weibo = "weibo"


def main(
    platform: Platform,
    *,
    port: Annotated[int, typer.Option(help="Port to listen on.")],
    state: Annotated[Path, typer.Option(help="SQLite file that keeps what was accepted.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    shares_an_hour: Annotated[int, typer.Option(min=1, help="Posts an account may make in an hour (Weibo).")] = 30,
    service: Annotated[list[str] | None, typer.Option(help="appid of a service account (WeChat).")] = None,
) -> None:
    """Simulate a platform until the process is ended."""
    memory = State(state)
    for account in service or []:
        memory.set(f"type:{account}", "service")
    memory.set("shares_an_hour", str(shares_an_hour))
    build = {Platform.wechat: wechat.build_app, Platform.weibo: weibo.build_app}[platform]
    uvicorn.run(build(memory), host=host, port=port, log_level="critical", access_log=False)


if __name__ == "__main__":
    typer.run(main)
