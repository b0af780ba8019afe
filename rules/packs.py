"""The city pack that a command works with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemas.city import Pack, PackError, load_pack

PackPath = Annotated[Path, typer.Option("--pack", envvar="GONGKAI_CITY", help="Folder of the city pack.")]

EXAMPLE = Path("cities/example")


def usable_pack(path: Path) -> Pack:
    """The pack in `path`, for a command.

    Raises:
        BadParameter: it can't be used.
    """
    try:
        return load_pack(path)
    except PackError as error:
        raise typer.BadParameter(
            f"“{path}”不是可用的城市包，请看 `gongkai city check {path}`。\n"
            f"{path} is no usable city pack: {error.brief}"
        ) from error
