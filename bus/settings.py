"""Every setting, from the environment (`GONGKAI_…`) or a `.env` file, with defaults that run on one machine."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.topics import Topic

_HOST = r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?"
_ADDRESSES = rf"^({_HOST}(,{_HOST})*)?$"


def _named(value: object) -> object:
    """An empty path would be the folder somebody happens to stand in."""
    if value == "":
        raise ValueError("a folder must be named")
    return value


Port = Annotated[int, Field(ge=1, le=65_535)]


class Settings(BaseSettings):
    """Where things are and how large they may grow. docs/operations.md lists every one; a test compares."""

    model_config = SettingsConfigDict(env_prefix="GONGKAI_", env_file=".env", extra="ignore", frozen=True)

    home: Annotated[Path, BeforeValidator(_named)] = Path(".gongkai")
    """Local state: the embedded broker's data, SQLite stores, folders of the file drop, logs."""
    city: Annotated[Path, BeforeValidator(_named)] = Path("cities/example")
    """The city pack."""
    prefix: str = Field("", pattern=r"^([a-z0-9-]{1,30}\.)?$")
    """Put before every topic, group and schema: one city, one prefix, ending in a dot (`sl.`)."""

    bootstrap: str = Field("", pattern=_ADDRESSES)
    """Kafka's addresses, comma-separated; empty = the embedded broker under `home`."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str = ""
    sasl_password: str = Field("", repr=False)
    ssl_cafile: str = ""
    partitions: int = Field(12, ge=1, le=10_000)
    """Of every keyed topic; fixed at creation."""
    replication: int = Field(1, ge=1, le=100)
    infrastructure_deadline: float = Field(60.0, gt=0)
    """Seconds that Kafka or a store may fail to answer before a process ends itself."""

    database: str = Field("", repr=False, pattern=r"^([a-z0-9+]+://.+)?$")
    """SQLAlchemy URL of PostgreSQL, shared by all stores, a schema each; empty = a SQLite file each."""

    host: str = Field("127.0.0.1", min_length=1)
    gateway_port: Port = 8080
    portal_port: Port = 8081
    newmedia_port: Port = 8082
    gazette_port: Port = 8083
    assessment_port: Port = 8084
    router_port: Port = 8085
    """Health and metrics of the router alone; it has no pages."""
    matters_port: Port = 8086
    """Health and metrics of matters alone; it has no pages."""
    notices_port: Port = 8087
    """What was carried to whom, by mail and webhook."""
    wechat_simulator_port: Port = 8091
    """Of the platform's simulator, which `gongkai demo` alone starts."""
    weibo_simulator_port: Port = 8092
    """Of the platform's simulator, which `gongkai demo` alone starts."""
    gateway_url: str = ""
    """How others reach the gateway; empty = host and port."""
    portal_url: str = ""
    """How citizens reach the portal; empty = host and port."""
    gazette_url: str = ""
    """How citizens reach the gazette; empty = host and port."""
    assessment_url: str = ""
    """How citizens reach the assessment's pages; empty = host and port."""
    wechat_url: str = ""
    """Base address of the WeChat API; in production the official one."""
    weibo_url: str = ""
    """Base address of the Weibo API; in production the official one."""

    master_key_file: str = ""
    """The master key under which matters' keys are wrapped; empty = `master.key` under `home`."""
    outbox_limit: int = Field(100_000, ge=1)
    """Events one department may have waiting at the door before it is answered 503."""
    redrive_limit: int = Field(3, ge=1)
    """How often a dead letter may be sent again that has no outcome yet."""
    release_lead: float = Field(300.0, ge=0)
    """Seconds between the making of a release and its first arrival, in which every part learns of it."""
    channel_threshold: float = Field(30.0, gt=0)
    """Seconds a part may be away, or behind without moving on, before its channel is shown red."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = False
    fsync: bool = True
    """Whether a store's commit waits for the disk."""

    def topic(self, topic: Topic | str) -> str:
        """The name on the broker."""
        return self.prefix + (topic if isinstance(topic, str) else topic.name)

    def bare(self, name: str) -> str:
        """A broker's name without the prefix."""
        return name.removeprefix(self.prefix)

    def group(self, part: str) -> str:
        """The consumer group of a part."""
        return f"{self.prefix}{part}"

    @cached_property
    def stores(self) -> Path:
        """The folder of SQLite stores."""
        return self.home / "stores"

    @property
    def master_key(self) -> Path:
        """The file of the master key, which the door's user alone reads."""
        return Path(self.master_key_file) if self.master_key_file else self.home / "master.key"

    def file_of(self, sha256: str) -> Path:
        """Where the door keeps the file of that digest, for every part that serves it."""
        return self.home / "files" / sha256[:2] / sha256

    def text_of(self, sha256: str) -> Path:
        """Where the door keeps what it found in the file of that digest, for every part that judges it."""
        return self.file_of(sha256).with_name(f"{sha256}.text")

    def url_of(self, part: Literal["gateway", "portal", "newmedia", "gazette", "assessment", "notices"]) -> str:
        """Base address of a part's HTTP server."""
        ports: dict[str, int] = {
            "gateway": self.gateway_port, "portal": self.portal_port, "newmedia": self.newmedia_port,
            "gazette": self.gazette_port, "assessment": self.assessment_port, "notices": self.notices_port,
        }  # fmt: skip
        given = {
            "gateway": self.gateway_url, "portal": self.portal_url, "gazette": self.gazette_url,
            "assessment": self.assessment_url,
        }.get(part, "")  # fmt: skip
        return given.rstrip("/") or f"http://{self.host}:{ports[part]}"


def wrong_setting(error: ValidationError) -> str:
    """What is wrong with the first setting that `Settings()` refused, in one line; a secret one is not shown."""
    first = error.errors(include_url=False)[0]
    name = "_".join(str(part) for part in first["loc"])
    field = Settings.model_fields.get(name)
    shown = f" (it is '{str(first['input'])[:100]}')" if field is None or field.repr else ""
    return f"the setting GONGKAI_{name.upper()} is wrong: {first['msg'].removeprefix('Value error, ')}{shown}"
