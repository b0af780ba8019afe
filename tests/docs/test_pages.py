"""The pages are true and whole: links lead somewhere, both READMEs say the same, decisions have their four parts."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from schemas.reasons import Reason

PAGES = sorted([*Path().glob("*.md"), *Path("docs").rglob("*.md"), Path("cities/README.md")])
DECISIONS = sorted(Path("docs/decisions").glob("*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def text(path: Path | str) -> str:
    return Path(path).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_relative_link_resolves(page: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(text(page)) if "://" not in link]

    assert [link for link in links if link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_path_of_the_project_that_is_named_exists(page: Path) -> None:
    named = re.findall(
        r"`((?:schemas|cities|rules|bus|producers|streams|consumers|tests|benchmarks|docs|deploy)/[\w./-]+)`",
        text(page),
    )

    assert [path for path in named if not Path(path).exists()] == []


def test_both_readmes_have_the_same_shape() -> None:
    english, chinese = text("README.md"), text("README.zh-CN.md")

    assert _headings(english) == _headings(chinese)
    assert _blocks(english) == _blocks(chinese)
    assert _links(english, "README.zh-CN.md") == _links(chinese, "README.md")
    assert [line.count("|") for line in _tables(english)] == [line.count("|") for line in _tables(chinese)]


def test_every_page_in_docs_is_reached_from_the_readme() -> None:
    assert [page.name for page in Path("docs").glob("*.md") if f"(docs/{page.name})" not in text("README.md")] == []


def test_every_folder_in_the_tree_exists_and_none_is_missing() -> None:
    tree = next(block for block in _blocks(text("README.md")) if "WHAT MAY TRAVEL" in block)
    named = set(re.findall(r"(\w+)/(?=\s)", tree))
    packages = {path.parent.name for path in Path().glob("*/__init__.py")}

    assert packages - named == set()
    assert [name for name in named if not Path(name).is_dir()] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.name)
def test_a_decision_has_its_four_parts_under_a_page(decision: Path) -> None:
    written = text(decision)

    assert re.match(rf"# {int(decision.name[:4])}\. ", written)
    assert re.findall(r"^\*\*(\w+)\.\*\*", written, re.MULTILINE) == ["Context", "Decision", "Status", "Consequences"]
    assert len(written.splitlines()) <= 60


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(len(DECISIONS)))


def test_every_reason_is_on_its_page() -> None:
    assert [reason for reason in Reason if f"| `{reason}` |" not in text("docs/rules.md")] == []


def test_the_changelog_has_this_version_and_keeps_its_form() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    headings = re.findall(r"^## \[(.+?)\] - (\S+)$", text("CHANGELOG.md"), re.MULTILINE)
    kinds = set(re.findall(r"^### (\w+)$", text("CHANGELOG.md"), re.MULTILINE))

    assert headings[0][0] == version
    assert all(day == "Unreleased" or re.fullmatch(r"\d{4}-\d\d-\d\d", day) for _, day in headings)
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_every_target_of_make_that_the_pages_name_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)`", text(page))}

    assert named - targets == set()
    assert {"demo", "test"} <= targets


def _headings(page: str) -> list[int]:
    """The levels of headings, outside blocks."""
    return [
        len(marks) for marks in re.findall(r"^(#+) ", re.sub(r"```.*?```", "", page, flags=re.DOTALL), re.MULTILINE)
    ]


def _blocks(page: str) -> list[str]:
    return re.findall(r"```\w*\n(.*?)```", page, re.DOTALL)


def _links(page: str, twin: str) -> list[str]:
    found = LINK.findall(page) + re.findall(r"<(https?://[^>]+)>", page)
    return sorted(link for link in found if link != twin)


def _tables(page: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith("|")]
