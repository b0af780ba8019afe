"""Who is reached how: the operators' `home/secrets/notices.toml`, with mailboxes, webhooks and the server for mail.

The pack says which roles hear of a rung; under which address a role is reached differs between a city's real system
and any trial of the same pack, so it stands here, beside the secrets.
"""

from __future__ import annotations

import tomllib
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bus.errors import Fatal
from bus.settings import Settings
from consumers.notices.signing import key_of

Role = Literal["owner", "leader", "lead-office", "public"]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,59}$")]
Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$")]
Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]{1,253}$")]
Network = IPv4Network | IPv6Network
ANY = "*"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Smtp(_Part):
    """The server that takes mail."""

    host: Host
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    security: Literal["starttls", "tls", "plain"] = "starttls"
    cafile: str = ""
    """Certificates that sign the server's; empty = those of this machine."""
    username: str = ""
    password: str = Field("", repr=False)
    sender: Address
    timeout: Annotated[float, Field(gt=0, le=120)] = 20.0
    """Seconds for each answer of the server."""

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.username and self.security == "plain":
            raise ValueError("a password is not sent in the clear: choose security starttls or tls")
        return self


class Target(_Part):
    """Somebody who is told: for which departments, in which roles."""

    id: Name
    depts: Annotated[tuple[str, ...], Field(min_length=1)]
    """Codes of departments, or `*`."""
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]

    def stands_for(self, role: str, dept: str) -> bool:
        """Whether what is said to that role of that department is said here."""
        return role in self.roles and (dept in self.depts or ANY in self.depts)


class Mailbox(Target):
    """A mailbox of a post, never of a person."""

    address: Address


class Webhook(Target):
    """A system that is called."""

    url: str = Field(repr=False)
    """May hold a token in its path, so it is never shown whole."""
    secrets: Annotated[tuple[str, ...], Field(min_length=1, max_length=2, repr=False)]
    """`whsec_…`; while one is changed for another, both, the new one first."""
    http: bool = False
    """Whether it may be called without TLS."""
    timeout: Annotated[float, Field(gt=0, le=60)] = 15.0
    """Seconds for the whole call."""

    @field_validator("secrets")
    @classmethod
    def _keys(cls, secrets: tuple[str, ...]) -> tuple[str, ...]:
        for each in secrets:
            key_of(each)
        return secrets

    @model_validator(mode="after")
    def _callable(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username or parts.fragment:
            raise ValueError("url must be https://host/path, without name, password or fragment")
        if not (self.url.isascii() and self.url.isprintable() and " " not in self.url) or parts.port == 0:
            raise ValueError("url must be plain ASCII without blanks, with a port that exists")
        if parts.scheme == "http" and not self.http:
            raise ValueError("url is not https; if it must be so, write http = true")
        return self

    @property
    def host(self) -> str:
        """All of its address that is shown."""
        return urlsplit(self.url).hostname or ""


class Addresses(_Part):
    """The whole file."""

    carry_days: Annotated[int, Field(ge=1, le=3_650)] = 7
    """A rung that was reached longer ago is kept, and told to nobody by itself."""
    allow: tuple[Network | str, ...] = ()
    """Networks and hosts within, that webhooks may be called at although they are not public."""
    cafile: str = ""
    """Certificates that sign those of webhooks' servers; empty = those of this machine."""
    smtp: Smtp | None = None
    mailbox: tuple[Mailbox, ...] = ()
    webhook: Annotated[tuple[Webhook, ...], Field(max_length=64)] = ()

    @field_validator("allow", mode="before")
    @classmethod
    def _networks(cls, given: object) -> object:
        return tuple(map(_network, given)) if isinstance(given, list | tuple) else given

    @model_validator(mode="after")
    def _whole(self) -> Self:
        ids = [each.id for each in self.targets]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise ValueError(f"two targets are called {twice[0]}")
        if self.mailbox and self.smtp is None:
            raise ValueError("there are mailboxes and no [smtp] that takes mail for them")
        return self

    @property
    def targets(self) -> tuple[Mailbox | Webhook, ...]:
        """Everybody who is told, in the order of the file."""
        return (*self.mailbox, *self.webhook)

    def find(self, target: str) -> Mailbox | Webhook | None:
        """The target of that id, or None where the file has it no longer."""
        return next((each for each in self.targets if each.id == target), None)


def path_of(settings: Settings) -> Path:
    """Where the file lies."""
    return settings.home / "secrets" / "notices.toml"


def load(settings: Settings) -> Addresses:
    """The file's content; where there is none, nobody is reached.

    Raises:
        Fatal: the file is wrong; what is wrong is named, no value of it shown.
    """
    path = path_of(settings)
    if not path.exists():
        return Addresses()
    try:
        return _with_certificates(path, Addresses.model_validate(tomllib.loads(path.read_text("utf-8"))))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Fatal(f"{path}: {str(error)[:200]}") from error
    except ValidationError as error:
        raise Fatal(f"{path}: {_said(error)}") from error


def unknown_departments(addresses: Addresses, known: frozenset[str]) -> list[tuple[str, str]]:
    """Targets with departments that the pack has not: nobody would ever be told through them."""
    named = ((target.id, dept) for target in addresses.targets for dept in target.depts)
    return [(target, dept) for target, dept in named if dept != ANY and dept not in known]


def _with_certificates(path: Path, found: Addresses) -> Addresses:
    for cafile in filter(None, (found.cafile, found.smtp.cafile if found.smtp else "")):
        if not Path(cafile).is_file():
            raise Fatal(f"{path}: cafile {cafile} is no file")
    return found


def _network(given: object) -> object:
    """A network where it reads as one, else a host's name."""
    if not isinstance(given, str):
        return given
    try:
        return ip_network(given)
    except ValueError:
        pass
    if "/" in given or not given.strip():
        raise ValueError(f"{given!r} is neither a network nor a host's name")
    return given.lower().rstrip(".")


def _said(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place or 'the file'}: {first['msg'].removeprefix('Value error, ')}"
