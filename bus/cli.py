"""The root command `gongkai`: it gathers the parts' commands and turns our errors into exit codes.

Reads:    entry points of the group `gongkai.commands`, so that bus imports no station.
Fails to: one line on standard error and 1 (findings), 2 (wrong usage) or 3 (infrastructure).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points, version
from typing import Annotated

import typer
from pydantic import ValidationError

from bus.errors import EXIT_FINDINGS, EXIT_INFRASTRUCTURE, EXIT_USAGE, GongkaiError, Invalid
from schemas.city.errors import PackError

GROUP = "gongkai.commands"


def main() -> None:
    """The console script."""
    raise SystemExit(run(sys.argv[1:]))


def run(arguments: Sequence[str], parts: Iterable[EntryPoint] | None = None) -> int:
    """Run one command line; its exit code."""
    try:
        build(entry_points(group=GROUP) if parts is None else parts)(list(arguments), prog_name="gongkai")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_INFRASTRUCTURE if end.code else 0
    except Invalid as error:
        return _say(f"{error.zh} {error}", EXIT_FINDINGS)
    except GongkaiError as error:
        return _say(str(error), EXIT_INFRASTRUCTURE)
    except PackError as error:
        return _say(f"the pack that GONGKAI_CITY names can't be used: {error}", EXIT_USAGE)
    except ValidationError as error:
        if error.title != "Settings":
            raise
        return _say(_setting(error), EXIT_USAGE)
    return 0


def build(parts: Iterable[EntryPoint]) -> typer.Typer:
    """The root with the commands of every part that is there."""
    root = typer.Typer(
        name="gongkai", no_args_is_help=True, pretty_exceptions_show_locals=False,
        help="公开: a publishing bus for open government.", context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip
    root.callback()(_root)
    for part in sorted(parts, key=lambda each: each.name):
        commands = _load(part)
        if commands is not None:
            root.add_typer(commands)
    return root


def _root(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=_print_version),
    ] = False,
) -> None:
    """公开: a publishing bus for open government."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("gongkai"))
        raise typer.Exit


def _load(part: EntryPoint) -> typer.Typer | None:
    """A part's commands; None where the part is not installed. A broken part costs its own commands alone."""
    try:
        loaded = part.load()
    except ModuleNotFoundError as error:
        if part.module == error.name or part.module.startswith(f"{error.name}."):
            return None
        _say(f"the commands of {part.name} are left out: {error}", 0)
        return None
    except ImportError as error:
        _say(f"the commands of {part.name} are left out: {error}", 0)
        return None
    return loaded if isinstance(loaded, typer.Typer) else None


def _setting(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name = "_".join(str(part) for part in first["loc"]).upper()
    return f"the setting GONGKAI_{name} is wrong: {first['msg']}"


def _say(line: str, code: int) -> int:
    print("gongkai: " + " ".join(line.split()), file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
