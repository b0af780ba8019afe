"""`python -m producers.platform.simulator --port N --state FILE`: the platform as a process."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from producers.platform.simulator.app import build_app
from producers.platform.simulator.state import State


def main(
    *,
    port: Annotated[int, typer.Option(help="Port to listen on.")],
    state: Annotated[Path, typer.Option(help="SQLite file that keeps what was accepted.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    calls: Annotated[int, typer.Option(min=1, help="Calls a client may make in a minute.")] = 60,
    region: Annotated[str, typer.Option(help="Code of the city whose people appeal here.")] = "999900",
) -> None:
    """Simulate a platform until the process is ended."""
    uvicorn.run(build_app(State(state), calls, region), host=host, port=port, log_level="critical", access_log=False)


if __name__ == "__main__":
    typer.run(main)
