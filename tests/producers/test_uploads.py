"""Files over HTTP: sniffed, stored once, named by digest."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta

import httpx
import pytest

from producers import uploads
from producers.uploads import safe_name, sniff
from tests.producers.door import Caller, clock
from tests.support.events import submitted

PDF = b"%PDF-1.7\nplan\n"


def upload(caller: Caller, value: bytes, name: str) -> httpx.Response:
    return caller.http.post("/v1/files", params={"name": name}, content=value)


def test_an_upload_may_be_named_by_an_event_and_fetched_again(caller: Caller) -> None:
    stored = upload(caller, PDF, "附件1.pdf")

    assert stored.status_code == 201
    assert stored.json() == {
        "sha256": hashlib.sha256(PDF).hexdigest(), "name": "附件1.pdf", "type": "application/pdf", "size": len(PDF),
        "text_sha256": None,
    }  # fmt: skip
    assert caller.post(submitted("fgw", attachments=[stored.json()])).json()["outcome"] == "forwarded"
    fetched = caller.http.get(f"/v1/files/{stored.json()['sha256']}")
    assert fetched.content == PDF
    assert fetched.headers["content-disposition"].startswith("attachment")
    assert fetched.headers["x-content-type-options"] == "nosniff"


def test_the_same_bytes_are_stored_once(caller: Caller) -> None:
    first, second = upload(caller, PDF, "a.pdf"), upload(caller, PDF, "b.pdf")

    assert first.json()["sha256"] == second.json()["sha256"]
    digest = first.json()["sha256"]
    kept = {path.name for path in (caller.gateway.settings.home / "files").rglob("*") if path.is_file()}
    assert kept == {digest, f"{digest}.text"}


def test_a_plain_text_has_the_digest_of_its_text_whatever_its_encoding(caller: Caller) -> None:
    text = "供暖保障单位名单\n"

    utf8, gbk = upload(caller, text.encode(), "a.txt"), upload(caller, text.encode("gb18030"), "b.txt")

    assert utf8.json()["text_sha256"] == gbk.json()["text_sha256"] == hashlib.sha256(text.encode()).hexdigest()


def test_what_a_killed_door_left_half_taken_goes_after_a_day(caller: Caller) -> None:
    stored = upload(caller, PDF, "a.pdf").json()["sha256"]
    folder = caller.gateway.settings.home / "files"
    left = {name: folder / name for name in (".incoming-old", ".incoming-new")}
    left[".text-old"] = folder / stored[:2] / ".text-old"
    for name, path in left.items():
        path.write_bytes(b"half")
        day = clock() - timedelta(days=1, minutes=1 if name.endswith("old") else -1)
        os.utime(path, (day.timestamp(), day.timestamp()))

    (folder / ".incoming-finished").symlink_to(folder / "nowhere")  # there when it is listed, gone when it is looked at

    assert caller.gateway.door.uploads.sweep() == 2
    (folder / ".incoming-finished").unlink()
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {".incoming-new", stored, f"{stored}.text"}
    assert caller.http.get(f"/v1/files/{stored}").content == PDF


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("setup.exe", b"MZ" + bytes(200)),
        ("plan.pdf", b"MZ" + bytes(200)),
        ("plan.pdf", b"\x7fELF" + bytes(200)),
        ("run.txt", b"#!/bin/sh\nrm -rf /\n"),
        ("page.txt", b"<html><script>alert(1)</script>"),
        ("picture.svg", b"<svg onload='alert(1)'/>"),
        ("page.html", b"<p>"),
        ("empty.pdf", b""),
        ("noending", PDF),
        ("data.txt", b"\x00\x01\x02" * 50),
    ],
)
def test_programs_scripts_and_pages_are_refused_whatever_they_are_called(
    caller: Caller, name: str, value: bytes
) -> None:
    response = upload(caller, value, name)

    assert (response.status_code, response.json()["code"]) == (415, "UPLOAD-TYPE")
    assert response.json()["zh"]
    folder = caller.gateway.settings.home / "files"
    assert not [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "name", ["../../evil.pdf", "..\\..\\evil.pdf", "/etc/evil.pdf", "evil\r\nX: y.pdf", ".evil.pdf"]
)
def test_a_name_leads_nowhere_and_breaks_no_header(caller: Caller, name: str) -> None:
    stored = upload(caller, PDF, name).json()

    assert stored["name"] == safe_name(name)
    assert not set(stored["name"]) & set("/\\\r\n")
    assert "evil" in stored["name"]
    fetched = caller.http.get(f"/v1/files/{stored['sha256']}")
    assert "x" not in fetched.headers


def test_a_file_above_the_limit_is_refused_and_leaves_nothing(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 1_000)

    response = upload(caller, PDF + bytes(1_000), "large.pdf")

    assert (response.status_code, response.json()["code"]) == (413, "UPLOAD-SIZE")
    assert not [path for path in (caller.gateway.settings.home / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("digest", ["0" * 64, "../../../etc/passwd", "ABC", "%2e%2e%2fstores%2fgateway.sqlite"])
def test_only_digests_that_were_uploaded_are_served(caller: Caller, digest: str) -> None:
    assert caller.http.get(f"/v1/files/{digest}").status_code == 404


def test_a_word_document_is_told_from_a_plain_archive_by_its_name_alone() -> None:
    assert sniff("a.zip", b"PK\x03\x04" + bytes(60)) == "application/zip"
    assert sniff("a.ofd", b"PK\x03\x04" + bytes(60)) == "application/ofd"
