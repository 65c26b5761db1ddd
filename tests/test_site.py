"""The documentation site builds without a warning, its links lead somewhere, and its reference is complete."""

import inspect
import re
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
import typer.main

import nomic_explore
from nomic_explore.cli.main import app

ROOT = Path(__file__).parent.parent
SITE = ROOT / "docs" / "_build" / "html"
NAMESPACES = {
    "nomic_explore.session.topics.TopicsNamespace",
    "nomic_explore.exploration.ReviewedDuplicates",
    "nomic_explore.session.tags.Tags",
    "nomic_explore.session.tags.Pins",
    "nomic_explore.session.tags.Views",
}
OTHER_ROOMS = ("nomic_explore.testing", "nomic_explore.view", "nomic_explore.models", "nomic_explore.corpus")
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "embed": "src"}
MARKDOWN = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md", "data/README.md")


class Link(NamedTuple):
    """One link: the element it stands in, and where it leads."""

    tag: str
    target: str


class _Page(HTMLParser):
    """Collects the links of a page, and the names that links can lead to."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[Link] = []
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name == "id" or (name == "name" and tag == "a"):
                self.names.add(value or "")
            elif name in ("href", "src"):
                self.links.append(Link(tag, value or ""))


@pytest.fixture(scope="module")
def pages() -> dict[Path, _Page]:
    """The pages of the site, built as `make docs` builds them."""
    built = subprocess.run([sys.executable, ROOT / "docs" / "build.py"], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(SITE.rglob("*.html"))}


def is_external(target: str) -> bool:
    return bool(urlsplit(target).scheme or urlsplit(target).netloc)


@pytest.mark.slow
def test_every_link_of_the_site_leads_somewhere(pages: dict[Path, _Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.links:
            if is_external(link.target):
                continue
            place, _, name = link.target.partition("#")
            goal = (path.parent / unquote(urlsplit(place).path)).resolve() if place else path
            if not goal.is_file():
                broken.append(f"{path.relative_to(SITE)}: {link.target} is not there")
            elif name and goal.suffix == ".html" and unquote(name) not in pages[goal].names:
                broken.append(f"{path.relative_to(SITE)}: {link.target} has no such anchor")
    assert len(pages) > 25
    assert broken == []


@pytest.mark.slow
def test_links_to_other_sites_are_well_formed(pages: dict[Path, _Page]) -> None:
    targets = {link.target for page in pages.values() for link in page.links if is_external(link.target)}
    wrong = [
        target for target in targets if not re.fullmatch(r"(https?://[\w.-]+(:\w+)?(/\S*)?|data:\S+|blob:\S+)", target)
    ]
    assert wrong == []


@pytest.mark.slow
def test_the_site_loads_nothing_from_elsewhere(pages: dict[Path, _Page]) -> None:
    loaded = [
        f"{path.relative_to(SITE)}: {link.target}"
        for path, page in pages.items()
        for link in page.links
        if link.tag in LOADED and re.match(r"(https?:)?//", link.target)
    ]
    styles = [
        path for path in SITE.rglob("*.css") if re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", path.read_text())
    ]
    assert loaded == []
    assert styles == []


def documented_names() -> set[str]:
    """The names in the inventory of the site, which Sphinx writes for links from other sites."""
    _, _, _, _, packed = (SITE / "objects.inv").read_bytes().split(b"\n", 4)
    lines = zlib.decompress(packed).decode().splitlines()
    return {line.split(" ", 1)[0] for line in lines if " py:" in line}


def public_members(owner: type) -> set[str]:
    """The public methods and properties that a class has from this package."""
    return {
        name
        for one in owner.__mro__
        if one.__module__.startswith("nomic_explore")
        for name, member in vars(one).items()
        if not name.startswith("_") and (inspect.isroutine(member) or hasattr(member, "__get__"))
    }


@pytest.mark.slow
def test_the_reference_holds_every_public_name(pages: dict[Path, _Page]) -> None:
    documented = documented_names()
    wanted = {f"nomic_explore.{name}" for name in nomic_explore.__all__}
    for room in OTHER_ROOMS:
        module = __import__(room, fromlist=["__all__"])
        wanted |= {f"{room}.{name}" for name in module.__all__ if name not in nomic_explore.__all__}
    assert sorted(wanted - documented) == []


@pytest.mark.slow
def test_the_reference_holds_every_method_of_every_public_class(pages: dict[Path, _Page]) -> None:
    documented = documented_names()
    classes = {f"nomic_explore.{name}": getattr(nomic_explore, name) for name in nomic_explore.__all__}
    for name in NAMESPACES:
        room, _, own = name.rpartition(".")
        classes[name] = getattr(__import__(room, fromlist=[own]), own)
    wanted = {
        f"{place}.{member}"
        for place, owner in classes.items()
        if inspect.isclass(owner)
        for member in public_members(owner)
    }
    assert len(wanted) > 120
    assert sorted(wanted - documented) == []


@pytest.mark.slow
def test_the_reference_holds_every_command_with_its_options(pages: dict[Path, _Page]) -> None:
    text = (SITE / "reference" / "command-line.html").read_text(encoding="utf-8")
    command_line = typer.main.get_command(app)
    for name, command in command_line.commands.items():
        assert f'id="nomic-explore-{name}"' in text
        for parameter in command.params:
            shown = parameter.opts[0] if parameter.param_type_name == "option" else parameter.name
            assert str(shown) in text, f"{name}: {shown}"


def anchors_of(markdown: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a Markdown text."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```", "", markdown, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("name", MARKDOWN)
def test_every_link_of_a_markdown_file_leads_somewhere(name: str) -> None:
    page = ROOT / name
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|srcset|href)="([^"]+)"', text)
    for target in targets:
        place, _, anchor = target.partition("#")
        if is_external(target):
            assert re.fullmatch(r"https?://[\w.-]+\.\w+\S*", target), target
            continue
        goal = page.parent / place if place else page
        assert goal.exists(), f"{name}: {target} is not there"
        if anchor:
            assert anchor in anchors_of(goal.read_text(encoding="utf-8")), f"{name}: {target} has no such heading"
