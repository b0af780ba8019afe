"""Every Prometheus metric there is, in one closed list: a part imports the one it counts with.

docs/operations.md lists them all, and a test compares.
"""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics import MetricWrapperBase

_FAST = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)

HTTP_SECONDS = Histogram(
    "gongkai_http_request_seconds", "Time to answer an HTTP request.", ["route", "status"], buckets=_FAST
)

DOOR_EVENTS = Counter(
    "gongkai_door_events_total",
    "Events that came to the door, by the way in (http, file, database, kafka) and the answer.",
    ["way", "answer"],
)
DOOR_UNAUTHORISED = Counter(
    "gongkai_door_unauthorised_total", "Requests without a valid key; they leave no record.", ["reason"]
)
OUTBOX_WAITING = Gauge(
    "gongkai_outbox_waiting", "Rows written and not yet sent to Kafka, by part and lane.", ["part", "lane"]
)
RELAY_SENT = Counter("gongkai_relay_sent_total", "Records that the relay has sent.", ["part", "topic"])
RELAY_RESTARTS = Counter("gongkai_relay_restarts_total", "Producers dropped unflushed after an error.", ["part"])

ROUTER_JUDGED = Counter(
    "gongkai_router_judged_total", "Input records judged, by outcome (accepted, rejected, dead).", ["topic", "outcome"]
)
ROUTER_SLICE_SECONDS = Histogram(
    "gongkai_router_slice_seconds", "Time from a slice's fetch to its acknowledgement.", buckets=_FAST
)
ROUTER_UNACKNOWLEDGED = Gauge("gongkai_router_unacknowledged", "Records fetched and not yet acknowledged.")

SINK_APPLIED = Counter("gongkai_sink_applied_total", "Records applied to a store.", ["part", "topic"])
SINK_REPEATED = Counter("gongkai_sink_repeated_total", "Records that the inbox knew already.", ["part", "topic"])
SINK_LAG = Gauge("gongkai_sink_lag", "Records in the log and not yet in the store.", ["part", "topic", "partition"])
SINK_SECONDS = Histogram("gongkai_sink_transaction_seconds", "Time of one transaction.", ["part"], buckets=_FAST)

PLATFORM_CALLS = Counter(
    "gongkai_platform_calls_total", "Calls to an account's platform, by what came of them.", ["platform", "result"]
)
PLATFORM_ALERTS = Counter(
    "gongkai_platform_alerts_total", "What operators must look at on an account.", ["account", "kind"]
)
PLATFORM_WAITING = Gauge("gongkai_platform_waiting", "Items that wait for an account's next slot.", ["account"])

ALL: tuple[MetricWrapperBase, ...] = (
    HTTP_SECONDS, DOOR_EVENTS, DOOR_UNAUTHORISED, OUTBOX_WAITING, RELAY_SENT, RELAY_RESTARTS, ROUTER_JUDGED,
    ROUTER_SLICE_SECONDS, ROUTER_UNACKNOWLEDGED, SINK_APPLIED, SINK_REPEATED, SINK_LAG, SINK_SECONDS,
    PLATFORM_CALLS, PLATFORM_ALERTS, PLATFORM_WAITING,
)  # fmt: skip

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    """Everything this process has counted, in Prometheus' text format."""
    return generate_latest(REGISTRY)
