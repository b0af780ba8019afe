"""What commands of departments share: how they reach the gateway, and whose key they were given."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from bus.settings import Settings
from producers.client import GatewayClient
from schemas.city import Pack
from schemas.city.naming import unknown_department

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
Key = Annotated[str, typer.Option("--key", envvar="GONGKAI_KEY", help="The department's key.")]
Url = Annotated[str | None, typer.Option("--url", help="The gateway; without it as the settings say.")]

_KEY = re.compile(r"gk_([a-z0-9-]{2,40})_[A-Za-z0-9_-]+")
_URL = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?(?:/[!-~]*)?")


def client_of(key: str, url: str | None) -> GatewayClient:
    """The gateway's client with that key.

    Raises:
        BadParameter: there is no key, it is none, or the address is none.
    """
    if not key:
        raise typer.BadParameter(
            "没有密钥：请加 --key，或设环境变量 GONGKAI_KEY；密钥由管理员用 `gongkai keys issue` 签发。\n"
            "no key: give --key or set GONGKAI_KEY (`gongkai keys issue DEPT` makes one)"
        )
    dept_of(key)
    address = url or Settings().url_of("gateway")
    if not _URL.fullmatch(address):
        raise typer.BadParameter(
            f"“{address}”不是网址，请写成 http://127.0.0.1:8080。\n{address!r} is no address: write http://127.0.0.1:8080"
        )
    return GatewayClient(address, key.strip())


def dept_of(key: str) -> str:
    """The department whose key it is.

    Raises:
        BadParameter: it is no key.
    """
    found = _KEY.fullmatch(key.strip())
    if found is None:
        raise typer.BadParameter(
            "这不是部门密钥：密钥以 gk_部门代码_ 开头，请整段复制。\n"
            "this is no key of a department: it begins with gk_<dept>_; copy the whole of it"
        )
    return found[1]


def check_known(pack: Pack, dept: str) -> None:
    """Refuse a department that the pack does not have, naming those that may be meant.

    Raises:
        BadParameter: it has none such.
    """
    if unknown := unknown_department(pack, dept):
        raise typer.BadParameter(unknown)


def day_in(text: str | None) -> str | None:
    """The day that somebody wrote, if any.

    Raises:
        BadParameter: it is none.
    """
    with suppress(ValueError):
        return text and date.fromisoformat(text).isoformat()
    raise typer.BadParameter(f"“{text}”不是日期，请写成 2026-09-21。\n{text!r} is no day: write 2026-09-21")


def table_of(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """A table of plain texts for a terminal; nothing in them is markup."""
    table = Table()
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    return table
