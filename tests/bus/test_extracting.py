"""Strangers' files, opened in a process of their own: whatever they are, there is an answer and nobody is hurt."""

from __future__ import annotations

import io
import os
import pickle
import sys
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bus.errors import Retriable
from bus.extracting import Texts, archive, examine_into, examined, parent
from bus.extracting.gathering import MOST_CHARACTERS, Gathering, letters
from bus.extracting.pdf import unwrapped
from bus.extracting.reading import read
from bus.settings import Settings
from schemas.extracts import Extract, Properties, from_bytes, to_bytes
from tests.support import papers

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def opened(value: bytes) -> Extract:
    """What is found in these bytes; in this process, for they are ours."""
    return read(io.BytesIO(value))


def said(value: bytes) -> dict[str, str]:
    return {piece.place: piece.text for piece in opened(value).pieces}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "given"
    assert not _children()


def _children() -> list[str]:
    """Processes that read files for this one and were left."""
    left = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = [pid for each in left for pid in each.read_text().split()]
    return [pid for pid in pids if b"bus.extracting.child" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_word_document_gives_all_that_a_reader_could_find_in_it() -> None:
    value = papers.docx(
        "第一段", "第二段", table=[["姓名", "电话"], ["甲", "1"]], header="眉", footer="脚", comment="批",
        inserted="加", deleted="删", author="作", editor="存", company="单位",
    )  # fmt: skip
    assert said(value) == {
        "正文": "第一段\n第二段\n加", "表1!1:1": "姓名\t电话", "表1!A2": "甲", "表1!B2": "1",
        "正文中修订删除的文字": "删", "页眉": "眉", "页脚": "脚", "批注": "批",
    }  # fmt: skip
    assert opened(value).properties == Properties("作", "存", "单位", tracked=2, comments=1)


def test_parts_of_a_word_document_are_known_by_what_they_are_and_not_by_their_names() -> None:
    hidden = f"<w:document {W}><w:body>{papers.paragraph('藏起来的正文')}</w:body></w:document>"
    found = opened(papers.docx("正文", more={"word/media/image1.png": hidden, "word/media/image2.png": b"\x89PNG"}))
    assert [piece.text for piece in found.pieces] == ["正文", "藏起来的正文"]


def test_a_text_box_is_read_once_and_tables_within_tables_all() -> None:
    inner = papers.word_table([["内", "层"]])
    box = (
        "<w:p><w:r><w:t>外</w:t><mc:AlternateContent xmlns:mc='m'><mc:Choice><w:txbxContent>"
        f"{papers.paragraph('框')}</w:txbxContent></mc:Choice><mc:Fallback>{papers.paragraph('框')}</mc:Fallback>"
        f"</mc:AlternateContent></w:r></w:p><w:tbl><w:tr><w:tc>{inner}{papers.paragraph('格')}</w:tc></w:tr></w:tbl>"
    )
    found = said(papers.docx(more={"word/document.xml": f"<w:document {W}><w:body>{box}</w:body></w:document>"}))
    assert found == {"正文": "框\n外", "表1!A1": "格", "表2!1:1": "内\t层"}


def test_a_spreadsheet_gives_cells_with_heads_hidden_sheets_and_what_stands_beside() -> None:
    value = papers.xlsx(
        [["补助名单"], ["姓名", "联系电话"], ["甲", 13800000000], ["乙", 0.5]], hidden=[["底", "稿"]], comment="批",
        author="作", header="眉",
    )  # fmt: skip
    found = opened(value)
    places = {piece.place: (piece.text, piece.label) for piece in found.pieces}
    assert places["表 名单!B3"] == ("13800000000", "联系电话 甲")
    assert places["表 名单!B4"][0] == "0.5"
    assert places["表 名单!2:2"][0] == "姓名\t联系电话"
    assert {"批", "底\t稿"} <= {piece.text for piece in found.pieces}
    assert any("眉" in piece.text for piece in found.pieces)
    assert found.properties == Properties("作", comments=1, hidden=1)


def test_a_pdf_gives_its_pages_notes_and_properties() -> None:
    found = opened(papers.pdf("一\n二", "三", note="注", Author="作", Company="单位"))
    assert [piece.text.strip() for piece in found.pieces] == ["一\n二", "注", "三", "注"]
    assert [piece.place for piece in found.pieces] == ["第1页", "第1页批注1", "第2页", "第2页批注2"]
    assert (found.properties.author, found.properties.company, found.properties.comments) == ("作", "单位", 2)


def test_a_line_that_goes_on_in_the_next_is_joined_and_a_short_one_is_not() -> None:
    full = "各级各部门要把这项工作作为当前重点任务切实抓紧抓好认真布"
    assert unwrapped(f"标题\n{full}\n署到位。\n秘密\n正文") == f"标题\n{full}署到位。\n秘密\n正文"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_text_is_read_in_its_encoding_and_a_table_of_values_by_its_heads(encoding: str) -> None:
    assert said("一\r\n二\n".encode(encoding)) == {"全文": "一\n二\n"}
    assert said("名,号\r\n甲,1\r\n".encode(encoding)) == {"表!1:1": "名\t号", "表!A2": "甲", "表!B2": "1"}


def zip_with(members: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, value in members:
            made.writestr(zipfile.ZipInfo(name, (2026, 3, 10, 9, 0, 0)), value)
    return out.getvalue()


def document(inside: str | bytes, before: bytes = b"") -> bytes:
    inside = inside.encode() if isinstance(inside, str) else inside
    start = before + f"<w:document {W}>".encode()
    return papers.docx(more={"word/document.xml": start + inside + b"</w:document>"})


@pytest.mark.parametrize(
    ("trouble", "value"),
    [
        ("encrypted", papers.pdf("密", password="secret")),
        ("encrypted", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le")),
        ("damaged", b"%PDF-1.7\nplan\n"),
        ("damaged", papers.pdf("页")[:200]),
        ("damaged", b"PK\x03\x04" + bytes(100)),
        ("damaged", papers.docx("正文。" * 500)[:-40]),
        ("damaged", document("<w:body>")),
        ("damaged", papers.docx(more={"word/document.xml": b"\xff\xfe\x00<"})),
        ("damaged", zip_with([("xl/workbook.xml", b"<workbook/>")])),
        ("unsafe", document("&x;", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>')),
        ("unsafe", document("&b;", b'<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;&a;">]>')),
        ("limits", document("<a>" * 2_000)),
        ("limits", zip_with([(f"word/{number}.xml", b"") for number in range(10_001)])),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_opened_is_said_to_be_so(trouble: str, value: bytes) -> None:
    found = opened(value)
    assert (found.trouble, found.pieces, found.text_sha256) == (trouble, (), None)


def test_of_two_members_with_one_name_none_is_believed() -> None:
    inside = f"<w:document {W}/>".encode()
    with pytest.warns(UserWarning, match="Duplicate"):
        value = zip_with([("word/document.xml", inside), ("word/document.xml", inside)])
    assert opened(value).trouble == "unsafe"


@pytest.mark.parametrize("value", [b"", b"\x89PNG\r\n\x1a\n" + bytes(64), b"\x00" * 64, zip_with([("a.bin", b"1")])])
def test_what_holds_no_text_is_no_trouble(value: bytes) -> None:
    assert opened(value).openable
    assert not opened(value).pieces


def test_a_text_beyond_the_limit_is_cut_and_said_to_be() -> None:
    found = opened(("各单位要认真部署。\n" * (MOST_CHARACTERS // 9)).encode())
    assert found.cut
    assert found.text_sha256 is None
    assert sum(len(piece.text) for piece in found.pieces) == MOST_CHARACTERS
    assert found.pieces[1].place == "全文（2）"


def test_what_no_json_holds_is_left_out_and_the_bytes_are_the_same_each_time() -> None:
    gathered = Gathering()
    gathered.words("甲", "一\x00二\ud800三\x0b四", label="\x01五")
    extract = gathered.extract("other")
    assert extract.pieces[0].text == "一 二 三\n四"
    assert to_bytes(from_bytes(to_bytes(extract))) == to_bytes(extract)


@pytest.mark.parametrize(("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (16_383, "XFD")])
def test_a_column_has_the_name_that_spreadsheets_give_it(column: int, name: str) -> None:
    assert letters(column) == name


def test_the_child_says_what_is_said_here_and_knows_nothing_of_this_process(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(papers.docx("正文。"))
    assert examined(file) == to_bytes(opened(papers.docx("正文。")))
    monkeypatch.setenv("PASSWORD", "secret")
    told = 'import os, sys; sys.stdout.write(\'{"form":"text","cut":%s}\' % str("PASSWORD" in os.environ).lower())'
    monkeypatch.setattr(parent, "_COMMAND", (sys.executable, "-I", "-S", "-c", told))
    assert not from_bytes(examined(file)).cut


def test_a_document_that_grows_beyond_the_limit_is_not_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000_000)
    assert opened(document(b"<w:p>" + b" " * 999_000 + b"</w:p>")).openable
    assert opened(document(b"<w:p>" + b" " * 1_001_000 + b"</w:p>")).trouble == "limits"


def test_a_sheet_whose_only_cells_are_the_first_and_the_last_ends_its_own_process_and_nothing_else(file: Path) -> None:
    """To hold what lies between would take more memory than any machine has."""
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    sheet = f"<worksheet><sheetData>{cells}</sheetData></worksheet>".encode()
    members = dict(zipfile_members(papers.xlsx([["a"]]))) | {"xl/worksheets/sheet1.xml": sheet}
    file.write_bytes(zip_with([*members.items()]))
    assert from_bytes(examined(file)).trouble in {"limits", "damaged"}


def zipfile_members(value: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(value)) as whole:
        for name in whole.namelist():
            yield name, whole.read(name)


BUSY = """
from bus.extracting import child
child._LIMITS = tuple((one, 1, 1 + hard - soft) if soft == child.SECONDS else (one, soft, hard)
                      for one, soft, hard in child._LIMITS)
child.limit()
while True:
    pass
"""


@pytest.mark.parametrize(
    ("program", "trouble"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "limits"),
        ("import os; os.abort()", "limits"),
        (BUSY, "limits"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", None),
        ("raise SystemExit(1)", None),
        ("print('no extract')", None),
    ],
)
def test_a_child_that_met_a_limit_is_an_answer_and_one_that_was_ended_is_none(
    file: Path, monkeypatch: pytest.MonkeyPatch, program: str, trouble: str | None
) -> None:
    file.write_bytes(b"given")
    monkeypatch.setattr(parent, "_COMMAND", (sys.executable, "-I", "-c", program))
    if trouble is not None:
        assert from_bytes(examined(file)).trouble == trouble
        return
    with pytest.raises(Retriable, match="could not be examined"):
        examined(file)


def test_a_child_that_never_answers_is_ended(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(b"given")
    monkeypatch.setattr(parent, "_COMMAND", (sys.executable, "-I", "-c", "import time; time.sleep(600)"))
    monkeypatch.setattr(parent, "PATIENCE", 0.2)
    with pytest.raises(Retriable, match="timed out"):
        examined(file)


def test_what_was_found_is_kept_whole_beside_the_file_and_read_in_any_process(tmp_path: Path) -> None:
    settings, digest = Settings(home=tmp_path, _env_file=None), "ab" + "0" * 62
    given = tmp_path / "given"
    given.write_bytes("正文".encode())
    examine_into(given, settings.text_of(digest))
    texts = Texts(settings.text_of)
    assert texts(digest) is texts(digest)
    assert pickle.loads(pickle.dumps(texts))(digest).pieces[0].text == "正文"
    assert [path.name for path in settings.text_of(digest).parent.iterdir()] == [f"{digest}.text"]


def test_what_is_not_there_or_torn_is_trouble_and_never_no_text(tmp_path: Path) -> None:
    place = tmp_path / "a.text"
    texts = Texts(partial(_always, place))
    for value in (None, b"", b'{"form":"te'):
        if value is not None:
            place.write_bytes(value)
        with pytest.raises(Retriable, match="can't be read"):
            texts("0" * 64)


def _always(place: Path, _: str) -> Path:
    return place
