"""Registers are data: a list more is a file more, and what is wrong with one names file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.city import Pack, PackError, load_pack
from schemas.city.sources import names, read

EXAMPLE = Path("cities/example")
LIST = """
name = "证明事项清单"
basis = "国办发〔2020〕42号"
title = "证明名称"
kind = "类别"
[[fields]]
name = "证明名称"
need = "required"
[[fields]]
name = "类别"
type = "enum"
values = ["保留", "取消"]
"""


def loaded(**files: str) -> Pack:
    """The example with some registers more, or changed."""
    held = {name: read(EXAMPLE, name) for name in names(EXAMPLE, "") if not name.startswith("demo/")}
    return load_pack(held | {f"registers/{name}.toml": text.encode() for name, text in files.items()})


def problem(text: str) -> tuple[str, str, str]:
    with pytest.raises(PackError) as caught:
        loaded(proofs=text)
    first = caught.value.problems[0]
    return first.file, first.column, first.message


def test_a_file_alone_makes_a_register() -> None:
    register = loaded(proofs=LIST).register["proofs"]
    assert (register.id, register.name, register.field["类别"].values) == ("proofs", "证明事项清单", ("保留", "取消"))
    assert register.versions == "many"
    assert register.searched == ("证明名称",)


@pytest.mark.feature("2-12")
def test_the_power_list_has_exactly_ten_types() -> None:
    register = load_pack(EXAMPLE).register["power-list"]
    assert register.kind == "事项类型"
    assert register.field[register.kind].values == (
        "行政许可", "行政处罚", "行政强制", "行政征收", "行政给付", "行政检查", "行政确认", "行政奖励", "行政裁决",
        "其他类",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "column", "word"),
    [
        ('title = "证明名称"', 'title = "证明名称"\ncolour = "red"', "colour", "Extra inputs"),
        ('basis = "国办发〔2020〕42号"', "", "basis", "Field required"),
        ('title = "证明名称"', 'title = "名称"', "", "'名称'"),
        ('need = "required"', 'need = "optional"', "", "so it is required"),
        ('type = "enum"', 'type = "text"', "", "an enum, and no other type"),
        ('["保留", "取消"]', '["保留", "保留"]', "fields.1", "names a value twice"),
        ('kind = "类别"', 'kind = "证明名称"', "", "its type is enum"),
        ('kind = "类别"', 'kind = "类别"\nkey_pattern = "["', "key_pattern", "is no pattern"),
        ('kind = "类别"', 'kind = "类别"\nkey = "类别"', "", "two fields have one name"),
        ('kind = "类别"', 'kind = "类别"\ndepts = ["nobody"]', "depts", "'nobody' is no department"),
        ('name = "类别"', 'name = "类\\"别"', "fields.1.name", "match pattern"),
    ],
)
def test_what_is_wrong_names_file_and_key(old: str, new: str, column: str, word: str) -> None:
    file, key, message = problem(LIST.replace(old, new))
    assert file == "registers/proofs.toml"
    assert key.startswith(column)
    assert word in message


def test_a_set_names_only_what_its_field_can_be() -> None:
    sets = '\n[[sets]]\nname = "全套"\nfield = "类别"\nvalues = ["保留", "新增"]\n'
    assert "'新增'" in problem(LIST + sets)[2]


def test_a_record_of_a_register_that_is_not_there_is_refused() -> None:
    field = '\n[[fields]]\nname = "对应事项"\ntype = "record"\nregister = "nothing"\n'
    assert problem(LIST + field)[1:] == ("fields.对应事项.register", "'nothing' is no register of this pack")
