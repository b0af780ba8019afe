"""Commands of the door: keys, sending files and history, reading rejections."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bus.clock import now
from bus.errors import EXIT_FINDINGS, EXIT_OK
from bus.settings import Settings
from producers import formats
from producers.calling import AsJson, Key, Url, check_known, client_of, day_in, dept_of, table_of
from producers.client import GatewayClient
from producers.duties import app as duties_app
from producers.keys.commands import app as keys_app
from producers.personal.commands import app as personal_app
from producers.redrive.commands import app as redrive_app
from producers.refusals import Refused
from producers.registers.commands import app as register_app
from producers.sending import count, events_in, history
from schemas.city import PackError, load_pack

app = typer.Typer()
rejections_app = typer.Typer(no_args_is_help=True, help="What was refused, by which rule, and how to mend it.")
app.add_typer(keys_app, name="keys")
app.add_typer(rejections_app, name="rejections")
app.add_typer(duties_app, name="duties")
app.add_typer(register_app, name="register")
app.add_typer(redrive_app)
app.add_typer(personal_app)

Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help=".json .ndjson .csv .txt")]

_out = Console()
_err = Console(stderr=True)


@app.command()
def publish(
    files: Files,
    *,
    key: Key = "",
    url: Url = None,
    template: Annotated[
        str | None,
        typer.Option("--template", metavar="ROW", help="Write NAME.meta.toml for this row; send nothing."),
    ] = None,
    kind: Annotated[str | None, typer.Option(help="With --template: the kind, where the row takes several.")] = None,
    title: Annotated[str | None, typer.Option(help="With --template: the title; else the text's first line.")] = None,
    as_json: AsJson = False,
) -> None:
    """Send events to the gateway: .json, .ndjson, .csv, or .txt with its NAME.meta.toml; 1 where any was refused."""
    if template is not None:
        for file in files:
            _out.print(_write_template(file, template, kind, title), markup=False)
        return
    with client_of(key, url) as client:
        _finish(_send(client, dept_of(key), files, backfill=False), as_json=as_json)


@app.command("import")
def import_history(
    files: Files,
    backfill: Annotated[bool, typer.Option("--backfill", help="Say that it is history, published before.")] = False,
    key: Key = "",
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Send history with the lead office's key: no message goes to the public, nothing is scored."""
    if not backfill:
        raise typer.BadParameter(
            "导入历史信息须加 --backfill；现在公开的信息请用 `gongkai publish`。\n"
            "history is imported with --backfill; what is published now goes by `gongkai publish`"
        )
    with client_of(key, url) as client:
        _finish(_send(client, dept_of(key), files, backfill=True), as_json=as_json)


Only = Annotated[str | None, typer.Option("--dept", help="For the lead office: another department, or all.")]


@rejections_app.command("list")
def list_rejections(  # noqa: PLR0917 - one an option
    key: Key = "",
    url: Url = None,
    dept: Only = None,
    code: Annotated[str | None, typer.Option(help="Those of one rule, such as REJ-ELEMENTS.")] = None,
    day: Annotated[str | None, typer.Option(help="Those that came on a day, YYYY-MM-DD.")] = None,
    state: Annotated[str | None, typer.Option(help="open: not mended yet; corrected: mended.")] = None,
    as_json: AsJson = False,
) -> None:
    """List a department's rejections, oldest first, each with the event that corrected it."""
    rows = _rejections(key, url, dept, code=code, day=day_in(day), state=_state(state))
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    _out.print(table_of(("id", "dept", "event", "rule", "what", "corrected"), [_rejection_row(row) for row in rows]))


@rejections_app.command("show")
def show_rejection(
    event_id: Annotated[str, typer.Argument(help="Id of the event, or of its rejection.")],
    key: Key = "",
    url: Url = None,
    dept: Only = None,
    as_json: AsJson = False,
) -> None:
    """Show why an event was refused, how to mend it, and what mended it."""
    rows = _rejections(key, url, dept)
    found = [row for row in rows if event_id in {row["id"], (row["data"].get("event") or {}).get("id")}]
    if not found:
        _err.print(f"没有“{event_id}”的退回记录。 no rejection of {event_id}", markup=False)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        for row in found:
            typer.echo(_explained(row))
    raise typer.Exit(EXIT_OK if found else EXIT_FINDINGS)


def _state(word: str | None) -> str | None:
    if word in (None, "open", "corrected"):
        return word
    raise typer.BadParameter(f"“{word}”不是 open 或 corrected。\n{word!r} is neither open nor corrected")


def _send(client: GatewayClient, dept: str, files: Iterable[Path], *, backfill: bool) -> Iterator[dict[str, Any]]:
    """The answers to every event of `files`, with a bar beside."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_err) as progress:
        for file in files:
            task = progress.add_task(escape(file.name), total=count(file))
            events = events_in(file, dept, _written(file), client)
            answers = client.publish_all(map(history, events) if backfill else events)
            for number, answer in enumerate(answers, start=1):
                progress.advance(task)
                yield {"file": str(file), "number": number, **answer}
            progress.update(task, total=progress.tasks[task].completed)


def _written(file: Path) -> datetime:
    """The time of a file's events that name none: when it was written, so that sending it again repeats them."""
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return written if now() - written < timedelta(hours=23) else now()


def _finish(answers: Iterable[dict[str, Any]], *, as_json: bool) -> None:
    """Print every answer for a machine, else those that a person must act on; exit 1 where there is one."""
    counted: Counter[str] = Counter()
    bad = 0
    try:
        for answer in answers:
            counted[answer.get("outcome", "refused")] += 1
            refused = answer["status"] >= 400
            bad += refused
            if as_json:
                typer.echo(json.dumps(answer, ensure_ascii=False))
            elif refused:
                _out.print(_answer_text(answer), markup=False)
    except Refused as error:
        _err.print(f"[{error.code}] {error.place} {error.zh} {error.en}", markup=False)
        bad += 1
    if not as_json:
        _out.print(", ".join(f"{name} {n}" for name, n in sorted(counted.items())) or "nothing was sent")
    raise typer.Exit(EXIT_FINDINGS if bad else EXIT_OK)


def _answer_text(answer: dict[str, Any]) -> str:
    said = "".join(
        f"\n    [{f['rule']}] {f['message']['zh']}{f['remedy']['zh']}\n    {f['message']['en']} {f['remedy']['en']}"
        + (f"\n    {f['page']}" if f.get("page") else "")
        for f in answer.get("findings", ())
    )
    place = f"{Path(answer['file']).name}:{answer['number']}"
    message = answer.get("message", {}).get("zh", answer.get("zh", ""))
    return f"{place} {answer.get('id') or ''} {message} ({answer['status']}){said}"


def _rejections(
    key: str, url: str | None, dept: str | None, *,
    code: str | None = None, day: str | None = None, state: str | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Every rejection that the key may read and that is wanted, with what corrected it under `corrected`."""
    rows: list[dict[str, Any]] = []
    after = 0
    with client_of(key, url) as client:
        while (page := client.rejections(after, dept, code=code, day=day, state=state))["items"]:
            rows += ({**item["record"], "corrected": item["corrected"]} for item in page["items"])
            after = page["next"]
    if dept not in (None, "all") and not rows:
        with suppress(PackError):  # far from the city's pack, an empty list is all that is known
            check_known(load_pack(Settings().city), dept)
    return rows


def _rejection_row(row: dict[str, Any]) -> list[str]:
    data, first = row["data"], row["data"]["findings"][0]
    mended = row["corrected"]["event_id"] if row["corrected"] else ""
    event = (data.get("event") or {}).get("id", "")
    return [row["id"], data["dept"], event, first["rule"], first["message"]["zh"], mended]


def _explained(row: dict[str, Any]) -> str:
    data = row["data"]
    lines = [f"{row['id']}  {row['time']}  {data['dept']}  {(data.get('event') or {}).get('id', '')}"]
    for found in data["findings"]:
        lines += [f"[{found['rule']}] {found.get('place', '')} 依据:{found['basis']}",
                  f"    {found['message']['zh']}{found['remedy']['zh']}",
                  f"    {found['message']['en']} {found['remedy']['en']}"]  # fmt: skip
        lines += [f"    {Settings().url_of('portal')}{found['page']}"] if found.get("page") else []
    if mended := row["corrected"]:
        lines += [f"已由 {mended['event_id']} 改正。 corrected by {mended['event_id']} at {mended['at']}"]
    return "\n".join(lines)


def _write_template(file: Path, row_code: str, kind_name: str | None, title: str | None) -> Path:
    """Write the sidecar of a text for one row of the catalogue; one that is there already is left."""
    if file.suffix.lower() != ".txt":
        raise typer.BadParameter(
            f"只有 .txt 文本需要说明文件，“{file}”不是。\nonly a .txt text needs a sidecar, which {file} is not"
        )
    pack = load_pack(Settings().city)
    row = pack.row.get(row_code)
    if row is None:
        raise typer.BadParameter(
            f"目录里没有事项“{row_code}”，请用 `gongkai catalogue show` 查序号。\n"
            f"the catalogue has no row {row_code!r}: `gongkai catalogue show` lists them"
        )
    kind = pack.kind.get(kind_name or row.kinds[0])
    if kind is None or kind.name not in row.kinds:
        raise typer.BadParameter(
            f"事项 {row_code} 的文种只能是：{'、'.join(row.kinds)}。\n"
            f"row {row_code} takes --kind: {', '.join(row.kinds)}"
        )
    beside = file.with_name(formats.sidecar_name(file.name))
    if beside.exists():
        raise typer.BadParameter(
            f"“{beside}”已经存在，没有改动；要重写请先删除它。\n"
            f"{beside} is there already and was left: delete it to write it anew"
        )
    value = file.read_bytes()
    named = title or next((line.strip() for line in formats.decode_text(value).splitlines() if line.strip()), "")[:500]
    digest = formats.text_hash(value, named)
    _write_whole(beside, formats.template(row, kind, named, digest, file.stem))
    return beside


def _write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all, and name it where that fails."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from error
