"""The shell of every server: health, metrics, errors in two languages, headers."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bus.errors import Invalid, Retriable
from bus.web import Problem, create_app, environment

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def app() -> FastAPI:
    app = create_app("test")

    @app.get("/raise/{what}")
    def fail(what: str) -> None:
        raise {
            "problem": Problem(
                409, "ID-REUSED", "编号已用于另一内容。", "The id was used for other content.", place="/id"
            ),
            "invalid": Invalid("CSV-FORM", "缺少列。", "A column is missing.", "/row/1"),
            "retriable": Retriable("kafka is away at postgresql://u:geheim@h/x"),
            "failure": RuntimeError("geheim"),
        }[what]

    @app.get("/number/{value}")
    def number(value: int) -> int:
        return value

    return app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/raise/problem", 409, "ID-REUSED"),
        ("/raise/invalid", 422, "CSV-FORM"),
        ("/raise/retriable", 503, "UNAVAILABLE"),
        ("/raise/failure", 500, "INTERNAL"),
        ("/number/x", 422, "PARAMETER"),
        ("/nowhere", 404, "NOT-FOUND"),
    ],
)
def test_every_error_is_a_problem_in_two_languages(client: TestClient, path: str, status: int, code: str) -> None:
    answer = client.get(path)
    said: dict[str, Any] = answer.json()
    assert (answer.status_code, said["status"], said["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said["zh"])
    assert said["en"].isascii()
    assert "geheim" not in answer.text


@pytest.mark.parametrize("path", ["/raise/problem", "/raise/failure", "/nowhere"])
def test_a_browser_gets_a_page(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=BROWSER)
    assert answer.headers["content-type"].startswith("text/html")
    assert '<html lang="zh-CN">' in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/assets/gongkai.css", "/nowhere", "/raise/failure"])
def test_every_answer_has_the_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_no_database_is_asked_for_the_nul_of_an_address(app: FastAPI, client: TestClient) -> None:
    @app.get("/echo")
    def echo(q: str) -> str:
        return q

    assert client.get("/echo?q=a%00b%2500").json() == "a\ufffdb%00"
    assert client.get("/raise/%00").status_code == 404


def test_health_speaks_for_all_services(app: FastAPI, client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    app.state.health = lambda: {"program": "test", "ok": False, "services": {"sink": {"ok": False}}}
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["services"]) == (503, {"sink": {"ok": False}})


def test_requests_are_counted_by_route_and_never_by_path(client: TestClient) -> None:
    client.get("/number/424242")
    said = client.get("/metrics").text
    assert 'route="/number/{value}",status="200"' in said
    assert "424242" not in said


def test_text_from_outside_is_escaped_in_pages() -> None:
    page = environment().get_template("error.html").render(problem=Problem(400, "X", "<script>", "<b>"))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
