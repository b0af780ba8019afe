"""Topics are made as the one list says, and nothing else is accepted."""

from __future__ import annotations

import pytest
from kafka.admin import ConfigResource

from bus import clients, topics
from bus.errors import Fatal
from bus.settings import Settings
from schemas.topics import BY_NAME, TOPICS
from tests.support.waiting import eventually

pytestmark = pytest.mark.integration


def test_create_makes_every_topic_once(fresh_settings: Settings) -> None:
    assert topics.create(fresh_settings) == sorted(topic.name for topic in TOPICS)
    assert topics.create(fresh_settings) == []
    assert topics.check(fresh_settings) == []


def test_check_names_what_is_missing(fresh_settings: Settings) -> None:
    differences = topics.check(fresh_settings)
    assert [each.found for each in differences] == ["missing"] * len(TOPICS)


@pytest.mark.parametrize(
    ("what", "value"),
    [("retention.ms", "604800000"), ("cleanup.policy", "compact"), ("message.timestamp.type", "LogAppendTime")],
)
def test_check_refuses_a_topic_that_forgets(settings: Settings, what: str, value: str) -> None:
    name = settings.topic("publications")
    with clients.admin(settings) as admin:
        admin.alter_configs([ConfigResource("topic", name, {what: value})])
    [difference] = eventually(lambda: topics.check(settings))
    assert (difference.topic, difference.what, difference.found) == (name, what, value)
    with pytest.raises(Fatal, match=what):
        topics.create(settings)


def test_check_refuses_another_number_of_partitions(settings: Settings) -> None:
    wider = settings.model_copy(update={"partitions": 5})
    keyed = [topic for topic in TOPICS if topic.shape == "keyed"]
    assert [(each.what, each.wanted, each.found) for each in topics.check(wider)] == [("partitions", "5", "4")] * len(
        keyed
    )


def test_an_inbox_is_stamped_by_the_broker(settings: Settings) -> None:
    assert topics.create(settings, inboxes=["fgw"]) == ["inbox.fgw"]
    assert topics.check(settings) == []
    sender = clients.producer(settings)
    sent = sender.send(settings.topic("inbox.fgw"), b"{}", timestamp_ms=1).get(timeout=20)
    sender.close()
    assert sent.timestamp > 1


def test_a_record_keeps_its_arrival_however_late_or_early(settings: Settings) -> None:
    sender = clients.producer(settings)
    for arrival in (1, 4_102_444_800_000):  # 1970 and 2100
        sent = sender.send(settings.topic("publications"), b"{}", partition=0, timestamp_ms=arrival).get(timeout=20)
        assert sent.timestamp == arrival
    sender.close()


def test_ids_of_topics_are_kafkas_own(settings: Settings) -> None:
    ids = clients.topic_ids(settings)
    assert set(ids) == {topic.name for topic in TOPICS}
    assert len(set(ids.values())) == len(ids)


def test_acls_let_each_part_do_what_the_list_says(settings: Settings) -> None:
    said = list(topics.acls(settings))
    for topic in TOPICS:
        writers = {
            line.split("User:")[1].split()[0]
            for line in said
            if "Write" in line and line.endswith(f" {settings.topic(topic)}")
        }
        assert writers == set(topic.writers), topic.name
    assert BY_NAME["publications"].writers == ("gateway",)


def test_acls_let_the_board_of_channels_ask_after_everybody(settings: Settings) -> None:
    asks = [line for line in topics.acls(settings) if line.startswith(_ASKS)]
    wanted = {f"--topic {settings.topic(topic)}" for topic in TOPICS}
    wanted |= {f"--group {settings.group(part)}" for topic in TOPICS for part in topic.readers}
    assert {line.removeprefix(_ASKS) for line in asks} == wanted


_ASKS = "kafka-acls --add --allow-principal User:assessment --operation Describe "
