"""What each code of a catalogue's problems means, for the office that keeps it; docs/catalogue.md has them too."""

from __future__ import annotations

CODES = {
    "CAT-E01": "没有公开依据，每一行都要写明依据的条文。",
    "CAT-E02": "公开时限为空、读不懂，或者与机器列不一致。",
    "CAT-E03": "没有公开主体，或者主体不是本市的部门。",
    "CAT-E04": "没有勾选公开渠道，或者渠道不在13个选项之内。",
    "CAT-E05": "公开方式必须在“主动”“依申请”中勾选一个，且只能一个。",
    "CAT-E06": "没有写明必须公开的内容（要素）。",
    "CAT-E07": "比上级规定或者所继承的事项宽松。",
    "CAT-E08": "序号重复，同一序号的各时期不能重叠。",
    "CAT-E09": "三大重点领域的事项必须勾选政府网站。",
    "CAT-HEADER": "表头有误。",
    "CAT-FILE": "文件打不开。",
    "CAT-SIZE": "文件、行、列或者单元格过大。",
    "CAT-HIDDEN": "有隐藏的行或列。",
    "CAT-FORMULA": "单元格是公式。",
    "CAT-DATE": "单元格成了日期或者数字。",
    "CAT-TEXT": "含有控制字符。",
    "CAT-TICK": "勾选有误。",
    "CAT-DEFAULT": "机器列无从得知。",
    "PACK-REF": "引用了城市包里没有的名称。",
    "PACK-VALUE": "取值不符合要求。",
}


def in_chinese(code: str) -> str:
    """The code's sentence for a clerk; of others, that the pack's files have it."""
    return CODES.get(code, "城市包的文件有误。")
