"""Where something stands in a TOML file: the line of a word in the n-th table of an array, for whoever must mend it."""

from __future__ import annotations

from collections.abc import Sequence


def line_of(text: str, table: str, n: int, *words: str) -> int:
    """The line, from 1, of the last of `words` in the `n`-th `[[table]]`, from 0; the nearest there is, 0 for none.

    Each word is looked for behind the one before: `("guards", "holds")` is the first `holds` after the first `guards`.
    """
    lines = text.splitlines()
    first, last = _block(lines, table, n)
    if first is None:
        first, last = 0, len(lines)
    found = _behind(lines, first, last, words)
    return found + 1 if found is not None else first + 1 if last < len(lines) or first else 0


def _block(lines: Sequence[str], table: str, n: int) -> tuple[int | None, int]:
    """First line of the table, and the line behind its last: where the next table that is no part of it begins."""
    seen, first = -1, None
    for number, line in enumerate(lines):
        head = line.split("#")[0].strip()
        if head == f"[[{table}]]":
            if first is not None:
                return first, number
            seen += 1
            first = number if seen == n else None
        elif first is not None and head.startswith("[") and head.endswith("]") and not _part(head, table):
            return first, number
    return first, len(lines)


def _part(head: str, table: str) -> bool:
    return head.strip("[]").startswith(f"{table}.")


def _behind(lines: Sequence[str], first: int, last: int, words: Sequence[str]) -> int | None:
    found: int | None = None
    before = ""
    for word in words:
        start = first + 1 if found is not None and word == before else first
        hit = next((number for number in range(start, last) if word in lines[number]), None)
        if hit is not None:
            found, first, before = hit, hit, word
    return found


def place_of(text: str, path: Sequence[str | int]) -> int:
    """The line of a path such as `("steps", 3, "guards", 0, "holds")`, as models name what they refuse."""
    if len(path) < 2 or not isinstance(path[1], int):
        return line_of(text, "", -1, str(path[0])) if path else 0
    words: list[str] = []
    depth = str(path[0])
    for step in path[2:]:
        if isinstance(step, int):
            words += [f"[[{depth}]]" if f"[[{depth}]]" in text else "{ "] * (step + 1)
        else:
            depth += f".{step}"
            words.append(step)
    return line_of(text, str(path[0]), path[1], *words)
