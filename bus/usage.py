"""What was typed wrongly at the command line, told in two lines: Chinese for clerks, English under it.

Reads:    typer's own errors, whose English is known sentence by sentence. A part's own `BadParameter` brings both
          languages itself, as two lines of its message.
Fails to: a general Chinese sentence over typer's English, where that is a new one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import typer
from typer.exceptions import TyperException

_SENTENCES = tuple(
    (re.compile(pattern, re.DOTALL), chinese)
    for pattern, chinese in (
        (r"No such command '(.*)'\. Did you mean (.+)\?", "没有“{0}”这个命令，您要的可能是 {1}。"),
        (r"No such command '(.*)'\.", "没有“{0}”这个命令。"),
        (r"No such option: (.+) \(Possible options: (.+)\)", "没有“{0}”这个选项，您要的可能是 {1}。"),
        (r"No such option: (.+)", "没有“{0}”这个选项。"),
        (r"Missing argument '(.+?)'\. Choose from:(.+)", "缺少参数“{0}”，可选：{1}。"),
        (r"Missing argument '(.+?)'\.", "缺少参数“{0}”。"),
        (r"Missing option '(.+?)'\.", "缺少选项“{0}”。"),
        (r"Option '(.+)' requires .*", "选项“{0}”后面要写值。"),
        (r"Option '(.+)' does not take a value\.", "选项“{0}”后面不能写值。"),
        (r"Got unexpected extra argument\(s\) \((.*)\)", "多出了参数：{0}。"),
        (r"Invalid value for .*?: (?:\w+) '(.*)' does not exist\.", "文件“{0}”不存在。"),
        (r"Invalid value for .*?: (?:\w+) '(.*)' is a directory\.", "“{0}”是文件夹，这里要的是文件。"),
        (r"Invalid value for .*?: (?:\w+) '(.*)' is a file\.", "“{0}”是文件，这里要的是文件夹。"),
        (r"Invalid value for .*?: (?:\w+) '(.*)' is not readable\.", "没有权限读“{0}”。"),
        (r"Invalid value for .*?: (?:\w+) '(.*)' is not writable\.", "没有权限写“{0}”。"),
        (r"Invalid value for .*?: (?:Value error, )?'(.*)' is not one of (.+)\.", "“{0}”不在可选值之内：{1}。"),
        (r"Invalid value for '(.+?)': .*", "“{0}”的值不对。"),
    )
)


def instant(text: str) -> datetime:
    """An option's value as an instant.

    Raises:
        typer.BadParameter: it is none, or says no offset.
    """
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found
    raise typer.BadParameter(
        f"时间“{text}”读不懂或没有时区，请写成 2026-01-05T09:00:00+08:00。\n"
        f"{text!r} is no time with its offset: write 2026-01-05T09:00:00+08:00"
    )


def explained(error: TyperException, root: typer.Typer, arguments: Sequence[str]) -> tuple[str, ...]:
    """The lines to print; none where typer has printed its help already."""
    own = error.message.split("\n", 1)
    if len(own) == 2:
        return tuple(own)
    english = _one_line(error.format_message().replace("Value error, ", ""))
    if not english:
        return ()
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else _path(root, arguments)
    usage = f"用法：{context.get_usage().removeprefix('Usage: ')}" if context is not None else f"用法见 {path} -h"
    stop = "" if english.endswith((".", "?", ")")) else "."
    return f"{_chinese(error.format_message())}{_one_line(usage)}", f"{english}{stop} See: {path} -h"


def _chinese(english: str) -> str:
    for pattern, chinese in _SENTENCES:
        if found := pattern.fullmatch(english):
            return chinese.format(*(_listed(group) for group in found.groups()))
    return "命令的写法不对。"


def _listed(group: str) -> str:
    """Names without the quotes that typer sets around each of several."""
    several = re.findall(r"'([^']*)'", group)
    return _one_line(", ".join(several) if several else group)


def _path(root: typer.Typer, arguments: Sequence[str]) -> str:
    """The command that `arguments` begin with, for an error that does not know its command."""
    words, command = ["gongkai"], _command(root)
    for word in arguments:
        command = getattr(command, "commands", {}).get(word)
        if command is None:
            break
        words.append(word)
    return " ".join(words)


def _command(root: typer.Typer) -> Any:
    return typer.main.get_command(root)


def _one_line(text: str) -> str:
    return " ".join(text.split())
