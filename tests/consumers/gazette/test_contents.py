"""The order of an issue: sections as the pack has them, documents by their numbers (GZ-07)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bus.settings import Settings
from consumers.gazette.contents import Editor, Entry
from schemas.city import PackError, load_pack
from schemas.city.gazette import load_sections
from tests.support.releasing import example_files

CITY = Settings.model_fields["city"].default


@pytest.fixture(scope="module")
def editor() -> Editor:
    return Editor(load_pack(CITY), load_sections(CITY))


def entry(docno: str | None, kind: str = "normative-document", dept: str = "zfb", formed: str = "2026-09-01") -> Entry:
    return Entry(f"{dept}/{docno}", 1, f"题 {docno}", docno, date.fromisoformat(formed), dept, kind, "文")


def test_sections_stand_in_the_lawful_order_whatever_came_first(editor: Editor) -> None:
    found = editor.contents([
        entry("示民发〔2026〕3号", dept="mzj"),
        entry(None, "personnel", "rsj"),
        entry("示政办发〔2026〕1号"),
        entry("示例市人民政府令第7号", "government-rule"),
        entry("示政发〔2026〕9号"),
    ])  # fmt: skip
    assert [each.section.name for each in found] == [
        "市政府令", "市政府文件", "市政府办公室文件", "部门规范性文件", "人事任免",
    ]  # fmt: skip


def test_within_a_section_numbers_count_as_numbers(editor: Editor) -> None:
    numbers = ["示政发〔2026〕10号", "示政发〔2026〕9号", "示政发〔2025〕30号"]
    (section,) = editor.contents([entry(number) for number in numbers])
    assert [each.docno for each in section.entries] == ["示政发〔2025〕30号", "示政发〔2026〕9号", "示政发〔2026〕10号"]


def test_what_fits_nowhere_else_stands_last(editor: Editor) -> None:
    found = editor.contents([entry(None, "unheard-of", "nobody"), entry("示政发〔2026〕1号")])
    assert found[-1].section.id == "others"


def test_a_pack_without_sections_or_with_a_wrong_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"gazette\.toml"):
        load_sections(tmp_path)
    (tmp_path / "gazette.toml").write_text('[a]\nname = "甲"\nbasis = "乙"\nkind = ["x"]\n', encoding="utf-8")
    with pytest.raises(PackError, match="kind"):
        load_sections(tmp_path)


def test_a_section_of_a_kind_that_the_pack_lacks_is_refused() -> None:
    files = example_files(1)
    files["gazette.toml"] += '[more]\nname = "甲"\nbasis = "乙"\nkinds = ["unheard-of", "plan"]\n'.encode()
    with pytest.raises(PackError, match=r"gazette\.toml more\.kinds: PACK-REF.*unheard-of"):
        load_sections(files)
