"""What every benchmark says beside its figures: the machine, the versions, and a file of raw figures."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("aiokafka", "faust-streaming", "kafka-python", "msgspec", "sqlalchemy", "fastapi", "uvicorn")


def machine() -> dict[str, object]:
    """Processor, cores, system, Python, and how busy others keep it: the load averages of now."""
    return {
        "cpu": _cpu(), "cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }  # fmt: skip


def versions(*names: str) -> dict[str, str]:
    """Of the packages that carry the figures."""
    return {name: version(name) for name in names or PACKAGES}


def spread(values: Sequence[float], digits: int = 1) -> dict[str, float]:
    """Median, lowest, highest."""
    found = {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}
    return {name: round(value, digits) for name, value in found.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def keep(name: str, summary: Mapping[str, Any], **raw: Any) -> Path:
    """Write the summary with the raw figures into `benchmarks/results`, and print it as the last line."""
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    path = RESULTS / f"{name}-{at:%Y%m%dT%H%M%SZ}.json"
    whole = {"at": at.isoformat(), **summary, **raw}
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(summary, ensure_ascii=False), flush=True)
    return path


def _cpu() -> str:
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.processor())
