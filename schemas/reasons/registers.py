"""What is said of the records of registers."""

from __future__ import annotations

from schemas.reasons.codes import HOUSE, Reason, Text

REGISTER_TEXTS: dict[Reason, Text] = {
    Reason.REG_UNKNOWN: Text(
        "judge", "block", HOUSE,
        "没有名为{register}的清单，或该清单在{day}尚未启用或已停用。",
        "There is no register {register}, or it is not in force on {day}.",
        "请用gongkai register list查清单名称，改正register_name。",
        "Look the name up with `gongkai register list` and mend `register_name`.",
    ),
    Reason.REG_SUBJECT: Text(
        "judge", "block", HOUSE,
        "subject应为“部门代码/清单名称”，即以/{register}结尾，现为{subject}。",
        "The subject must be `<department>/{register}`; it is {subject}.",
        "请改正subject；同一部门同一清单的记录共用一个subject，以保证先后有序。",
        "Mend the subject: all records of one register of one department share it, which keeps them in order.",
    ),
    Reason.REG_WHO: Text(
        "judge", "block", "政府信息公开条例第10条",
        "{dept}不能登记清单{register}的这条记录：{why_zh}。",
        "{dept} may not record this in register {register}: {why_en}.",
        "请由负责的单位登记；确有职责的，请主管部门修订清单定义。",
        "Let the unit in charge record it, or ask the lead office to amend the register.",
    ),
    Reason.REG_CODE: Text(
        "judge", "block", HOUSE,
        "记录编码{record}不符合清单{register}的编码规则。",
        "The code {record} is not of the form that register {register} asks for.",
        "请按清单的编码规则（gongkai register show）改正编码。",
        "Mend the code; `gongkai register show` tells the form.",
    ),
    Reason.REG_DOUBLE: Text(
        "judge", "block", HOUSE,
        "同一批记录中编码{record}出现两次。", "The code {record} stands twice in one load.",
        "请删去重复的一条后重新发送。", "Take one of them out and send the load again.",
    ),
    Reason.REG_VERSION: Text(
        "judge", "block", HOUSE,
        "清单{register}的记录一经登记不再变更，版本只能是1，现为{version}。",
        "Records of register {register} are never changed: the version is 1, not {version}.",
        "内容有误的，请先移除原记录，再以新编码登记。",
        "Remove the record that is wrong and record it under a new code.",
    ),
    Reason.REG_FIELD: Text(
        "judge", "block", HOUSE,
        "清单{register}没有字段“{field}”。", "Register {register} has no field {field}.",
        "请核对字段名称（gongkai register show），改正或删去。",
        "Check the name with `gongkai register show`; mend it or take it out.",
    ),
    Reason.REG_MISSING: Text(
        "judge", "block", HOUSE,
        "记录{record}缺少必填字段“{field}”。", "Record {record} lacks the required field {field}.",
        "请补齐后重新发送。", "Fill it in and send the record again.",
    ),
    Reason.REG_ENUM: Text(
        "judge", "block", HOUSE,
        "字段“{field}”的值{value}不在规定的{count}种之内：{allowed}。",
        "{value} is none of the {count} values of field {field}: {allowed}.",
        "请改用规定的值，不得自行增加类别。", "Choose one of them; no other may be added.",
    ),
    Reason.REG_VALUE: Text(
        "judge", "block", HOUSE,
        "字段“{field}”的值有误：{why_zh}。", "The value of field {field} is not right: {why_en}.",
        "请改正后重新发送。", "Mend it and send the record again.",
    ),
    Reason.REG_EMPTY: Text(
        "judge", "warn", "政府信息公开条例第20条",
        "记录{record}的“{field}”为空，公开时标为缺失。",
        "{field} of record {record} is empty; it is shown as a gap.",
        "请尽快补齐，并以下一版本号重新登记。", "Fill it in soon and record it under the next version number.",
    ),
}  # fmt: skip
