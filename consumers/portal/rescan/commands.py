"""`gongkai rescan`: hold what is published against the newest text checks; findings and counts, and nothing written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bus.city import known_pack
from bus.clock import now
from bus.errors import EXIT_FINDINGS, EXIT_OK
from bus.extracting import Texts
from bus.settings import Settings
from consumers.portal.rescan.orders import orders_of
from consumers.portal.rescan.reading import Site, Wanted
from consumers.portal.rescan.scanning import Scanned, scan
from schemas.city import load_pack
from schemas.extracts import Extract, Extracts
from schemas.records import Finding

app = typer.Typer()

TIMEOUT = 60.0
_GRAVE = frozenset({"block", "error"})
_out, _err = Console(), Console(stderr=True)


@app.command("rescan")
def rescan_command(  # noqa: PLR0917 - one an option
    dept: Annotated[str, typer.Option(help="Items of one department alone.")] = "",
    column: Annotated[str, typer.Option(help="Items of one column alone.")] = "",
    since: Annotated[str, typer.Option(help="Items published or changed on a day or later, YYYY-MM-DD.")] = "",
    pack: Annotated[Path | None, typer.Option(help="Folder of a city pack; else the release in force.")] = None,
    url: Annotated[str, typer.Option(help="The portal; else as the settings say.")] = "",
    orders: Annotated[
        Path | None, typer.Option(help="Write a work order for each finding, for `gongkai publish` by the lead office.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line for each item with findings.")] = False,
) -> None:
    """Check texts of what is published by the newest checks; 1 where one has an error nobody answered for."""
    settings, wanted = Settings(), Wanted(dept, column, _day(since))
    city = load_pack(pack) if pack else known_pack(settings)
    counted, items, grave = Counter[tuple[str, str]](), 0, 0
    file = orders.open("wb") if orders else None
    with file or nullcontext(), Site(httpx.Client(base_url=url or settings.url_of("portal"), timeout=TIMEOUT)) as site:
        for one in _with_bar(scan(site, city, wanted, _at_hand(settings)), site.count(wanted)):
            items += one.item is not None
            counted.update((found.rule, _weight(found)) for found in one.findings)
            grave += any(_weight(found) in _GRAVE for found in one.findings)
            if file is not None:
                file.writelines(orders_of(city, one, now()))
            if one.findings or one.unseen:
                typer.echo(json.dumps(_line(one), ensure_ascii=False)) if as_json else _say(one)
    _sum_up(counted, items, grave, _err if as_json else _out)
    raise typer.Exit(EXIT_FINDINGS if grave else EXIT_OK)


def _weight(found: Finding) -> str:
    """Its severity; `overridden` where the department answered for it."""
    return "overridden" if found.overridden else found.severity


def _at_hand(settings: Settings) -> Extracts:
    """What the door found in files, where this machine has them."""
    texts = Texts(settings.text_of)

    def known(sha256: str) -> Extract | None:
        return texts(sha256) if settings.text_of(sha256).exists() else None

    return known


def _with_bar(scanned: Iterable[Scanned], total: int | None) -> Iterator[Scanned]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_err, transient=True) as progress:
        task = progress.add_task("rescan", total=total)
        for one in scanned:
            progress.advance(task)
            yield one


def _line(one: Scanned) -> dict[str, Any]:
    item = one.item
    assert item is not None
    said = item.model_dump(mode="json", include={"subject", "url", "title", "kind", "version", "published_at"})
    return {
        **said, "dept": item.department.code, "column": item.column.code,
        "findings": [found.model_dump(mode="json") for found in one.findings], "unseen": list(one.unseen),
    }  # fmt: skip


def _say(one: Scanned) -> None:
    item = one.item
    assert item is not None
    _out.print(f"{item.subject} {item.department.code} {item.title}\n  {item.url}", markup=False, highlight=False)
    for found in one.findings:
        place = f"{found.place} {found.span[0]}–{found.span[1]}" if found.span else found.place
        remedy = "发布时已说明理由。" if found.overridden else found.remedy.zh
        said = f"  {found.rule} {_weight(found)} {place} {found.message.zh}{remedy}"
        _out.print(said, markup=False, highlight=False)
    for place in one.unseen:
        _out.print(f"  {place} 附件取不到，未检查。 could not be had and was not checked", markup=False)


def _sum_up(counted: Counter[tuple[str, str]], items: int, grave: int, console: Console) -> None:
    for (rule, severity), count in sorted(counted.items()):
        console.print(f"{rule} {severity} {count}", highlight=False)
    console.print(f"{items} items read, {grave} with errors", highlight=False)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(
            f"“{text}”不是日期，请写成 2026-09-21。\n{text!r} is no day: write 2026-09-21"
        ) from error
