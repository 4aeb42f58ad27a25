"""The documents: each is in the index, and each link leads somewhere."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.bench.pages import PAGES, TABLE

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
DOCUMENTS = sorted((*REPOSITORY.glob("*.md"), *DOCS.glob("*.md")))

FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TARGET = re.compile(r'\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"\s]+)"')
ELSEWHERE = re.compile(r"[a-z]+:")
PATH = re.compile(r"`((?:docs|nginx|prometheus|redis|setup|tests|web)/[\w./*-]+)`")
TREE = re.compile(r"^## The tree\n+```\n(.*?)^```", re.DOTALL | re.MULTILINE)


def name_of(document: Path) -> str:
    return document.relative_to(REPOSITORY).as_posix()


def text_of(document: Path) -> str:
    """The text without its blocks of code."""
    return FENCED.sub("", document.read_text())


def links_of(document: Path) -> list[str]:
    """The links and pictures that lead to something in this repository, as they are written."""
    targets = [found[1] or found[2] for found in TARGET.finditer(text_of(document))]
    return [target for target in targets if not ELSEWHERE.match(target)]


def anchors_of(document: Path) -> set[str]:
    """What GitHub makes of the headings: small letters, hyphens for spaces, a number where one repeats."""
    anchors: set[str] = set()
    seen: Counter[str] = Counter()
    for heading in HEADING.findall(text_of(document)):
        shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        anchors.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return anchors


def leads_somewhere(document: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.is_relative_to(REPOSITORY) or not target.exists():
        return False
    return not anchor or anchor in anchors_of(target)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading_that_exist(document: Path) -> None:
    assert [link for link in links_of(document) if not leads_somewhere(document, link)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_path_that_is_named_exists(document: Path) -> None:
    """Written from the repository's root; but for the changelog, which tells of what was."""
    named = set(PATH.findall(document.read_text())) if document.name != "CHANGELOG.md" else set()
    assert [path for path in sorted(named) if not list(REPOSITORY.glob(path))] == []


def test_the_tree_for_contributors_is_that_of_the_repository() -> None:
    tree = TREE.search((REPOSITORY / "CONTRIBUTING.md").read_text())
    assert tree
    shown: list[str] = []
    above = ""
    for line in tree[1].splitlines():
        names = re.split(r"\s{2,}", line.strip())[0].split(", ")
        above = names[0] if not line.startswith(" ") else above
        shown += names if not line.startswith(" ") else [f"{above}/{name}" for name in names]
    assert len(shown) > 20
    assert [path for path in shown if not (REPOSITORY / path).exists()] == []


def test_every_page_of_docs_is_in_the_index_once() -> None:
    index = DOCS / "README.md"
    listed = Counter(link for link in links_of(index) if (DOCS / link).parent == DOCS)
    assert listed == Counter(page.name for page in DOCS.glob("*.md") if page != index)


def test_the_index_and_the_rules_for_contributors_are_found_from_the_first_page() -> None:
    assert {"docs/README.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"} <= set(
        links_of(REPOSITORY / "README.md")
    )


def test_the_pages_name_the_tables_that_the_benchmark_writes() -> None:
    named = [[place[2] for place in TABLE.finditer((REPOSITORY / page).read_text())] for page in PAGES]
    assert named == [["five-rows.md"], ["table.md"]]
