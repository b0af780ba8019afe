"""Structured logs: one line an event on standard error, for eyes or as JSON, without secrets.

Everything that speaks through the standard library (uvicorn, Faust, SQLAlchemy, kafka-python) comes out the same way.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, cast

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from bus.settings import Settings

HIDDEN = "***"

_SECRET_NAME = re.compile(r"pass(word|wd)?$|secret|token|api_?key|private_?key|authorization|cookie", re.IGNORECASE)
_SECRET_IN_URL = re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+@")
_QUIET = {
    "kafka": "warning",
    "aiokafka": "warning",
    "uvicorn": "warning",
    "httpx": "warning",
    "asyncio": "warning",
    "kafka.net.selector": "error",
}


def configure(settings: Settings, program: str) -> None:
    """Set logging up for this process; `program` stands in every line."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(program=program)
    shared = _shared()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=False,
    )
    _route_standard_library(settings, program, shared)


def get(name: str) -> FilteringBoundLogger:
    """A logger; its name stands in every line."""
    return cast("FilteringBoundLogger", structlog.get_logger(name))


def hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank what is named like a secret, and the password in any address."""
    for name, value in event.items():
        if isinstance(name, str) and _SECRET_NAME.search(name) and value:
            event[name] = HIDDEN
        elif isinstance(value, str):
            event[name] = _SECRET_IN_URL.sub(rf"\1:{HIDDEN}@", value)
    return event


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.UnicodeDecoder(),
    ]


def _route_standard_library(settings: Settings, program: str, shared: list[Processor]) -> None:
    """Let every library's records pass the same processors; new threads know the program too."""

    def add_program(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event.setdefault("program", program)
        return event

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                add_program,
                *_renderers(settings),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(max(root.level, getattr(logging, level.upper())))


def _renderers(settings: Settings) -> list[Processor]:
    """Secrets are hidden after a traceback has become text, for it may quote them."""
    if settings.log_json:
        as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
        return [structlog.processors.format_exc_info, hide_secrets, as_json]
    return [
        structlog.processors.format_exc_info,
        hide_secrets,
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
    ]
