"""`gongkai register …`: which registers there are, whether a file fits one, and sending it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from bus.clock import now
from bus.errors import EXIT_FINDINGS, EXIT_OK
from bus.settings import Settings
from producers.calling import AsJson, Key, Url, check_known, client_of, dept_of
from producers.client import GatewayClient
from producers.refusals import Refused
from producers.registers import loading, reading
from producers.registers.checking import Examination, Line
from schemas.city import Pack, Register, load_pack

app = typer.Typer(name="register", no_args_is_help=True, help="Registers: lists that departments keep.")

Name = Annotated[str, typer.Argument(metavar="REGISTER", help="Of `gongkai register list`.")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".csv .xlsx .ndjson")]
Dept = Annotated[str, typer.Option("--dept", help="Whose register it is.")]

_err = Console(stderr=True, soft_wrap=True)


@app.command("list")
def listed(as_json: AsJson = False) -> None:
    """List the registers of the city."""
    for one in load_pack(Settings().city).registers:
        if as_json:
            typer.echo(json.dumps({"id": one.id, "name": one.name, "basis": one.basis}, ensure_ascii=False))
        else:
            typer.echo(f"{one.id:24} {one.name}（{one.basis}）")


@app.command("show")
def show(name: Name, as_json: AsJson = False) -> None:
    """Show a register: who keeps it, its code and its fields, which are a file's columns."""
    register = _register(load_pack(Settings().city), name)
    if as_json:
        typer.echo(register.model_dump_json(by_alias=True))
        return
    typer.echo(f"{register.name}\n  {register.about}\n  依据：{register.basis}")
    typer.echo(f"  登记：{'、'.join(register.depts)}（{'、'.join(register.levels)}）")
    typer.echo(f"  {register.key}：编码，格式 {register.key_pattern}")
    for one in register.fields:
        need = {"required": "必填", "expected": "应填", "optional": "选填"}[one.need]
        more = "、".join(one.values) or one.pattern or one.register_
        typer.echo(f"  {one.name}：{one.type}，{need}{'，' + more if more else ''}")


@app.command("check")
def check(name: Name, file: File, dept: Dept = "", as_json: AsJson = False) -> None:
    """Check a file offline by the judge's own rules; 1 where a row may not go."""
    pack = load_pack(Settings().city)
    register = _register(pack, name)
    examination = Examination(pack, register, _department(pack, dept) if dept else pack.lead_office)
    refused = _exhausted(examination, file)
    _report(examination, {"fitting": examination.read - examination.refused}, refused, as_json=as_json)


@app.command("import")
def import_file(
    name: Name,
    file: File,
    *,
    key: Key = "",
    dept: Dept = "",
    url: Url = None,
    portal: Annotated[str | None, typer.Option("--portal", help="The portal, asked what it holds already.")] = None,
    compare: Annotated[bool, typer.Option(help="Ask the portal first, and send what is new or changed.")] = True,
    as_json: AsJson = False,
) -> None:
    """Send a register's file with a bar beside, what is held already left out; 1 where a row was refused."""
    settings, pack = Settings(), load_pack(Settings().city)
    register, keeper = _register(pack, name), _department(pack, dept or dept_of(key))
    held = loading.held_by(portal or settings.url_of("portal"), name, keeper) if compare else {}
    examination = Examination(pack, register, keeper)
    with closing(client_of(key, url)) as client:
        counts, refused = _sent(client, dept_of(key), examination, file, held)
    _report(examination, counts, refused, as_json=as_json)


def _sent(
    client: GatewayClient, sender: str, examination: Examination, file: Path, held: dict[str, loading.Held]
) -> tuple[dict[str, int], Refused | None]:
    """Read, check and send in one go; the counts, and why the file ended early if it did."""
    counted: Counter[str] = Counter(sent=0, unchanged=0, not_taken=0)
    ended: list[Refused] = []
    with _bar() as progress:
        task = progress.add_task(escape(file.name), total=reading.length(file))

        def fresh() -> Iterator[Line]:
            try:
                rows = reading.rows_of(file, examination.register, examination.pack)
                for line in loading.fresh(examination.lines(rows), held):
                    if line is None:
                        counted["unchanged"] += 1
                    else:
                        yield line
                    progress.update(task, completed=examination.read)
            except Refused as error:
                ended.append(error)

        origin = loading.Origin(sender, examination.keeper, examination.register.id, _written(file))
        made = loading.loads(fresh(), origin)
        for answered in loading.send(client, made):
            counted["sent" if answered.taken else "not_taken"] += len(answered.load.rows)
            if not answered.taken:
                _tell(answered)
        progress.update(task, total=examination.read, completed=examination.read)
    return dict(counted), ended[0] if ended else None


def _exhausted(examination: Examination, file: Path) -> Refused | None:
    try:
        for _ in examination.lines(reading.rows_of(file, examination.register, examination.pack)):
            pass
    except Refused as error:
        return error
    return None


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=_err)


def _tell(answered: loading.Answered) -> None:
    """Why the door refused a load, by the rows of the file."""
    answer, rows = answered.answer, answered.load.rows
    _err.print(f"第{rows[0]}至{rows[-1]}行未被接收（{answer['status']}）。 not taken", markup=False)
    for one in answer.get("findings", ())[:20]:
        parts = one.get("place", "").split("/")
        row = rows[int(parts[3])] if len(parts) > 3 and parts[2] == "records" and parts[3].isdecimal() else rows[0]
        _err.print(f"  第{row}行 [{one['rule']}] {one['message']['zh']} {one['message']['en']}", markup=False)


def _report(examination: Examination, counts: dict[str, int], ended: Refused | None, *, as_json: bool) -> None:
    whole = {"read": examination.read, **counts, "refused": examination.refused, "duplicates": examination.duplicates}
    bad = bool(examination.refused or counts.get("not_taken") or ended)
    if as_json:
        typer.echo(json.dumps(_for_machines(examination, whole, ended), ensure_ascii=False))
    else:
        for one in examination.remarks:
            typer.echo(f"第{one.number}行 [{one.code}] {one.zh}\n    row {one.number}: {one.en}")
        if examination.remarked > len(examination.remarks):
            typer.echo(f"… {examination.remarked - len(examination.remarks)} more")
        if ended is not None:
            _err.print(f"[{ended.code}] {ended.place} {ended.zh} {ended.en}", markup=False)
        typer.echo(", ".join(f"{name.replace('_', ' ')} {count}" for name, count in whole.items()))
    raise typer.Exit(EXIT_FINDINGS if bad else EXIT_OK)


def _for_machines(examination: Examination, whole: dict[str, int], ended: Refused | None) -> dict[str, Any]:
    remarks: Iterable[dict[str, Any]] = (
        {"row": one.number, "rule": one.code, "zh": one.zh, "en": one.en, "refused": one.refused}
        for one in examination.remarks
    )
    end = {"code": ended.code, "place": ended.place, "zh": ended.zh, "en": ended.en} if ended else None
    return {**whole, "remarks": list(remarks), "ended": end}


def _register(pack: Pack, name: str) -> Register:
    found = pack.register.get(name)
    if found is None:
        raise typer.BadParameter(
            f"没有名为“{name}”的清单，请看 `gongkai register list`。\n"
            f"there is no register {name!r}: `gongkai register list` names them"
        )
    return found


def _department(pack: Pack, dept: str) -> str:
    check_known(pack, dept)
    return dept


def _written(file: Path) -> datetime:
    """When a file was written, so that sending it again repeats its events; now, where that is too long ago."""
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return written if timedelta(0) <= now() - written < timedelta(hours=23) else now()
