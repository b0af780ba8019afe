"""One department's drop folder: what is ready in it, reading without being led elsewhere, moving, reports.

Nothing in it is trusted: links are not followed, only plain files of the folder itself are read.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from producers.answers import Answer
from schemas.records import Finding

DONE, REFUSED = "done", "refused"
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".swp", "~")


@dataclass(frozen=True, slots=True)
class Look:
    """How a file looked: two equal looks say that nobody writes to it any more."""

    size: int
    changed: int
    node: int


class DropFolder:
    """The folder of one department."""

    def __init__(self, path: Path, portal: str = "") -> None:
        """`portal`: its address, for reports to name the rules' pages."""
        self.path = path
        self._portal = portal

    def make(self) -> None:
        """Make the folder and the two that answers go to."""
        for name in (DONE, REFUSED):
            (self.path / name).mkdir(parents=True, exist_ok=True)

    def look(self) -> dict[str, Look]:
        """The plain files that lie in it, by name; hidden and unfinished ones are left alone."""
        found: dict[str, Look] = {}
        with suppress(FileNotFoundError), os.scandir(self.path) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name.lower().endswith(_UNFINISHED):
                    continue
                with suppress(FileNotFoundError):
                    seen = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(seen.st_mode):
                        found[entry.name] = Look(seen.st_size, seen.st_mtime_ns, seen.st_ino)
        return found

    def open(self, name: str) -> BinaryIO:
        """A plain file of this folder, whatever name was asked for.

        Raises:
            FileNotFoundError: there is none of that name, or it is a link, or the name leads elsewhere.
        """
        if name != Path(name).name or name in {"", ".", ".."} or "\x00" in name:
            raise FileNotFoundError(name)
        try:
            descriptor = os.open(self.path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            raise FileNotFoundError(name) from error
        file = os.fdopen(descriptor, "rb")
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            file.close()
            raise FileNotFoundError(name)
        return file

    def answer(self, name: str, to: str, companions: Sequence[str], report: Report) -> None:
        """Put the report beside where the file goes, then move it, then what belongs to it.

        The report is first and the companions last, so that a crash in between leaves the file itself to be found
        again with all it needs, and the second pass ends what the first began.
        """
        folder = self.path / to
        folder.mkdir(exist_ok=True)
        target = _free(folder, name, report.sha256)
        for suffix, text in (
            (".report.txt", report.to_text(self._portal)),
            (".report.json", report.to_json(self._portal)),
        ):
            _write(folder / f"{target}{suffix}", text)
        with suppress(FileNotFoundError):
            (self.path / name).replace(folder / target)
        for companion in companions:
            with suppress(FileNotFoundError):
                (self.path / companion).replace(folder / _free(folder, companion, report.sha256))


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file: for a clerk as text, for a machine as JSON."""

    name: str
    sha256: str
    answers: Sequence[Answer]
    findings: Sequence[Finding]

    @property
    def refused(self) -> bool:
        """Whether the file was refused whole."""
        return bool(self.findings)

    def to_json(self, portal: str = "") -> str:
        """One object; `events` are the door's answers in the file's order, and pages are below `portal`."""
        answers = () if self.refused else self.answers
        said: Mapping[str, object] = {
            "file": self.name, "sha256": self.sha256, "outcome": REFUSED if self.refused else DONE,
            "findings": [_led(each, portal).model_dump(mode="json", exclude_none=True) for each in self.findings],
            "events": [json.loads(each.to_json(n, portal)) for n, each in enumerate(answers, 1)],
        }  # fmt: skip
        return json.dumps(said, ensure_ascii=False, indent=1) + "\n"

    def to_text(self, portal: str = "") -> str:
        """Chinese first, English beside it, the rule's page below."""
        if self.refused:
            head = f"文件 {self.name} 整个未接收,没有任何内容进入平台。\nNothing of {self.name} was taken.\n"
            return head + "".join(f"\n{_said(_led(finding, portal))}" for finding in self.findings)
        repeated = sum(answer.outcome == "repeated" for answer in self.answers)
        head = (
            f"文件 {self.name} 已接收 {len(self.answers)} 件,其中 {repeated} 件此前已接收。\n"
            f"{self.name}: {len(self.answers)} events taken, {repeated} of them seen before.\n"
        )
        return head + "".join(_line(number, answer, portal) for number, answer in enumerate(self.answers, 1))


def _line(number: int, answer: Answer, portal: str) -> str:
    told = json.loads(answer.to_json(portal=portal))
    lines = [f"\n{number}. {answer.id}  {answer.status}  {told['message']['zh']} {told['message']['en']}\n"]
    lines += [_said(Finding.model_validate(finding)) for finding in told["findings"]]
    return "".join(lines)


def _led(finding: Finding, portal: str) -> Finding:
    return finding.model_copy(update={"page": f"{portal}{finding.page}"}) if finding.page else finding


def _said(finding: Finding) -> str:
    page = f"    {finding.page}\n" if finding.page else ""
    place = f" {finding.place}" if finding.place else ""
    return (
        f"[{finding.rule}]{place} {finding.message.zh}{finding.remedy.zh}(依据:{finding.basis})\n"
        f"    {finding.message.en} {finding.remedy.en}\n{page}"
    )


def _free(folder: Path, name: str, sha256: str) -> str:
    """`name`, or with the digest's beginning where another file of that name lies there already."""
    if not (folder / name).exists():
        return name
    path = Path(name)
    return f"{path.stem}-{sha256[:12]}{path.suffix}"


def _write(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
