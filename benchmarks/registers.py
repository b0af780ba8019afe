"""`make bench-registers`: a register of 100,000 rows from a file to the portal's search, every part running.

    python -m benchmarks.registers [--rows 100000] [--units 3000] [--postgres URL]

The city is the example with villages added until it has so many units, each with a valid code. `gongkai register
import` reads one CSV of service items, spread over all units, and sends it to the door; the clock runs from the start
of that command until the portal's API counts every row. Then searches, the report and a whole download are timed.
Peaks are the system's own (VmHWM; of the command, ru_maxrss).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from benchmarks import report
from benchmarks.city import CITY, City, running, wait
from bus.programs import environment
from schemas.city import load_pack
from schemas.city.uscc import org_check, uscc_check

GOAL_SECONDS, GOAL_MB = 60, 500
KEEPER, REGISTER = "xzsp", "service-items"
WORDS = ("社保", "居住证明", "登记 村民", "事项第777", "第99项", "便民服务站", "许可", "没有这样的词")
NATURES = ("行政许可", "行政给付", "行政确认", "行政奖励", "行政裁决", "其他行政权力", "公共服务")
MATTERS = (
    "社保登记",
    "居住证明",
    "老年优待",
    "临时救助",
    "生育服务",
    "户口迁移",
    "医保报销",
    "就业登记",
    "残疾补贴",
    "宅基地审批",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--units", type=int, default=3_000)
    parser.add_argument("--postgres", default="", help="A SQLAlchemy URL; without it SQLite.")
    asked = parser.parse_args()
    machine = report.machine()
    with tempfile.TemporaryDirectory(prefix="gongkai-registers-") as folder:
        pack, file = grown(Path(folder) / "pack", asked.units), Path(folder) / "items.csv"
        began = time.monotonic()
        units = [one.code for one in load_pack(pack).departments if one.to is None]
        loaded = time.monotonic() - began
        write(file, asked.rows, units)
        measured = measure(pack, file, asked.rows, asked.postgres)
    worst = max(peak for name, peak in measured["peak_mb"].items() if name != "kafka")
    summary = {
        "benchmark": "registers", "machine": machine, "versions": report.versions(), "rows": asked.rows,
        "units": len(units), "database": "postgresql" if asked.postgres else "sqlite",
        "pack_load_seconds": round(loaded, 2), **measured, "worst_mb": worst,
        "good": measured["seconds"] <= GOAL_SECONDS and worst <= GOAL_MB,
        "ratios": {"seconds_to_goal": round(measured["seconds"] / GOAL_SECONDS, 2),
                   "worst_to_goal": round(worst / GOAL_MB, 2)},
    }  # fmt: skip
    report.keep("registers", summary)


def measure(pack: Path, file: Path, rows: int, database: str) -> dict[str, Any]:
    with running(city=pack, database=database) as city:
        key, portal = city.keys([KEEPER])[KEEPER], httpx.Client(base_url=city.settings.url_of("portal"), timeout=120)
        before = city.use()
        began = time.monotonic()
        peak = command(city, key, file)
        sent = time.monotonic() - began
        wait(lambda: total(portal) >= rows, "the portal's count", 600, 0.2)
        seconds = time.monotonic() - began
        used = city.use()
        say(f"{rows / seconds:,.0f} rows/s: sent after {sent:.1f} s, all there after {seconds:.1f} s")
        found = timed(portal)
        portal.close()
    peaks = {**{name: use.peak_mb for name, use in used.items()}, "command": peak}
    return {
        "seconds": round(seconds, 2), "sent_seconds": round(sent, 2), "rows_per_second": round(rows / seconds),
        "peak_mb": peaks, **found,
        "cpu_us_per_row": {
            name: round((use.cpu_seconds - before[name].cpu_seconds) / rows * 1e6, 1) for name, use in used.items()
        },
    }  # fmt: skip


def command(city: City, key: str, file: Path) -> float:
    """`gongkai register import`, as a department runs it; MB that it held at its peak."""
    words = [sys.executable, "-m", "bus.cli", "register", "import", REGISTER, str(file), "--key", key, "--json"]
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(words, env=environment(city.settings), stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
    if process.returncode:
        raise SystemExit(f"the import ended with {process.returncode}: {said[-500:]}")
    say(json.dumps({name: value for name, value in json.loads(said).items() if name != "remarks"}))
    return round(used.ru_maxrss / 1024, 1)


def total(portal: httpx.Client) -> int:
    answer = portal.get(f"/api/v1/registers/{REGISTER}", params={"limit": 1})
    return int(answer.json()["total"])


def timed(portal: httpx.Client) -> dict[str, Any]:
    """Milliseconds of searches (first page and count), of the report, and seconds of a whole download."""
    searches = {}
    for words in WORDS:
        took, answer = clocked(portal, f"/api/v1/registers/{REGISTER}?limit=20&q={words}")
        searches[words] = {"ms": round(took * 1000, 1), "found": answer.json()["total"]}
    report_took, found = clocked(portal, f"/api/v1/registers/{REGISTER}/report")
    whole_took, whole = clocked(portal, f"/registers/{REGISTER}/download.csv")
    return {
        "searches": searches, "slowest_search_ms": max(each["ms"] for each in searches.values()),
        "report_ms": round(report_took * 1000, 1), "download_seconds": round(whole_took, 2),
        "download_bytes": len(whole.content),
        "coverage": {one["level"]: one["share"] for one in found.json()["coverage"]},
    }  # fmt: skip


def clocked(portal: httpx.Client, path: str) -> tuple[float, httpx.Response]:
    began = time.monotonic()
    answer = portal.get(path)
    answer.raise_for_status()
    return time.monotonic() - began, answer


def grown(folder: Path, units: int) -> Path:
    """The example city with villages under its streets until it has `units`."""
    shutil.copytree(CITY, folder)
    file = folder / "departments.csv"
    lines = list(csv.DictReader(file.open(encoding="utf-8-sig")))
    streets = [line["code"] for line in lines if line["level"] == "街镇"]
    with file.open("a", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(lines[0]))
        for number in range(units - len(lines)):
            writer.writerow(_village(number, streets[number % len(streets)]))
    return folder


def _village(number: int, street: str) -> dict[str, str]:
    first = f"11999900{'MC' + f'{number:06}'}"
    first += org_check(first[8:])
    return {
        "code": f"cun-{number:05}", "uscc": first + uscc_check(first), "name": f"示例市第{number}村村民委员会",
        "short_name": f"第{number}村", "level": "村居", "parent": street, "class": "D", "leader_post": "村委会主任",
        "from": "2010-01-01",
    }  # fmt: skip


def write(file: Path, rows: int, units: list[str]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["事项编码", "事项名称", "事项性质", "实施单位", "办理地点", "法定时限", "承诺时限"])
        writer.writerows(_items(rows, units))


def _items(rows: int, units: list[str]) -> Iterator[list[str]]:
    for number in range(rows):
        name = f"{MATTERS[number % len(MATTERS)]}事项第{number}项"
        unit, nature = units[number % len(units)], NATURES[number % len(NATURES)]
        yield [f"{number:08}", name, nature, unit, f"便民服务站{number % 40}号窗口", "20", "5"]


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
