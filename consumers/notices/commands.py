"""`gongkai notices`: which words of ladders did not arrive, and sending them again."""

from __future__ import annotations

import getpass
import json
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bus.city import City
from bus.clock import now
from bus.errors import EXIT_FINDINGS
from bus.settings import Settings
from bus.store import Store
from consumers.notices import asking, views
from consumers.notices.addresses import load, path_of, unknown_departments
from consumers.notices.projection import NoticesProjection
from consumers.notices.tables import metadata
from consumers.notices.views import FAILED, DeliveryView

app = typer.Typer(no_args_is_help=True, help="提醒、催办、督办、通报的送达。 What ladders say, by mail and webhook.")
MOST = 1_000
STATES = ("waiting", "delivered", "dead", "cancelled", "unaddressed", "old")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine.")]
OfTarget = Annotated[str | None, typer.Option("--target", help="Of one target, by its id.")]


@app.command("list")
def list_(
    state: Annotated[list[str] | None, typer.Option(help=f"Of these states: {', '.join(STATES)}.")] = None,
    target: OfTarget = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="At most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Show deliveries: those that failed, or of other states; the newest first."""
    wanted = tuple(state or FAILED)
    if wrong := [each for each in wanted if each not in STATES]:
        raise typer.BadParameter(f"没有状态“{wrong[0]}”；可用：{'、'.join(STATES)}。\nthere is no state {wrong[0]!r}")
    with Store.reader(Settings(), NoticesProjection.name, metadata) as store, store.read() as conn:
        found = views.deliveries(conn, wanted, target=target, limit=limit)
    _show(found, as_json=as_json)


@app.command("resend")
def resend(  # noqa: PLR0917 - one an option
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of deliveries.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="Every delivery that failed.")] = False,
    target: OfTarget = None,
    why: Annotated[str, typer.Option(help="The reason, for the audit.")] = "",
    by: Annotated[str, typer.Option(help="Who, for the audit; else the system's user.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send again what did not arrive, under the same id; 1 where one is not to be sent. The part must run to do it."""
    if not ids and not whole and target is None:
        raise typer.BadParameter("请写上送达编号，或加 --target、--all。\ngive ids, or --target, or --all")
    if not why.strip():
        raise typer.BadParameter("请用 --why 写明重送的原因，供审计。\ngive the reason with --why, for the audit")
    settings = Settings()
    with Store.reader(settings, NoticesProjection.name, metadata) as store, store.read() as conn:
        found = views.some(conn, ids) if ids else views.deliveries(conn, FAILED, target=target, limit=MOST)
    chosen = [each for each in found if each.state in FAILED]
    if chosen:
        asking.send(settings, asking.wishes(chosen, by or getpass.getuser(), why, now()))
    _show(chosen, as_json=as_json)
    refused = sorted(set(ids or ()) - {each.id for each in chosen})
    for each in refused:
        typer.echo(f"“{each}”不是未送达的，不重送。 {each} did not fail: it is not sent again", err=True)
    if refused:
        raise typer.Exit(EXIT_FINDINGS)


@app.command("check")
def check() -> None:
    """Read the file of addresses as the part will at its next start; 1 where a department is unknown."""
    settings = Settings()
    addresses = load(settings)
    known = frozenset(City.as_it_is(settings).current().pack.department)
    wrong = unknown_departments(addresses, known)
    for target, dept in wrong:
        typer.echo(f"“{target}”所列部门“{dept}”不在城市包中。 {target}: the pack has no department {dept}", err=True)
    typer.echo(f"{path_of(settings)}: {len(addresses.mailbox)} mailboxes, {len(addresses.webhook)} webhooks")
    if wrong:
        raise typer.Exit(EXIT_FINDINGS)


def _show(found: list[DeliveryView], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([each.model_dump(mode="json") for each in found], ensure_ascii=False))
        return
    table = Table("id", "target", "state", "rung", "duty", "tries", "changed (UTC)", "detail")
    for each in found:
        rung = f"{each.rung_name or each.rung}{'（更正）' if each.correction else ''}"
        changed = each.changed_at.strftime("%Y-%m-%d %H:%M")
        cells = (each.id, each.target, each.state, rung, each.duty, str(each.attempts), changed, each.detail)
        table.add_row(*map(escape, cells))
    Console().print(table)
    typer.echo(f"{len(found)} deliveries")
