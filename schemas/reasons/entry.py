"""What is said of events on their way in: bytes, keys, files."""

from __future__ import annotations

from schemas.reasons.codes import HOUSE, Reason, Text

ENVELOPE = "CloudEvents 1.0.2"

ENTRY_TEXTS: dict[Reason, Text] = {
    Reason.NULL_VALUE: Text(
        "decode", "block", HOUSE,
        "记录没有内容。", "The record has no value.",
        "撤回信息请发送撤回事件，不要发送空记录。", "Withdraw with a withdrawal event, never with an empty record.",
    ),
    Reason.SIZE: Text(
        "decode", "block", HOUSE,
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
        "decode", "block", ENVELOPE,
        "内容是JSON，但不是CloudEvents事件。", "The content is JSON, but no CloudEvent.",
        "请补上specversion、id、source、type、subject、time和data，可参照schemas/examples中的样例。",
        "Add specversion, id, source, type, subject, time and data; schemas/examples shows each type.",
    ),
    Reason.UNKNOWN_TYPE: Text(
        "decode", "block", ENVELOPE,
        "事件类型未登记：{detail}。", "The event's type is not known: {detail}.",
        "请改用接入规范所列的事件类型，例如cn.gongkai.publication.submitted.v1。",
        "Use one of the documented types, such as cn.gongkai.publication.submitted.v1.",
    ),
    Reason.UNKNOWN_VERSION: Text(
        "decode", "block", HOUSE,
        "事件类型的版本尚未启用：{detail}。", "This version of the type is not known here: {detail}.",
        "请改发v1；如确需新版本，请联系平台运维，启用后原事件可重新投递。",
        "Send v1; if the newer version is meant, ask the operators, who can redrive the event once it is known.",
    ),
    Reason.INVALID: Text(
        "decode", "block", HOUSE,
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
        "door", "block", HOUSE,
        "部门密钥不正确。", "The department key is not right.",
        "请核对密钥是否完整、有无多余空格；遗失的请申请更换。",
        "Check that the key is whole and without blanks; if it is lost, ask for a new one.",
    ),
    Reason.KEY_REVOKED: Text(
        "door", "block", HOUSE,
        "部门密钥已停用。", "The department key has been revoked.",
        "请改用新密钥；没有新密钥的请向政务公开主管部门申领。", "Use the new key, or ask the lead office for one.",
    ),
    Reason.KEY_ENDED: Text(
        "door", "block", "政府信息公开条例第10条",
        "{dept}自{day}起不再履行职责，其密钥随之失效：{why_zh}。",
        "{dept} has had no tasks since {day}, and its key has ended with it: {why_en}.",
        "请使用承接单位自己的密钥；承接关系有疑问的，请联系政务公开主管部门。",
        "Use the successor's own key; where it is not clear who that is, ask the lead office.",
    ),
    Reason.SOURCE_WRONG: Text(
        "door", "block", "政府信息公开条例第10条",
        "事件来源{source}与密钥所属部门{dept}不一致。",
        "The source {source} is not department {dept}, whose key this is.",
        "请把source改为本部门的/departments/{dept}，或使用来源部门自己的密钥。",
        "Set `source` to /departments/{dept}, or use the other department's own key.",
    ),
    Reason.MEDIA_TYPE: Text(
        "door", "block", ENVELOPE,
        "不支持的内容类型：{detail}。", "The media type is not supported: {detail}.",
        "请使用application/cloudevents+json、application/cloudevents-batch+json或application/x-ndjson。",
        "Use application/cloudevents+json, application/cloudevents-batch+json or application/x-ndjson.",
    ),
    Reason.ID_REUSED: Text(
        "door", "block", ENVELOPE,
        "编号{id}已用于另一内容的事件。", "The id {id} was already used for an event with another content.",
        "原事件仍然有效；请为新内容换一个id后重新发送。",
        "The first event stands; send the new content under a new id.",
    ),
    Reason.OUTBOX_FULL: Text(
        "door", "block", HOUSE,
        "平台暂存已满，本次未接收。", "The door's store is full; this was not taken.",
        "内容没有丢失在平台，请保留原文，稍后以同一id重新发送。",
        "Keep the event and send it again later under the same id.",
    ),
    Reason.BACKFILL_KEY: Text(
        "door", "block", HOUSE,
        "历史数据迁移须使用政务公开主管部门的密钥。", "History is taken with the lead office's key alone.",
        "请把历史数据交主管部门统一导入；当前发布的信息请去掉backfill。",
        "Hand history to the lead office; for what is published now, leave `backfill` out.",
    ),
    Reason.RELEASE_AT: Text(
        "door", "block", HOUSE,
        "定时发布的时间{release_at}{why_zh}。", "The time of release {release_at} {why_en}.",
        "请改为今后{days}天以内的时间；需要立即发布的，去掉release_at。",
        "Name a time within the next {days} days, or leave `release_at` out to publish at once.",
    ),
    Reason.UPLOAD_TYPE: Text(
        "door", "block", "国办发〔2017〕47号",
        "不接收这类文件：{detail}。", "Files of this type are not taken: {detail}.",
        "请上传文档、表格、图片、音视频或压缩包；不接收程序、脚本和网页。",
        "Upload documents, tables, pictures, audio, video or archives; no programs, scripts or web pages.",
    ),
    Reason.UPLOAD_SIZE: Text(
        "door", "block", HOUSE,
        "文件过大，超过{limit}字节。", "The file is larger than {limit} bytes.",
        "请压缩或拆分后重新上传。", "Compress or split it and upload again.",
    ),
    Reason.UPLOAD_UNKNOWN: Text(
        "door", "block", HOUSE,
        "没有摘要为{sha256}的文件。", "There is no file with digest {sha256}.",
        "请核对摘要，或先上传该文件。", "Check the digest, or upload the file first.",
    ),
    Reason.EVENT_UNKNOWN: Text(
        "door", "block", HOUSE,
        "没有编号为{id}的事件，或不属于本部门。", "There is no event {id} of this department.",
        "请核对事件编号；只能查询本部门发送的事件。", "Check the id; a department sees its own events alone.",
    ),
    Reason.OTHER_DEPT: Text(
        "door", "block", "政府信息公开条例第4条",
        "不能查看{dept}的记录：部门只能查看本部门的，主管部门可以查看各部门的。",
        "The records of {dept} are not this department's; the lead office alone reads everybody's.",
        "请去掉dept参数，或请主管部门查询。", "Leave `dept` out, or ask the lead office.",
    ),
    Reason.REJ_ATTACHMENT: Text(
        "door", "error", "政府信息公开条例第24条",
        "附件{name}的内容尚未上传（摘要{sha256}）。",
        "The content of attachment {name} was never uploaded (digest {sha256}).",
        "请先用POST /v1/files上传附件（或放入同一文件夹），再发送事件。",
        "Upload the file first (POST /v1/files, or the same folder), then send the event.",
    ),
    Reason.FILE_UNKNOWN: Text(
        "file", "block", HOUSE,
        "不认识的文件：{detail}。", "The file is of no known kind: {detail}.",
        "请投放.json、.ndjson、.csv或.txt文件；附件须由同时投放的事件引用。",
        "Drop .json, .ndjson, .csv or .txt; an attachment must be named by an event dropped with it.",
    ),
    Reason.FILE_EMPTY: Text(
        "file", "block", HOUSE,
        "文件里没有任何事件。", "The file holds no event.",
        "请确认导出是否成功，重新导出后投放。", "Check the export and drop it again.",
    ),
    Reason.FILE_ENCODING: Text(
        "file", "block", HOUSE,
        "文件既不是UTF-8也不是GBK编码：{detail}。", "The file is neither UTF-8 nor GBK: {detail}.",
        "请用“另存为”选择UTF-8编码后重新投放。", "Save it as UTF-8 and drop it again.",
    ),
    Reason.FILE_CUT: Text(
        "file", "block", HOUSE,
        "文件不完整：第{line}行中断，全部内容均未接收。",
        "The file is cut off at line {line}; nothing of it was taken.",
        "请重新导出完整文件；传输时先用临时文件名，传完再改名。",
        "Export it whole; write under a temporary name and rename it at the end.",
    ),
    Reason.CSV_COLUMN: Text(
        "file", "block", HOUSE,
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
        "file", "block", HOUSE,
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
        "file", "block", HOUSE,
        "说明文件有误：{detail}。", "The .meta.toml is not right: {detail}.",
        "请按所指项目改正后，与文本一起重新投放。", "Mend what is named and drop both again.",
    ),
}  # fmt: skip
