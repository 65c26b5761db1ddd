"""What the map's JavaScript and CSS may hold so that they run where nothing can be fetched: VS Code, Colab, a plane."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from nomic_explore.view.export.templates import STATIC

SOURCES = {".ts", ".css", ".mjs"}
XML_NAMES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/1999/xhtml"}
LINKED = {
    "https://doi.org/",
    "https://arxiv.org/abs/",
}  # where links lead that a person may click; nothing is loaded from there


def read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["atlas_map.js", "atlas_map.css"])
def test_the_committed_bundle_was_built_from_the_committed_sources(name: str) -> None:
    package = json.loads((Path(__file__).parents[2] / "package.json").read_text(encoding="utf-8"))
    versions = {**package["dependencies"], "esbuild": package["devDependencies"]["esbuild"]}
    digest = hashlib.sha256(json.dumps(versions, separators=(",", ":")).encode())
    sources = STATIC.parent / "js"
    names = {path.relative_to(sources).as_posix(): path for path in sources.rglob("*") if path.suffix in SOURCES}
    for source in sorted(names):
        digest.update(f"\0{source}\0".encode() + names[source].read_bytes())
    stamp = read(name).split("\n", 1)[0]
    assert stamp == f"/* sources sha256:{digest.hexdigest()} */", f"{name} is old: run make bundle"


def test_the_bundle_names_no_address_but_those_of_xml_and_of_links() -> None:
    script = read("atlas_map.js")
    assert set(re.findall(r"[a-z]+://[^\s\"'`)\\]+", script)) <= XML_NAMES | LINKED
    assert re.findall(r"[\"'`]//\w[^\"'`]*", script) == []


def test_the_bundle_imports_nothing_and_does_not_ask_where_it_came_from() -> None:
    script = read("atlas_map.js")
    asking = (
        r"\bimport\s*[({*.\"'`]|[;}\n]import\b|[}*]\s*from\s*[\"'`]|\brequire\(|\bimportScripts\b|\bcurrentScript\b"
    )
    assert re.findall(asking, script) == []


def test_the_bundle_hands_out_render_as_anywidget_wants_it() -> None:
    name = re.search(r"export\{(\w+) as default\}", read("atlas_map.js")).group(1)
    assert re.search(rf"\b{re.escape(name)}=\{{render:", read("atlas_map.js"))


def test_the_styles_fetch_nothing() -> None:
    styles = read("atlas_map.css")
    assert "@import" not in styles
    assert re.findall(r"url\((?!\s*[\"']?data:)[^)]*", styles) == []
    assert re.findall(r"https?://\S+", re.sub(r"url\(\s*[\"']?data:[^)]*\)", "", styles)) == []
