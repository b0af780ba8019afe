"""Every reason for which something is refused or remarked on: one closed list, each with basis and remedy.

A code here is what a finding's `rule`, a dead letter's `gk-error` and a refused file's report name. `finding` makes
the finding; its sentences tell a clerk what happened and what to do, in Chinese with English beside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from schemas.records import Finding, Sentence, Severity

Where = Literal["decode", "door", "file", "judge", "store", "engine"]
"""Who says it: whoever reads bytes, the door, the file drop, the judge, a store, or the engine of itself."""


class Reason(StrEnum):
    """The codes, and no others."""

    NULL_VALUE = "NULL-VALUE"
    SIZE = "SIZE"
    UTF8 = "UTF8"
    JSON = "JSON"
    NOT_CLOUDEVENT = "NOT-CLOUDEVENT"
    UNKNOWN_TYPE = "UNKNOWN-TYPE"
    UNKNOWN_VERSION = "UNKNOWN-VERSION"
    INVALID = "INVALID"

    KEY_MISSING = "KEY-MISSING"
    KEY_WRONG = "KEY-WRONG"
    KEY_REVOKED = "KEY-REVOKED"
    SOURCE_WRONG = "SOURCE-WRONG"
    MEDIA_TYPE = "MEDIA-TYPE"
    ID_REUSED = "ID-REUSED"
    OUTBOX_FULL = "OUTBOX-FULL"
    BACKFILL_KEY = "BACKFILL-KEY"
    PERSONAL_UNSEALED = "PERSONAL-UNSEALED"
    RELEASE_AT = "RELEASE-AT"
    EVENT_UNKNOWN = "EVENT-UNKNOWN"
    UPLOAD_TYPE = "UPLOAD-TYPE"
    UPLOAD_SIZE = "UPLOAD-SIZE"
    UPLOAD_UNKNOWN = "UPLOAD-UNKNOWN"
    REJ_ATTACHMENT = "REJ-ATTACHMENT"

    FILE_UNKNOWN = "FILE-UNKNOWN"
    FILE_EMPTY = "FILE-EMPTY"
    FILE_ENCODING = "FILE-ENCODING"
    FILE_CUT = "FILE-CUT"
    CSV_COLUMN = "CSV-COLUMN"
    CSV_FORM = "CSV-FORM"
    CSV_FORMULA = "CSV-FORMULA"
    META_MISSING = "META-MISSING"
    META_INVALID = "META-INVALID"

    REJ_NOITEM = "REJ-NOITEM"
    REJ_AUTHORITY = "REJ-AUTHORITY"
    REJ_KIND = "REJ-KIND"
    REJ_VERSION = "REJ-VERSION"
    REJ_ELEMENTS = "REJ-ELEMENTS"
    REJ_CHANNEL = "REJ-CHANNEL"
    REJ_AUDIENCE = "REJ-AUDIENCE"
    REJ_MODE = "REJ-MODE"
    REJ_SECRET = "REJ-SECRET"  # noqa: S105 - a code, no password
    REJ_REVIEW = "REJ-REVIEW"
    REJ_CONFIRM = "REJ-CONFIRM"
    REJ_DOCNO = "REJ-DOCNO"
    DOCNO_FIX = "DOCNO-FIX"
    DOCNO_YEAR = "DOCNO-YEAR"
    REJ_USCC = "REJ-USCC"
    REJ_LINK = "REJ-LINK"
    REJ_DATE = "REJ-DATE"
    REJ_TIME = "REJ-TIME"
    REJ_TITLE = "REJ-TITLE"
    REJ_BACKFILL = "REJ-BACKFILL"
    REJ_LATE = "REJ-LATE"
    CALENDAR_GAP = "CALENDAR-GAP"

    VER_CONFLICT = "VER-CONFLICT"
    ENGINE_FAULT = "ENGINE-FAULT"
    ENGINE_CRASH = "ENGINE-CRASH"


@dataclass(frozen=True, slots=True)
class Text:
    """What belongs to a code. The sentences are templates for `str.format`; `{…}` are the values at fault."""

    where: Where
    severity: Severity
    basis: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


_HOUSE = "本平台接入规范"
_ENVELOPE = "CloudEvents 1.0.2"

TEXTS: dict[Reason, Text] = {
    Reason.NULL_VALUE: Text(
        "decode", "block", _HOUSE,
        "记录没有内容。", "The record has no value.",
        "撤回信息请发送撤回事件，不要发送空记录。", "Withdraw with a withdrawal event, never with an empty record.",
    ),
    Reason.SIZE: Text(
        "decode", "block", _HOUSE,
        "事件过大：{detail}。", "The event is too large: {detail}.",
        "事件最大1,000,000字节；请把大表格、图片改为附件上传，再以摘要引用。",
        "An event holds at most 1,000,000 bytes: upload large tables and pictures as files and name their digests.",
    ),
    Reason.UTF8: Text(
        "decode", "block", "RFC 8259 §8.1",
        "内容不是有效的UTF-8编码：{detail}。", "The content is no valid UTF-8: {detail}.",
        "请把文本另存为UTF-8编码后重新发送。", "Save the text as UTF-8 and send it again.",
    ),
    Reason.JSON: Text(
        "decode", "block", "RFC 8259",
        "内容不是有效的JSON：{detail}。", "The content is no valid JSON: {detail}.",
        "请检查括号、引号和逗号是否配对，用JSON工具校验后重新发送。",
        "Check brackets, quotes and commas with a JSON tool and send it again.",
    ),
    Reason.NOT_CLOUDEVENT: Text(
        "decode", "block", _ENVELOPE,
        "内容是JSON，但不是CloudEvents事件。", "The content is JSON, but no CloudEvent.",
        "请补上specversion、id、source、type、subject、time和data，可参照schemas/examples中的样例。",
        "Add specversion, id, source, type, subject, time and data; schemas/examples shows each type.",
    ),
    Reason.UNKNOWN_TYPE: Text(
        "decode", "block", _ENVELOPE,
        "事件类型未登记：{detail}。", "The event's type is not known: {detail}.",
        "请改用接入规范所列的事件类型，例如cn.gongkai.publication.submitted.v1。",
        "Use one of the documented types, such as cn.gongkai.publication.submitted.v1.",
    ),
    Reason.UNKNOWN_VERSION: Text(
        "decode", "block", _HOUSE,
        "事件类型的版本尚未启用：{detail}。", "This version of the type is not known here: {detail}.",
        "请改发v1；如确需新版本，请联系平台运维，启用后原事件可重新投递。",
        "Send v1; if the newer version is meant, ask the operators, who can redrive the event once it is known.",
    ),
    Reason.INVALID: Text(
        "decode", "block", _HOUSE,
        "事件内容不合格式：{detail}。", "The event does not fit its model: {detail}.",
        "请按所指位置改正后，以新的id重新发送，并在corrects中填原id。",
        "Mend the place named and send it under a new id, with the old one in `corrects`.",
    ),
    Reason.KEY_MISSING: Text(
        "door", "block", "保守国家秘密法第35条；本平台接入规范",
        "请求没有携带部门密钥。", "The request carries no department key.",
        "请在Authorization头中填写“Bearer 部门密钥”；没有密钥的请向政务公开主管部门申领。",
        "Send the header `Authorization: Bearer KEY`; the lead office issues keys.",
    ),
    Reason.KEY_WRONG: Text(
        "door", "block", _HOUSE,
        "部门密钥不正确。", "The department key is not right.",
        "请核对密钥是否完整、有无多余空格；遗失的请申请更换。",
        "Check that the key is whole and without blanks; if it is lost, ask for a new one.",
    ),
    Reason.KEY_REVOKED: Text(
        "door", "block", _HOUSE,
        "部门密钥已停用。", "The department key has been revoked.",
        "请改用新密钥；没有新密钥的请向政务公开主管部门申领。", "Use the new key, or ask the lead office for one.",
    ),
    Reason.SOURCE_WRONG: Text(
        "door", "block", "政府信息公开条例第10条",
        "事件来源{source}与密钥所属部门{dept}不一致。",
        "The source {source} is not department {dept}, whose key this is.",
        "请把source改为本部门的/departments/{dept}，或使用来源部门自己的密钥。",
        "Set `source` to /departments/{dept}, or use the other department's own key.",
    ),
    Reason.MEDIA_TYPE: Text(
        "door", "block", _ENVELOPE,
        "不支持的内容类型：{detail}。", "The media type is not supported: {detail}.",
        "请使用application/cloudevents+json、application/cloudevents-batch+json或application/x-ndjson。",
        "Use application/cloudevents+json, application/cloudevents-batch+json or application/x-ndjson.",
    ),
    Reason.ID_REUSED: Text(
        "door", "block", _ENVELOPE,
        "编号{id}已用于另一内容的事件。", "The id {id} was already used for an event with another content.",
        "原事件仍然有效；请为新内容换一个id后重新发送。",
        "The first event stands; send the new content under a new id.",
    ),
    Reason.OUTBOX_FULL: Text(
        "door", "block", _HOUSE,
        "平台暂存已满，本次未接收。", "The door's store is full; this was not taken.",
        "内容没有丢失在平台，请保留原文，稍后以同一id重新发送。",
        "Keep the event and send it again later under the same id.",
    ),
    Reason.BACKFILL_KEY: Text(
        "door", "block", _HOUSE,
        "历史数据迁移须使用政务公开主管部门的密钥。", "History is taken with the lead office's key alone.",
        "请把历史数据交主管部门统一导入；当前发布的信息请去掉backfill。",
        "Hand history to the lead office; for what is published now, leave `backfill` out.",
    ),
    Reason.PERSONAL_UNSEALED: Text(
        "door", "block", "个人信息保护法第51条",
        "事件带有个人信息字段personal，平台尚未开放封存。",
        "The event has the field `personal`, which the door does not seal yet.",
        "请删除个人信息后重新发送。", "Take the personal data out and send it again.",
    ),
    Reason.RELEASE_AT: Text(
        "door", "block", _HOUSE,
        "事件要求在{release_at}定时发布，平台尚未开放定时发布。",
        "The event asks for release at {release_at}; the door does not hold events yet.",
        "请去掉release_at立即发布，或到时再以新的id发送。",
        "Leave `release_at` out, or send it at that time under a new id.",
    ),
    Reason.UPLOAD_TYPE: Text(
        "door", "block", "国办发〔2017〕47号",
        "不接收这类文件：{detail}。", "Files of this type are not taken: {detail}.",
        "请上传文档、表格、图片、音视频或压缩包；不接收程序、脚本和网页。",
        "Upload documents, tables, pictures, audio, video or archives; no programs, scripts or web pages.",
    ),
    Reason.UPLOAD_SIZE: Text(
        "door", "block", _HOUSE,
        "文件过大，超过{limit}字节。", "The file is larger than {limit} bytes.",
        "请压缩或拆分后重新上传。", "Compress or split it and upload again.",
    ),
    Reason.UPLOAD_UNKNOWN: Text(
        "door", "block", _HOUSE,
        "没有摘要为{sha256}的文件。", "There is no file with digest {sha256}.",
        "请核对摘要，或先上传该文件。", "Check the digest, or upload the file first.",
    ),
    Reason.EVENT_UNKNOWN: Text(
        "door", "block", _HOUSE,
        "没有编号为{id}的事件，或不属于本部门。", "There is no event {id} of this department.",
        "请核对事件编号；只能查询本部门发送的事件。", "Check the id; a department sees its own events alone.",
    ),
    Reason.REJ_ATTACHMENT: Text(
        "door", "error", "政府信息公开条例第24条",
        "附件{name}的内容尚未上传（摘要{sha256}）。",
        "The content of attachment {name} was never uploaded (digest {sha256}).",
        "请先用POST /v1/files上传附件（或放入同一文件夹），再发送事件。",
        "Upload the file first (POST /v1/files, or the same folder), then send the event.",
    ),
    Reason.FILE_UNKNOWN: Text(
        "file", "block", _HOUSE,
        "不认识的文件：{detail}。", "The file is of no known kind: {detail}.",
        "请投放.json、.ndjson、.csv或.txt文件；附件须由同时投放的事件引用。",
        "Drop .json, .ndjson, .csv or .txt; an attachment must be named by an event dropped with it.",
    ),
    Reason.FILE_EMPTY: Text(
        "file", "block", _HOUSE,
        "文件里没有任何事件。", "The file holds no event.",
        "请确认导出是否成功，重新导出后投放。", "Check the export and drop it again.",
    ),
    Reason.FILE_ENCODING: Text(
        "file", "block", _HOUSE,
        "文件既不是UTF-8也不是GBK编码：{detail}。", "The file is neither UTF-8 nor GBK: {detail}.",
        "请用“另存为”选择UTF-8编码后重新投放。", "Save it as UTF-8 and drop it again.",
    ),
    Reason.FILE_CUT: Text(
        "file", "block", _HOUSE,
        "文件不完整：第{line}行中断，全部内容均未接收。",
        "The file is cut off at line {line}; nothing of it was taken.",
        "请重新导出完整文件；传输时先用临时文件名，传完再改名。",
        "Export it whole; write under a temporary name and rename it at the end.",
    ),
    Reason.CSV_COLUMN: Text(
        "file", "block", _HOUSE,
        "表格的列不对：{detail}。", "The columns are not right: {detail}.",
        "请按接入说明核对首行列名：补上所缺的列，改正或删去无法识别的列。",
        "Mend the first line: add what is missing, rename or drop what is not known.",
    ),
    Reason.CSV_FORM: Text(
        "file", "block", "RFC 4180",
        "表格无法读取：{detail}。", "The table can't be read: {detail}.",
        "请检查引号是否成对、每行列数是否一致，重新导出后投放。",
        "Check quotes and the number of cells in each line, export and drop it again.",
    ),
    Reason.CSV_FORMULA: Text(
        "file", "block", _HOUSE,
        "第{line}行“{column}”列含有公式。", "Line {line}, column {column}, holds a formula.",
        "请在表格软件中复制后“选择性粘贴为数值”，再导出。", "Paste the cells as values, then export again.",
    ),
    Reason.META_MISSING: Text(
        "file", "block", "政府信息公开条例第17条",
        "文本{name}没有同名的说明文件{name}.meta.toml。", "The text {name} has no {name}.meta.toml beside it.",
        "请运行gongkai publish --template 目录序号 生成说明文件，填写后与文本一起投放。",
        "Write one with `gongkai publish --template ROW`, fill it in and drop both together.",
    ),
    Reason.META_INVALID: Text(
        "file", "block", _HOUSE,
        "说明文件有误：{detail}。", "The .meta.toml is not right: {detail}.",
        "请按所指项目改正后，与文本一起重新投放。", "Mend what is named and drop both again.",
    ),
    Reason.REJ_NOITEM: Text(
        "judge", "block", "政府信息公开条例第12条",
        "公开目录中没有序号为{item}的事项，或该事项在{day}尚未生效或已停用。",
        "The catalogue has no row {item}, or it is not in force on {day}.",
        "请查公开目录(gongkai catalogue show)选定正确序号；确需新增事项的，先报主管部门修订目录。",
        "Choose the row with `gongkai catalogue show`; a new one needs the lead office's amendment first.",
    ),
    Reason.REJ_AUTHORITY: Text(
        "judge", "block", "政府信息公开条例第10条",
        "{dept}无权发送这条信息：{why_zh}。", "{dept} may not send this: {why_en}.",
        "请由制作该信息的机关（联合发文的由牵头机关）以本机关名义发送；机构改革的，请主管部门核对承接关系。",
        "The organ that made it (of a joint one, the lead) must send it under its own name; after a reform, "
        "have the lead office check who succeeded whom.",
    ),
    Reason.REJ_KIND: Text(
        "judge", "block", "政府信息公开条例第20条",
        "事项{item}不能以{kind}这一体裁发布，可用：{allowed}。",
        "Row {item} does not take kind {kind}; it takes: {allowed}.",
        "请改用所列体裁之一，或选择与内容相符的目录事项。",
        "Use one of these kinds, or the row that fits the content.",
    ),
    Reason.REJ_VERSION: Text(
        "judge", "block", _HOUSE,
        "版本号{version}与事件类型不符。", "Version {version} does not fit the event's type.",
        "首次发布用submitted，版本号为1；以后的版本用updated，版本号从2起递增。",
        "The first is `submitted` with version 1; later ones are `updated`, from version 2 on.",
    ),
    Reason.REJ_ELEMENTS: Text(
        "judge", "error", "政府信息公开条例第12条",
        "缺少公开要素：{missing}。", "Elements are missing: {missing}.",
        "请在elements中逐项补齐；确无内容的填写“无”并说明原因。",
        "Add each to `elements`; where there is nothing to say, write so and why.",
    ),
    Reason.REJ_CHANNEL: Text(
        "judge", "error", "政府信息公开条例第23条、第24条",
        "渠道不符：{why_zh}。", "The channels do not fit: {why_en}.",
        "请按目录勾选的渠道填写channels：{ticked}。", "Name channels that the catalogue row ticks: {ticked}.",
    ),
    Reason.REJ_AUDIENCE: Text(
        "judge", "block", "政府信息公开条例第15条",
        "公开对象不符：{why_zh}。", "The audience does not fit: {why_en}.",
        "面向特定群体的信息请改用精准推送、入户等渠道，不得上网站、公报和新媒体。",
        "What is meant for some goes by delivery to them, never to the portal, gazette or accounts.",
    ),
    Reason.REJ_MODE: Text(
        "judge", "block", "政府信息公开条例第13条",
        "公开方式不符：{why_zh}。", "The mode of disclosure does not fit: {why_en}.",
        "请核对公开属性；依申请公开的信息不通过本渠道主动发布。",
        "Check the disclosure attribute; what is given on request is not published here.",
    ),
    Reason.REJ_SECRET: Text(
        "judge", "block", "政府信息公开条例第14条至第17条",
        "不得公开：{why_zh}。", "This must not be published: {why_en}.",
        "请停止发布并按审查意见处理；可以部分公开的，删减后重新审查再发送。",
        "Do not publish; follow the review. What may be public in part is cut, reviewed again and sent anew.",
    ),
    Reason.REJ_REVIEW: Text(
        "judge", "block", "政府信息公开条例第17条；保守国家秘密法第35条",
        "审核手续不全：{why_zh}。", "The review is not complete: {why_en}.",
        "请按三审三校逐级签署（各级不同人，对最终文本签署）并附保密审查记录；文本改动后须从一审重新签署。",
        "Have all levels sign the final text (another person at each) and add the secrecy review; "
        "a changed text starts again at level 1.",
    ),
    Reason.REJ_CONFIRM: Text(
        "judge", "error", "政府信息公开条例第10条、第11条",
        "尚未得到{depts}的确认。", "{depts} has not confirmed.",
        "请先与有关机关协商确认，填写confirmed_at后再发送。", "Ask them first and fill in `confirmed_at`.",
    ),
    Reason.REJ_DOCNO: Text(
        "judge", "error", "党政机关公文处理工作条例第9条；GB/T 9704-2012",
        "发文字号不合规范：{why_zh}。", "The document number is not right: {why_en}.",
        "请写成“机关代字〔四位年份〕序号号”，如“示政发〔2026〕5号”；命令写成“示例市人民政府令第5号”。",
        "Write 机关代字〔year〕number号, such as 示政发〔2026〕5号; an order as 示例市人民政府令第5号.",
    ),
    Reason.DOCNO_FIX: Text(
        "judge", "warn", "GB/T 9704-2012",
        "发文字号已按规范改写：{given}改为{fixed}。", "The document number was rewritten: {given} became {fixed}.",
        "下次请使用六角括号〔〕，序号前不加“第”、不编虚位。", "Next time use 〔〕, no 第 and no leading zero.",
    ),
    Reason.DOCNO_YEAR: Text(
        "judge", "warn", "党政机关公文处理工作条例第9条",
        "发文字号年份{year}与成文日期{formed}不一致。",
        "The number's year {year} is not that of the day it was formed, {formed}.",
        "请核对；十二月成文、次年一月编号的可不理会。", "Check it; a December document numbered in January is right.",
    ),
    Reason.REJ_USCC: Text(
        "judge", "error", "GB 32100-2015",
        "统一社会信用代码{given}校验不通过。", "The unified social credit code {given} fails its check.",
        "请对照登记证书核对18位代码（不含字母I、O、S、V、Z）。",
        "Compare the 18 characters with the certificate; the letters I, O, S, V, Z do not occur.",
    ),
    Reason.REJ_LINK: Text(
        "judge", "error", "国办发〔2016〕19号",
        "关联不全：{why_zh}。", "Links are missing or unknown: {why_en}.",
        "请在links中填写：规范性文件须注明解读材料(interpreted-by)，解读材料须注明所解读文件(interprets)。",
        "Fill `links`: a normative document names its interpretation (interpreted-by), that one its document "
        "(interprets).",
    ),
    Reason.REJ_DATE: Text(
        "judge", "error", "政府信息公开条例第26条",
        "日期有误：{why_zh}。", "A date is not right: {why_en}.",
        "请在dates中按实际填写；成文等日期不能晚于发送当日。",
        "Fill `dates` in truly; what has happened can't lie after today.",
    ),
    Reason.REJ_TIME: Text(
        "judge", "block", _HOUSE,
        "事件时间{time}不在允许范围内（收到时间{arrival}前{before}小时至后{after}分钟）。",
        "The event's time {time} lies outside {before} hours before and {after} minutes after its arrival, {arrival}.",
        "请校准系统时钟，以发送时的时间填写time；历史信息由主管部门以backfill导入。",
        "Set the clock right and fill `time` with the moment of sending; history goes in with `backfill`.",
    ),
    Reason.REJ_TITLE: Text(
        "judge", "error", "平台接口规范",
        "标题{length}字，超过{outlet}的{limit}字，且没有可用的短标题。",
        "The title has {length} characters, {outlet} takes {limit}, and there is no short title that fits.",
        "请在short_title中填写不超过{limit}字的短标题；平台不会截断标题。",
        "Give a `short_title` of at most {limit} characters; titles are never cut.",
    ),
    Reason.REJ_BACKFILL: Text(
        "judge", "block", _HOUSE,
        "历史数据不合要求：{why_zh}。", "This is no history to bring in: {why_en}.",
        "请填写原发布日期published_on，且须早于本部门启用平台之日；此后的信息按正常程序发布。",
        "Give `published_on`, before the department's go-live; anything later is published the ordinary way.",
    ),
    Reason.REJ_LATE: Text(
        "judge", "warn", "政府信息公开条例第26条",
        "已逾期：应于{due}前公开，收到时为{day}。", "Late: it was due by {due} and came on {day}.",
        "信息照常发布，逾期计入考核；请在late_reason中说明原因。",
        "It is published all the same and counts as late; say why in `late_reason`.",
    ),
    Reason.CALENDAR_GAP: Text(
        "judge", "warn", "全国年节及纪念日放假办法第2条",
        "{due}按法定节假日暂行推算：该年度放假安排尚未发布或未载入。",
        "{due} is an estimate from statutory holidays: that year's official schedule is not loaded.",
        "无需处理；放假安排载入后期限将重新计算。", "Nothing to do; it is dated again once the schedule is loaded.",
    ),
    Reason.VER_CONFLICT: Text(
        "store", "block", _HOUSE,
        "同一信息的第{version}版已有另一内容，以先收到的为准。",
        "Version {version} exists with another content; the first holds.",
        "请以下一版本号重新发送改动后的内容。", "Send the changed content under the next version number.",
    ),
    Reason.ENGINE_FAULT: Text(
        "engine", "block", _HOUSE,
        "平台处理这条信息时出错，已原样保存。", "The platform failed on this event and kept it whole.",
        "不必重发；运维人员修复后会重新投递。", "There is no need to send it again; operators will redrive it.",
    ),
    Reason.ENGINE_CRASH: Text(
        "engine", "block", _HOUSE,
        "这条信息使处理程序中断或超时，已隔离保存。",
        "This event stopped or hung its worker; it is kept apart, whole.",
        "不必重发；运维人员查明后会重新投递。",
        "There is no need to send it again; operators will look and redrive it.",
    ),
}  # fmt: skip


def finding(
    reason: Reason,
    place: str = "",
    *,
    severity: Severity | None = None,
    basis: str | None = None,
    excerpt: str | None = None,
    span: tuple[int, int] | None = None,
    **values: object,
) -> Finding:
    """The finding for `reason` at `place` (a JSON Pointer); `values` fill its sentences, masked and shortened.

    `severity` and `basis` stand in for the code's own where a kind or a catalogue row says otherwise.
    """
    text = TEXTS[reason]
    shown = {name: mask(str(value)) for name, value in values.items()}
    return Finding(
        rule=reason.value,
        severity=severity or text.severity,
        basis=basis or text.basis,
        place=place,
        message=Sentence(zh=text.zh.format_map(_Lenient(shown)), en=text.en.format_map(_Lenient(shown))),
        remedy=Sentence(zh=text.remedy_zh.format_map(_Lenient(shown)), en=text.remedy_en.format_map(_Lenient(shown))),
        span=span,
        excerpt=None if excerpt is None else mask(excerpt),
    )


_LONGEST = 200
_NUMBERS = re.compile(r"(?<![0-9])[0-9]{3,}(?:[ -][0-9]{3,})*[Xx]?(?![0-9])")
_PERSONAL = 11
"""Digits from which a number may be somebody's: a mobile telephone's."""


def mask(text: str) -> str:
    """`text` shortened, its long numbers (telephone, identity, account) without their middle (RULES §4.2)."""
    masked = _NUMBERS.sub(_mask_number, text)
    return masked if len(masked) <= _LONGEST else masked[: _LONGEST - 1] + "…"


def _mask_number(found: re.Match[str]) -> str:
    number = found[0]
    return number if len(number) < _PERSONAL else number[:3] + "*" * (len(number) - 7) + number[-4:]


class _Lenient(dict[str, str]):
    """A value the caller did not give is shown as a dash: a refusal must never fail for want of a word."""

    def __missing__(self, key: str) -> str:
        return "—"
