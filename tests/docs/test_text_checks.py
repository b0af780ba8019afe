"""docs/text-checks.md is run: its text gives its findings, its file adds its words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from producers.checking import app
from rules.texts import check_text
from schemas.city import PackError, load_pack
from schemas.city.sources import pack_files
from schemas.reasons import TEXTS, Reason
from tests.rules.making import ROOT, pack

PAGE = (ROOT / "docs/text-checks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
OWN = next(block for language, block in BLOCKS if language == "toml")


def with_file(text: str, name: str = "checks/own.toml") -> dict[str, bytes]:
    return pack_files(ROOT / "cities/example") | {name: text.encode()}


def test_the_texts_findings_are_those_the_page_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_CITY", str(ROOT / "cities/example"))
    text, told = (block for language, block in BLOCKS if language == "text")
    file = tmp_path / "notice.txt"
    file.write_text(text, encoding="utf-8")
    command = re.search(r"`gongkai check notice.txt (--at .*?)`", PAGE)
    assert command
    result = CliRunner().invoke(app, [str(file), *command[1].split()])
    found = json.loads(result.stdout)["findings"]
    lines = [f"{one['rule']} {one['severity']} {one['span'][0]}-{one['span'][1]} {one['excerpt']}" for one in found]
    assert lines == told.splitlines()


def test_every_class_stands_with_its_severity() -> None:
    for reason in (reason for reason in Reason if reason.value.startswith("TX-")):
        assert re.search(rf"^\| `{reason.value}` \| .* \| {TEXTS[reason].severity} \|$", PAGE, re.MULTILINE), reason


@pytest.mark.parametrize(
    ("text", "rule", "found"),
    [
        ("做好资金筹错工作。", "TX-08", "筹错"),
        ("坚持公正、公平、公开的原则。", "TX-10", "公正、公平、公开"),
        ("商品限时抢购。", "TX-15", "限时抢购"),
        ("金额（待补表格）万元。", "TX-13", "（待补表格）"),
        ("会后收回\n\n关于有关事项的通知", "TX-02", "会后收回"),
    ],
)
def test_a_check_of_a_known_class_is_a_file_and_no_code(text: str, rule: str, found: str) -> None:
    more = load_pack(with_file(OWN))
    (one,) = check_text(more, text)
    assert one.span is not None
    assert (one.rule, text[slice(*one.span)]) == (rule, found)
    assert check_text(pack(), text) == ()


def test_what_the_file_allows_and_what_is_right_stay_unsaid() -> None:
    more = load_pack(with_file(OWN))
    assert check_text(more, "统筹错峰用电。坚持公平、公正、公开的原则。") == ()


@pytest.mark.parametrize(
    ("text", "key", "code"),
    [
        ("[typo]\n", "typo", "PACK-VALUE"),
        ('[[patterns]]\nrule = "TX-99"\nwords = ["a"]\n', "patterns.0.rule", "PACK-VALUE"),
        ('[[patterns]]\nrule = "TX-13"\nwords = ["a"]\nregex = "("\n', "patterns.0.regex", "PACK-VALUE"),
        ('[[patterns]]\nrule = "TX-13"\nwords = []\n', "patterns.0.words", "PACK-VALUE"),
        ('[[phrases]]\nname = "a"\nmembers = ["b"]\n', "phrases.0.members", "PACK-VALUE"),
        ('[[roster]]\norder = 1\nname = "甄示例"\ntitle = "市长"\nfrom = "x"\n', "roster.0.from", "PACK-VALUE"),
        ('[typos]\n"部署" = ["布暑"]\n', "typos.部署", "PACK-DOUBLE"),
        ("[gaps]\nshortest = 40\n", "gaps", "PACK-DOUBLE"),
        ("[[patterns]\n", "", "PACK-TOML"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_with_file_and_key(text: str, key: str, code: str) -> None:
    with pytest.raises(PackError) as refused:
        load_pack(with_file(text, "checks/zz.toml"))
    (problem,) = refused.value.problems
    assert (problem.file, problem.column, problem.code) == ("checks/zz.toml", key, code)


def test_a_pack_without_the_folder_looks_for_nothing() -> None:
    files = {name: value for name, value in with_file(OWN).items() if not name.startswith("checks/")}
    assert check_text(load_pack(files), "机密★\n\n要认真布署。") == ()
