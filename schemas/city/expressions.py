"""Guards' expressions: Python's own syntax, of which a few harmless forms are taken; read once, checked before use.

`matter.level == '重大' and done('verified')`: names and functions are a closed list, and whatever is absent is None,
which equals nothing and is neither more nor less than anything.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from threading import Lock
from typing import Any

NAMES = frozenset(
    {"at", "today", "arrival", "actor", "reason", "basis", "personal", "attachments", "branches", "day", "title"}
)
"""The step's instant and day, its arrival, who took it, what it says, whether it carries sealed data, how many files;
how many branches are open; of a publication, the day it was public; what the matter is called."""
GROUPS = frozenset({"fields", "matter", "facts", "publication"})
"""This step's fields, the matter's so far, what the door measured of sealed data, and a publication."""
FUNCTIONS = {
    "done": 1, "count": 1, "last": 1, "first": 1, "links": 1, "open": 1, "due": 1, "running": 1, "len": 1,
    "days": 2, "lasts": 3, "within": 3, "same": 2, "boilerplate": 1, "cites": 1, "held": 1, "scoped": 1,
    "meets": 2, "covers": 2, "charge": 2, "department": 1, "mobile": 1,
}  # fmt: skip
"""Function to how many things it takes: `rules.lifecycle.saying` says what each answers."""
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.In: lambda one, many: one in many, ast.NotIn: lambda one, many: one not in many,
}  # fmt: skip
_SUM: dict[type[ast.operator], Callable[[Any, Any], Any]] = {ast.Add: operator.add, ast.Sub: operator.sub}
_SHANGHAI = timezone(timedelta(hours=8))
_HOLE = re.compile(r"\{([^{}]{1,500})\}")
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)

_PARSING = Lock()
"""CPython 3.11 counts the depth of all trees being built in one place: two threads at once end in a SystemError."""

Sayings = Mapping[str, Any]
"""What the names mean in one case: names to values, groups to mappings, functions to callables."""
Asked = Callable[[Sayings], Any]


class WrongExpressionError(ValueError):
    """An expression that can't be taken: what is wrong and at which character, from 1."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"{message} (character {column})")
        self.column = column


@dataclass(frozen=True)
class Reading:
    """An expression read: what it asks, and which names it uses."""

    ask: Asked
    used: frozenset[tuple[str, str]]
    """Group and name: `('matter', 'level')`; function and its first word: `('done', 'verified')`."""


@lru_cache(maxsize=4_096)
def read(text: str) -> Reading:
    """The expression in `text`.

    Raises:
        WrongExpressionError: it is none, or uses what is not on the list.
    """
    tree = tree_of(text)
    return Reading(_asked(tree), frozenset(_used(tree)))


def tree_of(text: str) -> ast.expr:
    """The syntax of an expression, of whatever forms.

    Raises:
        WrongExpressionError: it has none.
    """
    try:
        with _PARSING:
            return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise WrongExpressionError("is no expression", error.offset or 1) from None
    except (ValueError, RecursionError, MemoryError):
        raise WrongExpressionError("is no expression", 1) from None


def holes(text: str) -> tuple[str, ...]:
    """The expressions in braces that a sentence is filled in with."""
    return tuple(_HOLE.findall(text))


def filled(text: str, answer: Callable[[str], str]) -> str:
    """A sentence with what `answer` says in the place of each expression."""
    return _HOLE.sub(lambda found: answer(found[1]), text)


def _asked(node: ast.expr) -> Asked:
    made = _MADE.get(type(node))
    if made is None:
        raise _wrong(node, "is not taken here")
    return made(node)


def _constant(node: Any) -> Asked:
    if not isinstance(node.value, str | int | bool | None):
        raise _wrong(node, "is no text or whole number")
    value = node.value
    return lambda _: value


def _name(node: Any) -> Asked:
    name = node.id
    if name not in NAMES:
        raise _wrong(node, f"{name!r} is no name here")
    return lambda said: said[name]


def _attribute(node: Any) -> Asked:
    if not isinstance(node.value, ast.Name) or node.value.id not in GROUPS:
        raise _wrong(node, "only fields., matter., facts. and publication. have parts")
    group, name = node.value.id, node.attr
    return lambda said: said[group].get(name)


def _call(node: Any) -> Asked:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
        raise _wrong(node, "is no function here")
    name, wanted = node.func.id, FUNCTIONS[node.func.id]
    if len(node.args) != wanted:
        raise _wrong(node, f"{name}() takes {wanted}")
    asked = [_asked(each) for each in node.args]
    return lambda said: said[name](*[one(said) for one in asked])


def _bool(node: Any) -> Asked:
    asked = [_asked(each) for each in node.values]
    if isinstance(node.op, ast.And):
        return lambda said: all(one(said) for one in asked)
    return lambda said: any(one(said) for one in asked)


def _unary(node: Any) -> Asked:
    if not isinstance(node.op, ast.Not):
        raise _wrong(node, "is not taken here")
    asked = _asked(node.operand)
    return lambda said: not asked(said)


def _compare(node: Any) -> Asked:
    if len(node.ops) != 1 or type(node.ops[0]) not in _COMPARE:
        raise _wrong(node, "compare two things at a time")
    compare, one, other = _COMPARE[type(node.ops[0])], _asked(node.left), _asked(node.comparators[0])
    ordered = isinstance(node.ops[0], _ORDER)

    def asked(said: Sayings) -> bool:
        mine, theirs = _alike(one(said), other(said))
        if ordered and (mine is None or theirs is None):
            return False
        try:
            return bool(compare(mine, theirs))
        except TypeError:
            return False

    return asked


def _alike(mine: Any, theirs: Any) -> tuple[Any, Any]:
    """An instant beside a day is the day it lies on."""
    if isinstance(mine, datetime) and isinstance(theirs, date) and not isinstance(theirs, datetime):
        return mine.astimezone(_SHANGHAI).date(), theirs
    if isinstance(theirs, datetime) and isinstance(mine, date) and not isinstance(mine, datetime):
        return mine, theirs.astimezone(_SHANGHAI).date()
    return mine, theirs


def _sum(node: Any) -> Asked:
    if type(node.op) not in _SUM:
        raise _wrong(node, "only + and - are taken")
    add, one, other = _SUM[type(node.op)], _asked(node.left), _asked(node.right)

    def asked(said: Sayings) -> Any:
        mine, theirs = one(said), other(said)
        return None if mine is None or theirs is None else add(mine, theirs)

    return asked


def _tuple(node: Any) -> Asked:
    asked = [_asked(each) for each in node.elts]
    return lambda said: tuple(one(said) for one in asked)


_MADE: dict[type[ast.expr], Callable[[Any], Asked]] = {
    ast.Constant: _constant, ast.Name: _name, ast.Attribute: _attribute, ast.Call: _call, ast.BoolOp: _bool,
    ast.UnaryOp: _unary, ast.Compare: _compare, ast.BinOp: _sum, ast.Tuple: _tuple,
}  # fmt: skip


def _used(tree: ast.expr) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.func.id, first.value


def _wrong(node: ast.expr, message: str) -> WrongExpressionError:
    return WrongExpressionError(message, node.col_offset + 1)
