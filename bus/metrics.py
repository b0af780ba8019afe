"""Every Prometheus metric there is, in one closed list: a part imports the one it counts with.

docs/operations.md lists them all, and a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

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
ROUTER_JUDGED = Counter(
    "gongkai_router_judged_total", "Input records judged, by outcome (accepted, rejected, dead).", ["topic", "outcome"]
)
ROUTER_SLICE_SECONDS = Histogram(
    "gongkai_router_slice_seconds", "Time from a slice's fetch to its acknowledgement.", buckets=_FAST
)
ROUTER_UNACKNOWLEDGED = Gauge("gongkai_router_unacknowledged", "Records fetched and not yet acknowledged.")

PLATFORM_CALLS = Counter(
    "gongkai_platform_calls_total", "Calls to an account's platform, by what came of them.", ["platform", "result"]
)
PLATFORM_ALERTS = Counter(
    "gongkai_platform_alerts_total", "What operators must look at on an account.", ["account", "kind"]
)
PLATFORM_WAITING = Gauge("gongkai_platform_waiting", "Items that wait for an account's next slot.", ["account"])
NOTICES_CARRIED = Counter(
    "gongkai_notices_carried_total",
    "Tries to tell somebody of a rung, by way and by what came of them.",
    ["way", "result"],
)

ALL: tuple[MetricWrapperBase, ...] = (
    HTTP_SECONDS, DOOR_EVENTS, DOOR_UNAUTHORISED, ROUTER_JUDGED, ROUTER_SLICE_SECONDS, ROUTER_UNACKNOWLEDGED,
    PLATFORM_CALLS, PLATFORM_ALERTS, PLATFORM_WAITING, NOTICES_CARRIED,
)  # fmt: skip

FROM_HEALTH = {
    "ok": ("gongkai_service_ok", "Whether a service of this program calls itself well."),
    "waiting": ("gongkai_outbox_waiting", "Rows that a relay has still to send."),
    "sent": ("gongkai_relay_sent", "Records that a relay has sent since this process began."),
    "applied": ("gongkai_sink_applied", "Records that a sink has applied since this process began."),
    "lag": ("gongkai_sink_lag", "Records in the log and not yet in the sink's store."),
}
"""Numbers that services give with their health: metric and sentence; each has the label `service`."""


def sentences() -> dict[str, str]:
    """Every metric's name and what it says."""
    counted = {family.name: family.documentation for metric in ALL for family in metric.describe()}
    return counted | dict(FROM_HEALTH.values())


class ServiceCollector(Collector):
    """What the services of this program say of themselves, asked when somebody reads the metrics."""

    def __init__(self, health: Callable[[], Mapping[str, Mapping[str, object]]]) -> None:
        self._health = health
        """Service to its word."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family a metric, one sample a service that gives that number."""
        said = self._health()
        for key, (name, sentence) in FROM_HEALTH.items():
            family = GaugeMetricFamily(name, sentence, labels=["service"])
            for service, words in said.items():
                value = words.get(key)
                if isinstance(value, int | float):
                    family.add_metric([service], float(value))
            yield family


CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    """Everything this process has counted, in Prometheus' text format."""
    return generate_latest(REGISTRY)
