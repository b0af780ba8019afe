"""The router with a fault of our own: as long as FILE is there, judging what has “故障” in its title raises.

`python -m tests.producers.faulty_router FILE`, settings from the environment.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from bus import clients
from bus.settings import Settings
from rules import Judgement, judge
from schemas.city import Pack, load_pack
from schemas.envelope import Envelope
from schemas.topics import INPUTS
from streams import app as apps
from streams.judging import Judging
from streams.run import run


def faulty(file: Path, pack: Pack, event: Envelope, arrival: datetime) -> Judgement:
    """`judge`, but for the fault."""
    if "故障" in event.data.title and file.exists():  # type: ignore[attr-defined]
        raise RuntimeError("a fault of our own")
    return judge(pack, event, arrival)


def main() -> int:
    """Route until SIGTERM."""
    settings, file = Settings(_env_file=None), Path(sys.argv[1])
    judging = Judging(load_pack(settings.city), judge=lambda *given: faulty(file, *given))
    built = apps.build(
        settings, "router", INPUTS, lambda: judging, address=clients.bootstrap(settings), port=settings.router_port
    )
    return run(built)


if __name__ == "__main__":
    sys.exit(main())
