"""What is said of steps: who may take them, in which order, and what they must hold (RULES §2)."""

from __future__ import annotations

from schemas.reasons.codes import HOUSE, Reason, Text

MATTER_TEXTS: dict[Reason, Text] = {
    Reason.SM_ILLEGAL: Text(
        "store", "error", HOUSE,
        "该事项现处于“{state}”，不能办理“{step}”；此时可以办理：{allowed}。",
        "The matter is in state {state}, where step {step} can't be taken; these can: {allowed}.",
        "请核对事项编号和办理环节，按顺序补齐前面的环节后再发送。",
        "Check the matter's number and the step; send what comes before it first.",
    ),
    Reason.SM_UNKNOWN: Text(
        "store", "error", HOUSE,
        "没有编号为“{subject}”的事项，不能办理“{step}”。", "There is no matter {subject} to take step {step} for.",
        "请核对编号；确属新事项的，先发送立项（开始）事件。",
        "Check the number; where the matter is new, send the event that opens it first.",
    ),
    Reason.SM_LIFECYCLE: Text(
        "store", "error", HOUSE,
        "没有名为“{lifecycle}”的流程，或者该流程不在这一类事件中。",
        "There is no lifecycle {lifecycle}, or its matters travel elsewhere.",
        "请使用本市流程目录中的名称。", "Use a name from the city's lifecycles.",
    ),
    Reason.SM_TWICE: Text(
        "store", "error", HOUSE,
        "编号“{subject}”的事项已经立项，不能再次“{step}”。", "Matter {subject} has begun already; {step} comes once.",
        "新事项请另编编号；同一事项请发送后续环节。",
        "Give a new matter its own number; for this one send the next step.",
    ),
    Reason.SM_ONCE: Text(
        "store", "error", HOUSE,
        "“{step}”只能办理一次，已于{day}办理。", "Step {step} is taken once; it was on {day}.",
        "无需重复发送；需要更正的，请使用更正环节。", "It need not be sent again; to mend it, use the step for that.",
    ),
    Reason.SM_ACTOR: Text(
        "store", "error", HOUSE,
        "“{step}”应由{allowed}办理，{actor}不是。", "Step {step} is for {allowed}; {actor} is not.",
        "请由有权办理的单位发送，或者先办理转办、移交。",
        "Have the right department send it, or hand the matter over first.",
    ),
    Reason.SM_FIELD: Text(
        "store", "error", HOUSE,
        "“{step}”的“{field}”{why_zh}。", "{field} of step {step} {why_en}.",
        "请按流程要求补正该项后重新发送。", "Put it right as the lifecycle asks and send it again.",
    ),
    Reason.SM_ORDER: Text(
        "store", "error", HOUSE,
        "“{step}”的时间{at}早于它的前一环节“{cause}”的时间{since}。",
        "Step {step} is dated {at}, before {cause} of {since}, from which it follows.",
        "请按实际办理时间填写；不得倒签时间。", "Give the time at which it was done; no step goes before its cause.",
    ),
    Reason.SM_FUTURE: Text(
        "store", "error", HOUSE,
        "“{step}”的时间{at}晚于收到时间{arrival}。", "Step {step} is dated {at}, after its arrival of {arrival}.",
        "请在办理完成后发送，并核对系统时钟。", "Send it when it is done, and check the clock.",
    ),
    Reason.SM_BACKDATED: Text(
        "store", "warn", HOUSE,
        "“{step}”的时间{at}比收到时间{arrival}早一天以上，按补报记录。",
        "Step {step} is dated {at}, more than a day before its arrival of {arrival}; it is kept as reported late.",
        "请在办理当日发送；确属补报的无需处理。",
        "Send steps on their day; where it was reported late, nothing is to be done.",
    ),
    Reason.SM_BRANCH: Text(
        "store", "error", HOUSE,
        "“{branch}”{why_zh}，不能办理“{step}”。", "{branch} {why_en}, so step {step} can't be taken.",
        "请先办结已经启动的程序。", "Finish what was begun first.",
    ),
    Reason.SM_WAITING: Text(
        "store", "warn", HOUSE,
        "“{step}”所依据的信息尚未到达（{why_zh}），已先行登记，等待一天。",
        "What step {step} follows from is not here yet ({why_en}); it waits for a day.",
        "请确认相关信息已经发布；一天后仍未到达的，将按缺失处理或者退回。",
        "Make sure that it was published; after a day the step is taken with a gap, or refused.",
    ),
    Reason.SM_REVIEW: Text(
        "store", "error", "《政府网站发展指引》；三审三校制度",
        "“{subject}”所附签批与审核环节的记录不一致：{why_zh}。",
        "The sign-offs of {subject} are not those of its review steps: {why_en}.",
        "请核对审核记录，以同一内容重新送审后再发布。",
        "Compare the record of the review; have the same content signed again, then publish.",
    ),
}  # fmt: skip
