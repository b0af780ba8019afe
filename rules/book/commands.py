"""`gongkai rules …`: the rules as a list, one by one, and as a document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rules.book import GROUPS, Rule, book, page
from rules.packs import EXAMPLE, PackPath, usable_pack

app = typer.Typer(name="rules", help="Every rule with its basis and remedy.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
_AS_JSON = TypeAdapter(Rule)


@app.command("list")
def list_rules(
    group: Annotated[str | None, typer.Option(help=f"Rules of one group: {', '.join(GROUPS)}.")] = None,
    pack: PackPath = EXAMPLE,
    as_json: AsJson = False,
) -> None:
    """List the rules."""
    if group is not None and group not in GROUPS:
        raise typer.BadParameter(f"没有“{group}”这一组。\nno group {group!r}; there are: {', '.join(GROUPS)}")
    rules = [rule for rule in book(usable_pack(pack)) if group in {None, rule.group}]
    if as_json:
        for rule in rules:
            typer.echo(_json(rule))
    else:
        Console().print(_table(rules))


@app.command("show")
def show_rule(
    code: Annotated[str, typer.Argument(help="Such as REJ-LATE, TX-04, CLK-01 or KIND-notice.")],
    pack: PackPath = EXAMPLE,
    as_json: AsJson = False,
) -> None:
    """Show one rule."""
    found = next((rule for rule in book(usable_pack(pack)) if rule.id == code), None)
    if found is None:
        raise typer.BadParameter(f"没有编号为“{code}”的规则，请看 `gongkai rules list`。\nno rule {code!r}")
    typer.echo(_json(found) if as_json else "\n".join(_lines(found)))


@app.command("export")
def export_rules(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The Markdown file to write.")],
    pack: PackPath = EXAMPLE,
) -> None:
    """Write all rules into one document."""
    rules = book(usable_pack(pack))
    file.write_text(page(rules), encoding="utf-8")
    typer.echo(f"{file}: {len(rules)} rules")


def _json(rule: Rule) -> str:
    return json.dumps(_AS_JSON.dump_python(rule, mode="json"), ensure_ascii=False)


def _table(rules: list[Rule]) -> Table:
    table = Table("code", "group", "severity", "规则", "依据")
    for rule in rules:
        table.add_row(rule.id, rule.group, rule.severity or "", escape(rule.title), escape(rule.basis))
    return table


def _lines(rule: Rule) -> list[str]:
    lines = [f"{rule.id}  {rule.severity or ''}".rstrip(), rule.title, f"依据：{rule.basis}"]
    for said in (rule.message, rule.remedy):
        lines += [said.zh, said.en] if said else []
    lines += [f"{term}：{text}" for term, text in rule.facts]
    return [*lines, *([f"例：{rule.example}"] if rule.example else []), f"来源：{rule.source}"]
