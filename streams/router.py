"""The router: judges every event that enters the bus and sends each outlet what it must carry.

Reads:    publications, registers, reviews, consultations, complaints, foi-requests, matters.
Writes:   portal-feed, newmedia-feed, gazette-feed; one verdict for every record; rejections; dead-letters.
Keeps:    nothing but the page that says which slice was begun; the pack is read at the start.
Fails to: exit code 3, nothing acknowledged: a broker beyond its deadline, an output refused, judging broken for all.

Started by `faust -A streams.router worker -l info`, by `python -m streams.router` and by `gongkai up`.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from bus import clients, log
from bus.program import one_line_exit
from bus.settings import Settings
from schemas.city import load_pack
from schemas.topics import INPUTS
from streams import app as apps
from streams.judging import Judging
from streams.run import run
from streams.transport.flow import Exit, exit_now

PART = "router"


def build_judge(city: Path) -> Judging:
    """The judge of the pack in `city`; also called in the child process that judges with care."""
    return Judging(load_pack(city))


def build_app(settings: Settings, *, fatal: Exit = exit_now) -> apps.StageApp:
    """The router, wired and not started."""
    judge = partial(build_judge, settings.city.absolute())
    address = clients.bootstrap(settings)
    return apps.build(settings, PART, INPUTS, judge, address=address, fatal=fatal, port=settings.router_port)


def main() -> int:
    """Route until SIGTERM; the exit code."""
    with one_line_exit():
        settings = Settings()
        log.configure(settings, PART)
        return run(build_app(settings), settings.log_level.upper())


def __getattr__(name: str) -> apps.StageApp:
    """`app`, built when Faust's command asks for it and not when somebody imports this module."""
    if name != "app":
        raise AttributeError(name)
    built = globals()["app"] = build_app(Settings())
    return built


if __name__ == "__main__":
    sys.exit(main())
