"""The router: judges every event that enters the bus and sends each outlet what it must carry.

Reads:    publications, registers; city, whole;
          what the door found in attached files, under `home/files`.
Writes:   portal-feed, newmedia-feed, gazette-feed; one verdict for every record; rejections; dead-letters.
Keeps:    nothing but the page that says which slice was begun; in memory the releases of the pack.
Fails to: exit code 3, nothing acknowledged: a broker beyond its deadline, an output refused, judging broken for all,
          what stands in an attachment not to be read.

Started by `faust -A streams.router worker -l info`, by `python -m streams.router` and by `gongkai up`.
"""

from __future__ import annotations

import sys

from bus import clients, log
from bus.city import City
from bus.extracting import Texts
from bus.program import one_line_exit
from bus.settings import Settings
from schemas.topics import CITY, ROUTED
from streams import app as apps
from streams.releases import CityJudge
from streams.run import run
from streams.transport.flow import Exit, exit_now

PART = "router"


def build_app(settings: Settings, *, fatal: Exit = exit_now) -> apps.StageApp:
    """The router, wired and not started; it follows the city from now on."""
    address = clients.bootstrap(settings)
    city = City.open(settings, on_failure=lambda error: fatal(f"{CITY.name} can't be followed: {error}"))
    judge = CityJudge(city, Texts(settings.text_of))
    city.start()
    return apps.build(
        settings, PART, ROUTED, lambda: judge, address=address, fatal=fatal, port=settings.router_port,
        ready=judge.ready, for_child=judge.for_child, more=lambda: {CITY.name: city.health()},
    )  # fmt: skip


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
