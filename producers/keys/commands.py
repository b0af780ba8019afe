"""`gongkai keys …`: departments' keys, shown once and kept as a hash."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Annotated, Literal

import typer
from rich.console import Console

from bus.city import known_pack
from bus.clock import now
from bus.errors import EXIT_FINDINGS, EXIT_OK
from bus.settings import Settings
from producers.calling import AsJson, check_known, table_of
from producers.keys import MAX_VALID, KeyRing
from schemas.city import PackError

app = typer.Typer(no_args_is_help=True, help="Departments' keys: shown once, kept as a hash.")

Dept = Annotated[str, typer.Argument(help="A department's code in the pack.")]

_out = Console()
_err = Console(stderr=True)


@app.command("issue")
def issue_key(dept: Dept, as_json: AsJson = False) -> None:
    """Issue a key for a department, shown this once."""
    check_known(known_pack(Settings()), dept)
    ring = KeyRing(Settings())
    try:
        key = ring.issue(dept, now())
    finally:
        ring.close()
    if key is None:
        raise typer.BadParameter(
            f"{dept} 已有 {MAX_VALID} 个有效密钥；请用 `gongkai keys rotate {dept}` 换新，或先 `revoke` 一个。\n"
            f"{dept} has {MAX_VALID} valid keys already: `gongkai keys rotate {dept}` or `revoke` one first"
        )
    _show(dept, key, as_json=as_json)


@app.command("rotate")
def rotate_key(dept: Dept, as_json: AsJson = False) -> None:
    """Issue a new key; the newest old one stays valid until `keys revoke DEPT --old`."""
    check_known(known_pack(Settings()), dept)
    ring = KeyRing(Settings())
    try:
        key = ring.rotate(dept, now())
    finally:
        ring.close()
    _show(dept, key, as_json=as_json)


@app.command("revoke")
def revoke_key(
    dept: Dept,
    old: Annotated[bool, typer.Option("--old", help="All but the newest.")] = False,
    hint: Annotated[str, typer.Option(help="The one whose last four characters these are.")] = "",
) -> None:
    """Revoke a department's keys, at once."""
    ring = KeyRing(Settings())
    which: Literal["old", "all"] = "old" if old else "all"
    try:
        revoked = ring.revoke(dept, now(), which, hint)
    finally:
        ring.close()
    if not revoked:
        check_known(known_pack(Settings()), dept)
        _err.print(
            f"{dept} 没有这样的有效密钥。 {dept} has no such valid key: `gongkai keys list {dept}`", markup=False
        )
    _out.print(f"revoked {revoked} of {dept}", markup=False)
    raise typer.Exit(EXIT_OK if revoked else EXIT_FINDINGS)


@app.command("list")
def list_keys(
    dept: Annotated[str | None, typer.Argument(help="One department's alone.")] = None, as_json: AsJson = False
) -> None:
    """List keys by department and last four characters; a key itself is never shown again."""
    ring = KeyRing(Settings())
    try:
        keys = ring.listed(dept)
    finally:
        ring.close()
    if dept and not keys:
        check_known(known_pack(Settings()), dept)
    rows = [
        {"dept": k.dept, "hint": k.hint, "issued": k.issued.isoformat(), "revoked": k.revoked and k.revoked.isoformat()}
        for k in keys
    ]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    heirs = _heirs({key.dept for key in keys})
    shown = [[*(str(v or "") for v in row.values()), heirs.get(str(row["dept"]), "")] for row in rows]
    _out.print(table_of(("dept", "ends in", "issued", "revoked", "tasks now with"), shown))


def _heirs(depts: Iterable[str]) -> dict[str, str]:
    """Of departments that have ended, who has their tasks: their keys open nothing any more."""
    with suppress(PackError):
        pack, today = known_pack(Settings()), now().date()
        return {dept: heir.code for dept in depts if (heir := pack.heir_of(dept, today)) is not None}
    return {}


def _show(dept: str, key: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"dept": dept, "key": key}))
        return
    typer.echo(key)
    _err.print(f"the key of {dept}, shown this once; only its hash is kept")
