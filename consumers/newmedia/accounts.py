"""The accounts of the pack with their credentials: `home/secrets/newmedia.toml`, or for simulators a made-up pair.

The file has a table for each outlet: `[wechat-city]`, `key`, `secret`, and for Weibo `refresh_token` and `rip`
(the address of the publishing host, which the platform asks for).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bus.errors import Fatal
from bus.settings import Settings
from schemas.city import Outlet, Pack

OFFICIAL = (".qq.com", ".weibo.com", ".weibo.cn")
"""Ends of the platforms' own host names."""


class Credentials(BaseModel):
    """What a platform knows an account by; never logged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str = Field(min_length=1)
    """appid, or application key."""
    secret: str = Field(min_length=1, repr=False)
    refresh_token: str = Field("", repr=False)
    rip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Account:
    """An outlet of the pack that is an account, and where its platform is."""

    outlet: Outlet
    base: str
    credentials: Credentials

    @property
    def id(self) -> str:
        """The outlet's id."""
        return self.outlet.id


def accounts_of(pack: Pack, settings: Settings) -> tuple[Account, ...]:
    """Every account of the pack whose platform has an address.

    Raises:
        Fatal: an account on a real platform has no credentials, or the file of secrets is wrong.
    """
    given = _secrets(settings)
    bases = {"wechat": settings.wechat_url, "weibo": settings.weibo_url}
    return tuple(
        Account(outlet, bases[outlet.platform], given.get(outlet.id) or _made_up(outlet, bases[outlet.platform]))
        for outlet in pack.outlets
        if bases.get(outlet.platform)
    )


def _secrets(settings: Settings) -> dict[str, Credentials]:
    path = settings.home / "secrets" / "newmedia.toml"
    if not path.exists():
        return {}
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
        return {name: Credentials.model_validate(table) for name, table in tables.items()}
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        places = error.errors(include_input=False) if isinstance(error, ValidationError) else error
        raise Fatal(f"{path}: {places}") from error


def _made_up(outlet: Outlet, base: str) -> Credentials:
    """Simulators take any pair; the platforms themselves are never tried with one."""
    host = urlsplit(base).hostname or ""
    if host.endswith(OFFICIAL):
        raise Fatal(f"account {outlet.id} has no credentials for {base}: write secrets/newmedia.toml")
    made_up = f"simulated-{outlet.id}"
    return Credentials(key=outlet.id, secret=made_up, refresh_token=made_up)
