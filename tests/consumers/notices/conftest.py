from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.consumers.notices.harness import Desk, desk, webhook
from tests.support.sinks import HookSink, MailSink, hook_sink, mail_sink


@pytest.fixture(scope="session")
def post() -> Iterator[MailSink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture(scope="session")
def server() -> Iterator[HookSink]:
    with hook_sink() as sink:
        yield sink


@pytest.fixture
def hook(server: HookSink) -> HookSink:
    server.calls.clear()
    server.answers.clear()
    server.body = b""
    return server


@pytest.fixture
def mail(post: MailSink) -> MailSink:
    for each in (post.mails, post.recipients, post.secured, post.answers, post.after_data):
        each.clear()
    return post


@pytest.fixture
def calls(tmp_path: Path, hook: HookSink) -> Iterator[Desk]:
    """A desk with one webhook for everything."""
    with desk(tmp_path, webhook=[webhook("oa", hook.port)]) as made:
        yield made
