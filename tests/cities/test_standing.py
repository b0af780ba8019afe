"""What duties.toml names is what the pack has; each word that is not is named by `city check`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from schemas.city import PackError, load_pack
from tests.rules.making import ROOT

WRONG = {
    'clock = "CLK-12"': ('clock = "CLK-99"', "monthly-digest.clock", "CLK-99"),
    'owes = ["class:B", "class:C"]': ('owes = ["class:B", "nobody"]', "catalogue-completion.owes", "nobody"),
    'kinds = ["normative-document"]': ('kinds = ["no-such"]', "expiry.kinds", "no-such"),
    'lifecycle = "reassessment"': ('lifecycle = "no-such"', "foi-reassessment.lifecycle", "no-such"),
    'answers = "renewed"': ('answers = "sung"', "column.lifecycle", "sung"),
}


def test_a_word_of_a_standing_duty_that_names_nothing_is_refused_by_its_name(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "cities/example", tmp_path / "city"))
    text = (folder / "duties.toml").read_text("utf-8")
    for right, (wrong, _, _) in WRONG.items():
        assert right in text
        text = text.replace(right, wrong, 1)
    (folder / "duties.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    found = {one.column: one for one in caught.value.problems if one.file == "duties.toml"}
    assert found.keys() == {column for _, column, _ in WRONG.values()}
    for _, column, named in WRONG.values():
        assert found[column].code == "PACK-REF"
        assert named in found[column].message
