"""What is wrong with an expression of a lifecycle: names that are not there, and comparisons that never hold."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from schemas.city.expressions import WrongExpressionError, read, tree_of
from schemas.city.matters import FieldType, Lifecycle, StepField
from schemas.city.pack import Pack

Sort = Literal["text", "number", "day", "yes", "list"]
"""What a value is, as far as comparing it goes."""
Told = tuple[str, str]
"""Code and message."""

PUBLICATION = frozenset({"kind", "item", "dept", "title", "docno", "index_no", "five_open"})
_OF_TYPE: Mapping[FieldType, Sort] = {
    "text": "text", "choice": "text", "sha256": "text", "date": "day", "instant": "day", "number": "number",
    "yes": "yes", "dept": "list", "depts": "list", "choices": "list",
}  # fmt: skip
_OF_NAME: Mapping[str, Sort] = {
    "at": "day", "today": "day", "arrival": "day", "day": "day", "actor": "text", "reason": "text", "basis": "text",
    "title": "text", "personal": "yes", "attachments": "number", "branches": "number",
}  # fmt: skip
_OF_FUNCTION: Mapping[str, Sort] = {
    **dict.fromkeys(("count", "links", "len", "days", "charge"), "number"),
    **dict.fromkeys(("last", "first", "due"), "day"),
    **dict.fromkeys(
        ("done", "open", "running", "lasts", "within", "same", "boilerplate", "cites", "meets", "covers", "department"),
        "yes",
    ),
    "held": "list", "scoped": "text",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What the names of one expression may be."""

    pack: Pack
    lifecycle: Lifecycle
    fields: Mapping[str, StepField]
    """Those of the step that it is about."""
    publication: bool = False
    """Whether it is about a publication, as a trigger's is."""
    words: Mapping[str, tuple[Iterable[str], str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, pack: Pack, lifecycle: Lifecycle, fields: Mapping[str, StepField], *, publication: bool = False
    ) -> Known:
        """The names of an expression of `lifecycle` about a step with `fields`."""
        steps = (lifecycle.step, f"a step of {lifecycle.id}")
        clocks = (lifecycle.clock, f"a clock of {lifecycle.id}")
        laws = (pack.clock, "a clock of clocks.toml")
        branches = {step.begins for step in lifecycle.steps if step.begins}
        return cls(pack, lifecycle, fields, publication, {
            "done": steps, "count": steps, "last": steps, "first": steps, "due": clocks, "running": clocks,
            "lasts": laws, "within": laws, "links": (pack.city.link_rels, "a link word of city.toml"),
            "open": (branches, "a branch that a step begins"),
            "held": ({*lifecycle.roles, "main", "issuer", "lead-office"}, "a role of the lifecycle"),
        })  # fmt: skip


def expression_faults(known: Known, text: str) -> Iterator[Told]:
    """What is wrong with an expression, each with the character it is at."""
    try:
        read(text)
    except WrongExpressionError as error:
        yield "PACK-EXPR", f"{text!r} {error}; write it as docs/matters.md says"
        return
    for node in ast.walk(tree_of(text)):
        for message in _wrong(known, node):
            yield "PACK-EXPR", f"{text!r}: {message} (character {getattr(node, 'col_offset', 0) + 1})"


def _wrong(known: Known, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield from _part(known, node.value.id, node.attr)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from _call(known, node.func.id, node.args)
    elif isinstance(node, ast.Compare):
        yield from _compared(known, node.left, node.ops[0], node.comparators[0])


def _part(known: Known, group: str, name: str) -> Iterator[str]:
    if group == "fields" and name not in known.fields:
        yield f"the step records no field {name!r}; add it to its fields, or ask matter.{name}"
    elif group == "matter" and name not in known.lifecycle.fields:
        yield f"no step of {known.lifecycle.id} records a field {name!r}"
    elif group == "publication" and not known.publication:
        yield "only a trigger is about a publication"
    elif group == "publication" and name not in PUBLICATION:
        yield f"a publication has no {name!r} to ask for; it has {', '.join(sorted(PUBLICATION))}"


def _call(known: Known, name: str, args: Iterable[ast.expr]) -> Iterator[str]:
    names, what = known.words.get(name, ((), ""))
    first = next(iter(args), None)
    if what and isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value not in names:
        yield f"{first.value!r} is not {what}"


def _compared(known: Known, left: ast.expr, how: ast.cmpop, right: ast.expr) -> Iterator[str]:
    if isinstance(how, ast.In | ast.NotIn):
        if isinstance(right, ast.Tuple):
            for each in right.elts:
                yield from _alike(known, left, each)
        elif (held := _sort(known, right)) in {"number", "day", "yes"}:
            yield f"nothing is in a {held}"
        else:
            yield from _chosen(known, right, left)
        return
    yield from _alike(known, left, right)


def _alike(known: Known, one: ast.expr, other: ast.expr) -> Iterator[str]:
    mine, theirs = _sort(known, one), _sort(known, other)
    if mine and theirs and mine != theirs:
        yield f"a {mine} is compared with a {theirs}, which never holds"
    yield from _chosen(known, one, other)
    yield from _chosen(known, other, one)


def _chosen(known: Known, asked: ast.expr, said: ast.expr) -> Iterator[str]:
    """A word that is none of a field's choices."""
    held = _field(known, asked)
    if held is None or not held.choices or not isinstance(said, ast.Constant) or not isinstance(said.value, str):
        return
    if said.value not in held.choices:
        yield f"{said.value!r} is no choice of {held.id}: {'、'.join(held.choices)}"


def _field(known: Known, node: ast.expr) -> StepField | None:
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    return {"fields": known.fields, "matter": known.lifecycle.fields}.get(node.value.id, {}).get(node.attr)


def _sort(known: Known, node: ast.expr) -> Sort | None:
    """What a part of an expression is; None where that is not known, or may be nothing."""
    if (held := _field(known, node)) is not None:
        return _OF_TYPE[held.type]
    if isinstance(node, ast.Name):
        return _OF_NAME.get(node.id)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _OF_FUNCTION.get(node.func.id)
    if isinstance(node, ast.BinOp):
        return _sort(known, node.left)
    if isinstance(node, ast.Constant) and node.value is not None:
        return "yes" if isinstance(node.value, bool) else "number" if isinstance(node.value, int) else "text"
    return "yes" if isinstance(node, ast.Compare) else None
