"""The file drop: each file whole or not at all, answered beside it in both languages."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from producers import formats
from producers.checks import principal
from producers.drop_folder import DropFolder
from producers.files import FileDrop, Pass
from producers.gateway import Gateway
from tests.producers.door import Caller, code_of
from tests.support.events import NOON, JsonObject, submitted, to_bytes
from tests.support.waiting import eventually

TEXT = "关于开展汛前检查的通知\n各区:\n请于本月底前完成检查。\n"
ROW: dict[str, str] = {
    "编号": "2026-0101", "序号": "01-06", "类型": "notice", "标题": "关于开展汛前检查的通知",
    "正文": "请于本月底前完成检查。", "五公开": "管理", "渠道": "政府网站;两微一端", "摘要": "检查安排。",
    "成文日期": "2026-09-21", "签订日期": "2026-09-21",
    "要素:事项": "汛前检查", "要素:发布机关": "示例市发展和改革委员会", "要素:联系方式": "0999-6000000",
    **{f"{level}{role}": f"s{level}{number}@2026-09-21T0{level}:0{number}:00+08:00"
       for level in (1, 2, 3) for number, role in enumerate("审校")},
    "保密审查人": "s900", "保密审查结果": "公开", "保密审查时间": "2026-09-21T09:00:00+08:00",
}  # fmt: skip


@pytest.fixture
def drop(gateway: Gateway) -> Iterator[Path]:
    """The drop folder of fgw, with the service running over it."""
    service = FileDrop(gateway.settings, gateway.intake, gateway.door.uploads, grace=0.3, lone=0.5)
    service.start()
    yield gateway.settings.home / "drop" / "fgw"
    service.stop()
    assert service.failed is None


def put(folder: Path, name: str, value: bytes) -> None:
    """Rename a file in, as a careful sender does."""
    unfinished = folder / f".{name}.tmp"
    unfinished.write_bytes(value)
    unfinished.rename(folder / name)


def report(folder: Path, name: str, where: str) -> JsonObject:
    """The machine's report of a file, once it lies there."""
    eventually((folder / where / name).exists, saying=f"{name} in {where}: {list(folder.rglob('*'))}")
    text = (folder / where / f"{name}.report.txt").read_text(encoding="utf-8")
    assert any("\u4e00" <= character <= "\u9fff" for character in text)
    told: JsonObject = json.loads((folder / where / f"{name}.report.json").read_text(encoding="utf-8"))
    return told


def table(*rows: dict[str, str], encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def sidecar(text: str, **more: Any) -> str:
    digest = formats.text_hash(text.encode(), "关于开展汛前检查的通知")
    signs = "".join(
        f'[[sign_offs]]\nlevel = {level}\nrole = "{role}"\nperson = "s{level}{role == "审"}"\n'
        f"at = 2026-09-21T0{level}:00:00\n"
        for level in (1, 2, 3)
        for role in "审校"
    )
    extra = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in more.items())
    return (
        f'subject = "2026-0200"\nitem = "01-06"\nkind = "notice"\nversion = 1\n'
        f'title = "关于开展汛前检查的通知"\n'
        'summary = "检查安排。"\n'
        f'disclosure_attr = "主动公开"\nfive_open = "管理"\nchannels = ["政府网站", "两微一端"]\n'
        f'content_sha256 = "{digest}"\n{extra}[dates]\nformed = 2026-09-21\nsigned = 2026-09-21\n'
        '[elements]\n"事项" = "汛前检查"\n"发布机关" = "示例市发展和改革委员会"\n"联系方式" = "0999-6000000"\n'
        f'[secrecy_review]\nreviewer = "s9"\ndept = "fgw"\nresult = "公开"\nat = 2026-09-21T09:00:00\n{signs}'
    )


def test_every_kind_of_file_is_taken_and_the_events_pass_the_judge(drop: Path, caller: Caller) -> None:
    events = [submitted("fgw") for _ in range(3)]
    put(drop, "one.json", to_bytes(events[0]))
    put(drop, "more.ndjson", b"\n".join(map(to_bytes, events[1:])) + b"\n")
    put(drop, "table.csv", table(ROW, ROW | {"编号": "2026-0102"}))
    put(drop, "gbk.csv", table(ROW | {"编号": "2026-0103"}, encoding="gb18030"))
    put(drop, "notice.txt", TEXT.encode())
    put(drop, "notice.meta.toml", sidecar(TEXT).encode())

    for name, count in (("one.json", 1), ("more.ndjson", 2), ("table.csv", 2), ("gbk.csv", 1), ("notice.txt", 1)):
        told = report(drop, name, "done")
        assert [answer["status"] for answer in told["events"]] == [202] * count, told

    assert len(caller.waiting()) == 7
    eventually((drop / "done" / "notice.meta.toml").exists)
    bodies = {json.loads(sent.value or b"")["data"]["body"] for sent in caller.waiting()}
    assert "请于本月底前完成检查。" in bodies
    assert TEXT.rstrip() in bodies


@pytest.mark.parametrize(
    ("name", "value", "code", "place"),
    [
        ("cut.ndjson", to_bytes(submitted("fgw")) + b"\n" + to_bytes(submitted("fgw"))[:300], "FILE-CUT", "line 2"),
        ("bad.ndjson", b"{}\nnot json\n{}\n", "JSON", "line 2"),
        ("empty.json", b"", "FILE-EMPTY", ""),
        ("missing.csv", table({k: v for k, v in ROW.items() if k != "标题"}), "CSV-COLUMN", "row 1"),
        ("unknown.csv", table(ROW | {"标提": "x"}), "CSV-COLUMN", "row 1"),
        ("formula.csv", table(ROW, ROW | {"标题": "=HYPERLINK(1)"}), "CSV-FORMULA", "row 3"),
        ("quotes.csv", table(ROW) + b'"open', "CSV-FORM", ""),
        ("sign.csv", table(ROW | {"1审": "nobody"}), "INVALID", "row 2"),
        ("utf16.csv", table(ROW, encoding="utf-16"), "FILE-ENCODING", ""),
        ("alone.txt", TEXT.encode(), "META-MISSING", "alone.txt"),
        ("program.exe", b"MZ" + bytes(100), "FILE-UNKNOWN", "program.exe"),
        ("lone.pdf", b"%PDF-1.7", "FILE-UNKNOWN", "lone.pdf"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_refused_whole(
    drop: Path, caller: Caller, *, name: str, value: bytes, code: str, place: str
) -> None:
    put(drop, name, value)

    told = report(drop, name, "refused")

    assert (told["findings"][0]["rule"], told["findings"][0]["place"]) == (code, place)
    assert [(sent.topic, code_of(sent)) for sent in caller.waiting()] == [("rejections", code)]
    assert caller.outcomes() == {"rejected": 1}


def test_one_event_that_the_door_refuses_refuses_the_file(drop: Path, caller: Caller) -> None:
    put(drop, "mixed.ndjson", b"\n".join(map(to_bytes, [submitted("fgw"), submitted("jyj"), submitted("fgw")])))

    told = report(drop, "mixed.ndjson", "refused")

    assert [finding["rule"] for finding in told["findings"]] == ["SOURCE-WRONG"]
    assert told["findings"][0]["place"].startswith("event 2")
    assert [sent.topic for sent in caller.waiting()] == ["rejections"]


def test_a_sidecar_that_lacks_something_says_everything_that_is_missing(drop: Path) -> None:
    put(drop, "poor.meta.toml", b'subject = "1"\nkind = "notice"\n')
    put(drop, "poor.txt", TEXT.encode())

    told = report(drop, "poor.txt", "refused")

    said = told["findings"][0]["message"]["zh"]
    assert told["findings"][0]["rule"] == "META-INVALID"
    assert all(name in said for name in ("item", "title", "channels", "five_open", "version"))


def test_attachments_beside_an_event_are_taken_in(drop: Path, caller: Caller) -> None:
    plan = b"%PDF-1.7\nplan"
    named = {
        "sha256": hashlib.sha256(plan).hexdigest(),
        "name": "附件1.pdf",
        "type": "application/pdf",
        "size": len(plan),
    }
    put(drop, "with.json", to_bytes(submitted("fgw", attachments=[named])))
    put(drop, "附件1.pdf", plan)

    told = report(drop, "with.json", "done")

    assert told["events"][0]["outcome"] == "forwarded"
    found = caller.gateway.door.uploads.find(str(named["sha256"]))
    assert found is not None
    assert caller.gateway.door.uploads.place(found.sha256).read_bytes() == plan
    eventually((drop / "done" / "附件1.pdf").exists)


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/hostname", "link.pdf", "..", "a/b.pdf", ""])
def test_an_event_can_not_name_a_file_outside_its_folder(drop: Path, tmp_path: Path, name: str, caller: Caller) -> None:
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(b"%PDF-1.7 secret")
    (drop / "link.pdf").symlink_to(secret)
    digest = hashlib.sha256(secret.read_bytes()).hexdigest()
    attachment = {"sha256": digest, "name": name or "x", "type": "application/pdf", "size": 3}
    put(drop, "trick.json", to_bytes(submitted("fgw", attachments=[attachment])))

    told = report(drop, "trick.json", "refused")

    assert told["findings"][0]["rule"] == "REJ-ATTACHMENT"
    assert caller.gateway.door.uploads.find(digest) is None


def test_a_link_in_the_folder_is_not_followed(drop: Path, tmp_path: Path, caller: Caller) -> None:
    (tmp_path / "event.json").write_bytes(to_bytes(submitted("fgw")))
    (drop / "link.json").symlink_to(tmp_path / "event.json")
    put(drop, "zz.json", to_bytes(submitted("fgw")))

    report(drop, "zz.json", "done")

    assert (drop / "link.json").is_symlink()
    assert len(caller.waiting()) == 1


def test_a_file_that_is_still_written_is_left_alone(gateway: Gateway, caller: Caller) -> None:
    service = FileDrop(gateway.settings, gateway.intake, gateway.door.uploads)
    folder = gateway.settings.home / "drop" / "fgw"
    DropFolder(folder).make()
    value = to_bytes(submitted("fgw"))
    with (folder / "slow.json").open("wb", buffering=0) as file:
        for start in range(0, len(value), 200):
            file.write(value[start : start + 200])
            service.look("fgw")
    assert caller.outcomes() == {}

    service.look("fgw")

    assert caller.outcomes() == {"forwarded": 1}
    assert report(folder, "slow.json", "done")["outcome"] == "done"


def test_after_a_crash_between_commit_and_move_the_second_pass_repeats_and_ends_it(
    gateway: Gateway, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DropFolder(gateway.settings.home / "drop" / "fgw")
    folder.make()
    put(folder.path, "table.csv", table(ROW, ROW | {"编号": "2026-0102"}))

    def once() -> None:
        Pass(gateway.intake, gateway.door.uploads, folder, principal(gateway.intake.pack, "fgw", "file")).answer(
            "table.csv", waited=1, grace=0, lone=0
        )

    class Crash(BaseException): ...

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(DropFolder, "answer", crash)
        with pytest.raises(Crash):
            once()
    assert (folder.path / "table.csv").exists()
    monkeypatch.setattr(gateway.intake, "clock", lambda: NOON.replace(hour=9))
    once()

    told = report(folder.path, "table.csv", "done")
    assert [answer["outcome"] for answer in told["events"]] == ["repeated", "repeated"]
    assert len(caller.waiting()) == 2


def test_a_name_that_is_there_already_is_not_overwritten(drop: Path) -> None:
    for _ in range(2):
        put(drop, "daily.json", to_bytes(submitted("fgw")))
        eventually(lambda: not (drop / "daily.json").exists())

    assert len(list((drop / "done").glob("daily*.json"))) >= 2
    assert len([path for path in (drop / "done").glob("daily*.json") if ".report." not in path.name]) == 2
