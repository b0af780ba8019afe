"""The gateway's own description."""

from __future__ import annotations

from producers.http.app import openapi


def test_every_route_is_described_in_both_languages() -> None:
    routes = [route for path in openapi()["paths"].values() for route in path.values()]

    assert len(routes) >= 20
    for route in routes:
        said = route["summary"] + route["description"]
        assert any("\u4e00" <= character <= "\u9fff" for character in said)
        assert any(character.isascii() and character.isalpha() for character in said)
        open_to_all = "citizens 公众" in route["tags"]
        assert route.get("security", []) == ([] if open_to_all else [{"departmentKey": []}])
