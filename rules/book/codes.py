"""What is said of a catalogue (`CAT-E…`) and of a city pack (`PACK-…`) before a release, as rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rules.book.rule import Group, Rule
from schemas.records import Sentence

_HOUSE = "本平台接入规范"


class _Code(NamedTuple):
    id: str
    basis: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


_CATALOGUE = (
    _Code("CAT-E01", "政府信息公开条例第十二条", "目录事项没有公开依据。", "A row names no basis.",
          "在“公开依据”列写明法律法规的条款或文件的文号。", "Write the article or document number into 公开依据."),
    _Code("CAT-E02", "政府信息公开条例第二十六条", "没有公开时限，或时限无法解析，或文字与机器列不一致。",
          "A row has no time limit, or one that nobody can parse, or text and machine columns differ.",
          "在“公开时限”列写明起算点和期限，如“信息形成或者变更之日起20个工作日内”。",
          "Write trigger and length into 公开时限, such as 信息形成或者变更之日起20个工作日内."),
    _Code("CAT-E03", "政府信息公开条例第十条", "没有公开主体，或部门不在部门表中。",
          "A row names no publisher, or a department that the pack does not have.",
          "在“公开主体”列填写部门，机器列depts填写部门代码、class:或level:。",
          "Fill 公开主体, and `depts` with codes, class: or level: of the pack."),
    _Code("CAT-E04", "政府信息公开条例第二十三条", "没有勾选任何公开渠道。", "A row ticks no channel.",
          "在“公开渠道和载体”列用■勾选至少一个渠道。", "Tick at least one box of 公开渠道和载体 with ■."),
    _Code("CAT-E05", "政府信息公开条例第十三条", "公开方式未选，或主动、依申请同时勾选。",
          "A row ticks neither or both of 主动 and 依申请.",
          "“公开方式”只勾选主动、依申请之一；两种情形请分作两行。", "Tick one; make two rows of two cases."),
    _Code("CAT-E06", "政府信息公开条例第十二条", "没有列出公开内容要素。", "A row names no element.",
          "在“公开内容(要素)”列用顿号列出要素，可缺的要素后写（可选）。",
          "List elements in 公开内容(要素); write （可选） behind one that may be missing."),
    _Code("CAT-E07", "政府信息公开条例第二十六条；上级目录", "比法定期限或上级目录宽松。",
          "A row is looser than its statutory clock or the row it inherits from.",
          "缩短期限，或补齐上级目录的要素、渠道；下级目录可以更严，不得更宽。",
          "Shorten the limit, or keep the parent's elements and channels: stricter is allowed, looser is not."),
    _Code("CAT-E08", "政府信息公开条例第十二条", "序号与其他事项重复。", "A row's number is taken.",
          "给其中一行换一个未用过的序号。", "Give one of the two rows a number never used."),
    _Code("CAT-E09", "政府信息公开条例第二十四条", "三大重点领域的事项没有勾选政府网站。",
          "A row of a key field does not tick 政府网站.", "勾选■政府网站。", "Tick ■政府网站."),
)  # fmt: skip

_PACK = (
    _Code("PACK-FILE", _HOUSE, "文件缺失或无法读取。", "A file is missing or can't be read.",
          "按提示补上文件，并保存为UTF-8。", "Put the file there, as UTF-8."),
    _Code("PACK-TOML", _HOUSE, "不是有效的TOML文件。", "A file is no TOML.",
          "按提示的行列改正引号、括号或重复的表。", "Mend the quotes, brackets or doubled table at the place named."),
    _Code("PACK-CSV", _HOUSE, "不是有效的表格，或一行的格数与表头不符。",
          "A table can't be read, or a line has more or fewer cells.",
          "按提示的行改正引号和列数。", "Mend quotes and cells of the line named."),
    _Code("PACK-COLUMN", _HOUSE, "表格缺少必需的列。", "A table lacks a column.",
          "在首行补上该列。", "Write the column into the first line."),
    _Code("PACK-VALUE", _HOUSE, "取值不合要求。", "A value does not fit.",
          "按提示改正该值。", "Mend the value as the message says."),
    _Code("PACK-REF", _HOUSE, "引用了城市包中不存在的名称。", "Something is named that the pack does not have.",
          "改正引用，或先在相应文件中登记。", "Mend the name, or add what it names first."),
    _Code("PACK-EXPR", _HOUSE, "流程中的条件写法有误，引用了没有的名称，或者比较永远不成立。",
          "A lifecycle's expression can't be read, names what is not there, or compares what never agrees.",
          "按提示的行和字符改正；可用的名称见流程文件和docs/matters.md。",
          "Mend it at the line and character named; docs/matters.md lists what there is."),
    _Code("PACK-FLOW", _HOUSE, "流程走不通：状态到不了或者出不去，期限没有环节办结，中止没有环节恢复。",
          "A lifecycle leads nowhere: a state never reached or left, a clock never closed, a pause never ended.",
          "补上相应的环节，或者删去多余的状态、期限。",
          "Add the step that is wanted, or take out what nothing leads to."),
    _Code("PACK-DOUBLE", _HOUSE, "同一代码出现两次。", "A code stands twice.",
          "删去或改名其中一个。", "Drop or rename one of them."),
    _Code("PACK-USCC", "GB 32100-2015", "统一社会信用代码校验不通过。", "A unified social credit code fails its check.",
          "对照登记证书核对18位代码。", "Compare the 18 characters with the certificate."),
)  # fmt: skip


def code_rules() -> Iterator[Rule]:
    """One rule a code; each refuses the file or the release, and leaves what is in force untouched."""
    yield from (_rule(code, "catalogue", "schemas/city/catalogue.py") for code in _CATALOGUE)
    yield from (_rule(code, "pack", "schemas/city") for code in _PACK)


def _rule(code: _Code, group: Group, source: str) -> Rule:
    return Rule(
        id=code.id, group=group, title=code.zh.rstrip("。"), basis=code.basis, source=source, severity="block",
        message=Sentence(zh=code.zh, en=code.en), remedy=Sentence(zh=code.remedy_zh, en=code.remedy_en),
    )  # fmt: skip
