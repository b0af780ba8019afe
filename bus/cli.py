"""The root command `gongkai`: it gathers the parts' commands and turns our errors into exit codes.

Reads:    entry points of the group `gongkai.commands`, so that bus imports no station.
Fails to: a line or two on standard error and 1 (findings), 2 (wrong usage) or 3 (infrastructure).
"""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from typer.exceptions import TyperException

from bus import usage
from bus.errors import EXIT_FINDINGS, EXIT_INFRASTRUCTURE, EXIT_OK, EXIT_USAGE, GongkaiError, Invalid
from bus.settings import wrong_setting
from schemas.city.errors import PackError

GROUP = "gongkai.commands"


def main() -> None:
    """The console script. What a terminal can't show is written as an escape, which is right in JSON too."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    raise SystemExit(run(sys.argv[1:]))


def run(arguments: Sequence[str], parts: Iterable[EntryPoint] | None = None) -> int:
    """Run one command line; its exit code. Whatever goes wrong is told in a line or two, never by a traceback."""
    root = typer.Typer()
    try:
        root = build(entry_points(group=GROUP) if parts is None else parts)
        return int(root(list(arguments), prog_name="gongkai", standalone_mode=False) or EXIT_OK)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_INFRASTRUCTURE if end.code else EXIT_OK
    except TyperException as error:
        return _say(*usage.explained(error, root, arguments), code=error.exit_code)
    except Exception as error:  # noqa: BLE001 - the border of the program: everything else is told here
        return _tell(error)


def _tell(error: Exception) -> int:
    match error:
        case Invalid():
            return _say(f"{error.zh} {error}", code=EXIT_FINDINGS)
        case GongkaiError():
            return _say(str(error), code=getattr(error, "exit_code", EXIT_INFRASTRUCTURE))
        case PackError():
            return _say(
                "GONGKAI_CITY 指定的城市包不可用，请看 `gongkai city check`。",
                f"the pack that GONGKAI_CITY names can't be used: {error.brief}", code=EXIT_USAGE,
            )  # fmt: skip
        case ValidationError() if error.title == "Settings":
            return _say(wrong_setting(error), code=EXIT_USAGE)
        case UnicodeEncodeError():
            return _say(
                "文件名或参数里有不是UTF-8的字符，请改名后重试。",
                f"a file's name or an argument is no UTF-8: {error.object[:100]!r}; rename it, then try again",
                code=EXIT_USAGE,
            )
        case OSError():
            return _say(*_of_the_machine(error), code=EXIT_INFRASTRUCTURE)
    if os.environ.get("GONGKAI_LOG_LEVEL") == "debug":
        traceback.print_exception(error)
    return _say(*_of_the_program(error), code=EXIT_INFRASTRUCTURE)


def build(parts: Iterable[EntryPoint]) -> typer.Typer:
    """The root with the commands of every part that is there."""
    root = typer.Typer(
        name="gongkai", no_args_is_help=True, pretty_exceptions_show_locals=False,
        help="公开: a publishing bus for open government.", context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip
    root.callback()(_root)
    groups: dict[str, typer.Typer] = {}
    for part in sorted(parts, key=lambda each: each.name):
        commands = _load(part)
        if commands is not None:
            root.add_typer(_without_groups(commands, groups))
    for name, group in groups.items():
        root.add_typer(group, name=name)
    return root


def _without_groups(commands: typer.Typer, groups: dict[str, typer.Typer]) -> typer.Typer:
    """A part's lone commands; its named groups go into `groups`."""
    alone = typer.Typer()
    alone.registered_commands = list(commands.registered_commands)
    for group in commands.registered_groups:
        if group.typer_instance is None or not group.name:
            alone.registered_groups.append(group)
        elif group.name in groups:
            groups[group.name] = _joined(groups[group.name], group.typer_instance)
        else:
            groups[group.name] = group.typer_instance
    return alone


def _joined(one: typer.Typer, other: typer.Typer) -> typer.Typer:
    """One group of two parts' commands: `city check` is the rules', `city release` the road's."""
    joined = typer.Typer(no_args_is_help=True, help=one.info.help)
    joined.registered_commands = [*one.registered_commands, *other.registered_commands]
    joined.registered_groups = [*one.registered_groups, *other.registered_groups]
    return joined


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
        _say(f"the commands of {part.name} are left out: {error}")
        return None
    except ImportError as error:
        _say(f"the commands of {part.name} are left out: {error}")
        return None
    return loaded if isinstance(loaded, typer.Typer) else None


def _of_the_machine(error: OSError) -> tuple[str, str]:
    """A full disk, a missing right, a folder where a file was meant: what the machine said of which file."""
    place = f" {error.filename}" if error.filename else ""
    said = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"磁盘已满，写不下{place}；请清出空间后重试。",
            f"the disk is full{place}: free some space, then try again",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"没有权限读写{place}；请换一个位置或请管理员授权。", f"no permission for{place}: {said}"
    return (
        f"读写出错{place}（{said}），请核对路径。",
        f"the machine said of{place or ' a file'}: {said}; check the path",
    )


def _of_the_program(error: Exception) -> tuple[str, str]:
    """A fault of ours: where it was raised, for whoever mends it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    said = f"{type(error).__name__}: {str(error)[:300]} (GONGKAI_LOG_LEVEL=debug shows more)"
    return "程序自身出错；请把下一行告诉管理员。", f"a fault of this program at {place}: {said}"


def _say(*lines: str, code: int = EXIT_OK) -> int:
    """Print lines on standard error, whatever somebody wrote into what they quote; `code` as it is."""
    for number, line in enumerate(lines):
        shown = " ".join("".join(each if each.isprintable() else " " for each in line).split())
        print(shown if number else f"gongkai: {shown}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
