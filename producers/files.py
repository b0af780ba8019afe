"""The file drop: a department's folder under `home/drop` takes .json, .ndjson, .csv, .txt, each whole or not at all.

Reads:    files that lie still: equal size and time at two looks, 0.2 s apart, or renamed in.
Writes:   events through the intake; reports beside what it moves to `done/` or `refused/`.
Keeps:    when it first saw each file, so that a second pass after a crash makes the same events, which repeat.
Fails to: the process, where the store or the disk can't go on; a full outbox leaves the file for a later pass.

It looks instead of listening (`watchfiles`, inotify): drop folders are network shares as a rule, on which changes made
by others raise no event; 52 folders cost a millisecond a look.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus import log
from bus.errors import Retriable
from bus.looping import Looping
from bus.settings import Settings
from producers import formats
from producers.answers import instant, milliseconds
from producers.checks import Principal, principal
from producers.drop_folder import DONE, REFUSED, DropFolder, Look, Report
from producers.formats.table import attachment_names
from producers.forms import Given
from producers.intake import Intake, findings_of
from producers.refusals import Refused
from producers.tables import DROPS
from producers.uploads import TYPES, Uploads
from schemas.events.common import Attachment
from schemas.reasons import Reason, finding
from schemas.records import Finding

LOOK_SECONDS = 0.2
GRACE = 3.0
"""Seconds a file may wait for its sidecar or attachments, which may be copied after it."""
LONE = 60.0
"""Seconds after which a file that no event names is refused."""
MAX_FILE = 64_000_000

EVENT_FILES = (".json", ".ndjson", ".csv", ".txt")
_SIDECAR = ".meta.toml"
_MAY_COME = {Reason.META_MISSING, Reason.REJ_ATTACHMENT}
_log = log.get("producers.files")


class FileDrop(Looping):
    """A service with one thread over all departments' folders."""

    name = "file-drop"

    def __init__(
        self, settings: Settings, intake: Intake, uploads: Uploads, grace: float = GRACE, lone: float = LONE
    ) -> None:
        super().__init__()
        self.root = settings.home / "drop"
        self._intake = intake
        self._uploads = uploads
        self._grace = grace
        self._portal = settings.url_of("portal")
        self._lone = lone
        self._made: set[str] = set()
        self._looks: dict[Path, dict[str, tuple[Look, int]]] = {}
        self._taken = 0
        self._trouble: str | None = None

    def start(self) -> None:
        """Make the folders and begin to look."""
        self._make_folders()
        super().start()

    def health(self) -> dict[str, object]:
        """How many files it has answered, and what troubles it."""
        return {"ok": self.failed is None, "answered": self._taken, "trouble": self._trouble}

    def look(self, dept: str) -> None:
        """One look at a department's folder; events first, for they name what else lies there."""
        folder = DropFolder(self.root / dept, self._portal)
        before, now = self._looks.get(folder.path, {}), folder.look()
        looks = {
            name: (look, before[name][1] + 1 if name in before and before[name][0] == look else 0)
            for name, look in now.items()
        }
        self._looks[folder.path] = looks
        still = {name: count * LOOK_SECONDS for name, (_, count) in looks.items() if count > 0}
        for name in sorted(still, key=_order):
            if self._stopping.is_set():
                return
            with suppress(FileNotFoundError):
                Pass(self._intake, self._uploads, folder, principal(self._intake.pack, dept, "file")).answer(
                    name, waited=still[name], grace=self._grace, lone=self._lone
                )
                self._taken += 1

    def _make_folders(self) -> None:
        """A folder for each department; one that a later release brings gets its own then."""
        for dept in self._intake.pack.department.keys() - self._made:
            DropFolder(self.root / dept).make()
            self._made.add(dept)

    def _turn(self) -> None:
        if not self._stopping.wait(LOOK_SECONDS):
            self._look_everywhere()

    def _look_everywhere(self) -> None:
        """Each department's folder; what one has to wait for keeps no other waiting."""
        troubles = [trouble for look in self._looks_to_take() if (trouble := _tried(look))]
        if troubles and self._trouble is None:
            _log.warning("file drop waits", error=troubles[0])
        self._trouble = troubles[0] if troubles else None

    def _looks_to_take(self) -> list[Callable[[], None]]:
        return [self._make_folders, *(partial(self.look, dept) for dept in self._intake.pack.department)]


def _tried(look: Callable[[], None]) -> str | None:
    """What it has to wait for; None where it is done."""
    try:
        look()
    except (Retriable, OSError) as error:
        return str(error)
    return None


class Pass:
    """The answering of one file."""

    def __init__(self, intake: Intake, uploads: Uploads, folder: DropFolder, who: Principal) -> None:
        self._intake = intake
        self._uploads = uploads
        self._folder = folder
        self._who = who
        self._companions: list[str] = []

    def answer(self, name: str, *, waited: float, grace: float, lone: float) -> None:
        """Take the file, or refuse it, or let it wait for what belongs to it."""
        if PurePath(name).suffix.lower() not in EVENT_FILES:
            known = name.endswith(_SIDECAR) or PurePath(name).suffix.lower() in TYPES
            if waited >= (lone if known else 0):
                self._refuse(name, b"", Reason.FILE_UNKNOWN, detail=name)
            return
        with self._folder.open(name) as file:
            value = file.read(MAX_FILE + 1)
        if len(value) > MAX_FILE:
            self._refuse(name, value, Reason.SIZE, detail=f"> {MAX_FILE} bytes")
            return
        sha256 = hashlib.sha256(value).hexdigest()
        try:
            values = self._events(name, value, sha256)
        except Refused as refused:
            if Reason(refused.code) not in _MAY_COME or waited >= grace:
                self._report_refused(name, sha256, refused.finding)
            return
        self._take(name, sha256, values)

    def _events(self, name: str, value: bytes, sha256: str) -> list[Given]:
        origin = formats.Origin(self._who.dept, name, sha256, instant(self._first_seen(name, sha256)))
        suffix = PurePath(name).suffix.lower()
        if suffix == ".csv":
            return formats.events_of_csv(value, origin, self._beside(attachment_names(value)))
        if suffix == ".txt":
            meta = self._sidecar(name)
            named = [str(each) for each in meta.get("attachments", ())]
            return [formats.event_of_text(value, meta, origin, self._beside(named))]
        values = formats.events_of_json(value) if suffix == ".json" else formats.events_of_ndjson(value)
        self._beside({named for each in values for named in formats.attachments_of(each)})
        return values

    def _sidecar(self, name: str) -> Mapping[str, Any]:
        beside = formats.sidecar_name(name)
        try:
            with self._folder.open(beside) as file:
                value = file.read(MAX_FILE)
        except FileNotFoundError as error:
            raise Refused(Reason.META_MISSING, name, name=PurePath(name).stem) from error
        self._companions.append(beside)
        return formats.read_sidecar(value, beside)

    def _beside(self, names: Iterable[str]) -> dict[str, Attachment]:
        """The files among `names` that lie in the folder, taken in."""
        found: dict[str, Attachment] = {}
        for name in sorted(names):
            with suppress(FileNotFoundError), self._folder.open(name) as file:
                found[name] = self._uploads.keep(self._who.dept, name, file)
                self._companions.append(name)
        return found

    def _take(self, name: str, sha256: str, values: list[Given]) -> None:
        answers, refused = self._intake.take_whole(self._who, name, values, sha256)
        if any(answer.outcome == "refused" for answer in answers):
            raise Retriable(f"the outbox of {self._who.dept} is full; {name} waits")
        findings = findings_of(refused) if refused else []
        if refused and refused.outcome == "refused":
            raise Retriable(f"the outbox of {self._who.dept} is full; {name} waits")
        report = Report(name, sha256, answers, findings)
        self._folder.answer(name, REFUSED if findings else DONE, self._companions, report)
        _log.info("file answered", dept=self._who.dept, file=name, events=len(answers), refused=bool(findings))

    def _refuse(self, name: str, value: bytes, reason: Reason, **values: str) -> None:
        self._report_refused(name, hashlib.sha256(value or name.encode()).hexdigest(), finding(reason, name, **values))  # type: ignore[arg-type]

    def _report_refused(self, name: str, sha256: str, found: Finding) -> None:
        answer = self._intake.refuse_whole(self._who, name, sha256, [found])
        if answer.outcome == "refused":
            raise Retriable(f"the outbox of {self._who.dept} is full; {name} waits")
        self._folder.answer(name, REFUSED, self._companions, Report(name, sha256, (), [found]))
        _log.info("file refused", dept=self._who.dept, file=name, code=found.rule)

    def _first_seen(self, name: str, sha256: str) -> int:
        """When this very file was first seen here, kept before anything is made of it."""
        store = self._intake.store
        insert = postgresql.insert if store.is_postgres else sqlite.insert
        row = {"dept": self._who.dept, "name": name, "sha256": sha256, "seen": milliseconds(self._intake.clock())}
        with store.begin() as conn:
            conn.execute(insert(DROPS).values(**row).on_conflict_do_nothing())
            here = (DROPS.c.dept == row["dept"], DROPS.c.name == name, DROPS.c.sha256 == sha256)
            return int(conn.execute(sa.select(DROPS.c.seen).where(*here)).scalar_one())


def _order(name: str) -> tuple[int, str]:
    """Events in JSON first, then tables, then texts, then the rest, so that what is named by an event is not lone."""
    suffix = PurePath(name).suffix.lower()
    return (EVENT_FILES.index(suffix) if suffix in EVENT_FILES else len(EVENT_FILES), name)
