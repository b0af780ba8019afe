"""A store made anew from the log says the same, and nothing goes out a second time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.topics import RECEIPTS
from tests.faults.audit import Log, audit
from tests.faults.city import PLATFORMS, City
from tests.faults.killing import PATIENCE

pytestmark = [pytest.mark.integration, pytest.mark.faults, pytest.mark.full, pytest.mark.timeout(900)]

PARTS = ("portal", "newmedia", "gazette", "assessment", "notices")


def test_rebuilt_stores_are_the_same_and_nothing_goes_out_again(tmp_path: Path) -> None:
    with City(tmp_path / "city") as city:
        city.publisher.release(600)
        city.publisher.finish(PATIENCE)
        city.settle()
        posts = {platform: city.posts(platform) for platform in PLATFORMS}
        receipts = Log.read(city.settings).counts[RECEIPTS.name]
        assert all(posts.values()), "nothing was posted: nothing is proven"
        for part in PARTS:
            city.stop_part(part)
            done = city.command("rebuild", part, "--json")
            assert done.returncode == 0, done.stderr
            said = json.loads(done.stdout)

            assert said["before"] == said["after"], f"{part}: another digest"
            assert said["to_send"] == 0
            assert said["applied"] > 0
            city.start_part(part)
        city.await_ready()
        city.publisher.release(100)
        city.publisher.finish(PATIENCE)
        city.settle()

        now = {platform: city.posts(platform)[: len(posts[platform])] for platform in PLATFORMS}
        assert {p: [x["id"] for x in now[p]] for p in PLATFORMS} == {p: [x["id"] for x in posts[p]] for p in PLATFORMS}
        assert Log.read(city.settings).counts[RECEIPTS.name] > receipts
        assert audit(city) == {}
