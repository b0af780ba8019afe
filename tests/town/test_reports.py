"""Reports against a department: they go to another, and what they say never reaches the one reported."""

from __future__ import annotations

from typing import Any

from tests.producers.counter import NAME, PHONE
from tests.town.town import Town

BODY = f"反映市交通局某科室在执法中不开收据，请查处。本人{NAME}，电话{PHONE}。"


def test_a_report_in_the_mailbox_of_the_department_reported_goes_to_the_lead_office(city: Town) -> None:
    key = reported(city, mailbox="jtj", against=["jtj"])
    assert city.sees(key, "zfb")["depts"] == ["zfb"]
    unseen(city, key, "jtj")
    city.does(key, "accepted", dept="zfb", family="complaint")
    for step, said in (("assigned", {"dept": "jtj"}), ("assigned", {"dept": "xfj", "co": "jtj"})):
        made = city.stepping(key, step, family="complaint", dept="zfb")
        made["data"]["fields"] = said
        view = city.send(made)
        assert view["state"] == "rejected", said
        assert "举报不得交由被举报的单位接收、办理或者协办。" in str(view["findings"])
    made = city.stepping(key, "assigned", family="complaint", dept="zfb")
    made["data"]["fields"] = {"dept": "xfj"}
    assert city.send(made)["state"] == "accepted"
    opened = city.caller("xfj").http.get(f"/v1/matters/{key}/personal").json()
    assert opened["papers"][0]["texts"]["name"] == NAME
    unseen(city, key, "jtj")


def test_a_report_against_the_lead_office_itself_is_received_elsewhere(city: Town) -> None:
    key = reported(city, mailbox="hotline", against=["zfb"])
    assert city.sees(key, "xfj")["depts"] == ["xfj"]
    refused = city.caller("zfb").http.get(f"/v1/matters/{key}/personal")
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT-RESPONSIBLE")
    assert key not in {one["subject"] for one in city.duties("zfb")}
    assert key in {one["subject"] for one in city.duties("xfj")}
    opened = city.caller("xfj").http.get(f"/v1/matters/{key}/personal").json()
    assert opened["papers"][0]["texts"]["name"] == NAME


def test_no_page_shows_a_report(city: Town) -> None:
    key = reported(city, mailbox="jtj", against=["jtj"])
    assert city.portal.client.get(f"/matters/{key}").status_code == 404
    for path in ("/matters", "/letters", f"/matters?q={NAME}"):
        assert key not in city.page(path), path


def reported(city: Town, **form: Any) -> str:
    """A report is handed in; its key."""
    given = city.citizen().letter(kind="举报", title="反映执法不开收据问题", body=BODY, **form)
    assert given.status_code == 201, given.text
    city.carry()
    return f"zfb/{given.json()['number']}"


def unseen(city: Town, key: str, dept: str) -> None:
    """The department hears nothing of it by any door."""
    http = city.caller(dept).http
    assert http.get(f"/v1/matters/{key}").status_code == 404
    assert http.get(f"/v1/matters/{key}/personal").status_code in {403, 404}
    said = [http.get(path).text for path in (
        "/v1/duties", "/v1/duties/feed", "/v1/departments/me/feed", "/v1/rejections", "/v1/departments/me/held",
    )]  # fmt: skip
    for text in said:
        assert key not in text
        assert NAME not in text
