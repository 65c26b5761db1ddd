"""The words on the screen: all of them stand in messages.ts, and in the field's terms."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "nomic_explore" / "view" / "js"
FILES = sorted(path for path in SOURCES.rglob("*.ts") if path.name not in ("messages.ts", "protocol.ts"))
# The query language of the exported page, whose errors are those of Python and tested on the same cases; programs of the
# graphics card; lists of English words and endings.
SILENT = ("conditions.ts", "query.ts", "exact_numbers.ts", "shaders.ts", "marked_text.ts", "words.ts")
FILES = [path for path in FILES if path.name not in SILENT]
TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')|(?P<tag>html|svg)?`|\$\{|[{}]|/(?![/*])(?:[^/\\\n]|\\.)+/[gimsuy]*(?=[.,;)\s])",
    re.DOTALL,
)
KEYS = re.compile(r"Arrow\w+|Enter|Esc|Escape|Home|End|Tab|Page\w+|Delete|Backspace|No|Canvas\w*|WebGL\w*")
# What nobody reads: names of columns and of what is remembered, classes, fonts, colors, SVG paths, media queries.
TECHNICAL = re.compile(
    r"^similarity to neighbors$|^nomic-explore |(?:nx|atlas)-|\b(?:px|sans-serif|rgba?|gradient|prefers|hover)\b|^[MmLlHhVvZzCc][\d., -]"
)
UNUSUAL = (
    *("copies", "copy", "lit", "lights?", "goes for", "told", "let be", "let it go", "let this", "takes? away"),
    *("soft", "softly", "core", "colours?", "grey", "asks for", "asked", "said", "folds?", "hears?", "rather one"),
    *("looked at", "from there on", "held", "worth", "keeps common"),
)


def literals_in(source: str) -> Iterator[tuple[str, str]]:
    """Yields ("string", text) for quoted strings and templates, and ("html", text) for HTML; a value in them is a \\0."""
    stack: list[list[str]] = []  # of each open template its tag and its text, of each open brace nothing
    at = 0
    while at < len(source):
        if stack and stack[-1]:  # inside a template
            end = re.compile(r"\\.|`|\$\{", re.DOTALL).search(source, at)
            if end is None:
                return
            stack[-1][1] += source[at : end.start()]
            at = end.end()
            if end.group() == "`":
                yield stack[-1][0], stack.pop()[1]
            elif end.group() == "${":
                stack[-1][1] += "\0"
                stack.append([])
            continue
        found = TOKEN.search(source, at)
        if found is None:
            return
        at = found.end()
        token = found.group()
        if found["string"]:
            yield "string", token[1:-1]
        elif token.endswith("`"):
            stack.append(["html" if found["tag"] else "string", ""])
        elif token in ("{", "${"):
            stack.append([])
        elif token == "}" and stack:
            stack.pop()


def texts_in(source: str) -> list[str]:
    """Returns the texts in a file that a person would read on the screen."""
    found = []
    for kind, text in literals_in(source):
        parts = [text]
        if kind == "html":
            parts = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', text)
            parts += re.sub(r"<[^>]*>", "<>", text).split("<>")
            found += [part for part in parts if re.search(r"[A-Za-z]{2}", part) and not KEYS.fullmatch(part.strip())]
        elif re.search(r"^[A-Z][a-z]+(?:$|[ …])|[a-z]{2,} [a-z\0]|\0 [a-z]{2,}", text) and not TECHNICAL.search(text):
            found += [text] if not KEYS.fullmatch(text) else []
    return [text.replace("\0", "…").strip() for text in found]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('button(bar, "Undo", title, act)', ["Undo"]),
        ('textElement(root, "p", "nx-soft nx-line", "click a document")', ["click a document"]),
        ('textElement(root, "p", "nx-soft", messages.reader.empty)  // "not this one here"', []),
        ('html`<p class="nx-x">Some ${n} words</p>`', ["Some … words"]),
        ("html`<ul>${list.map((one) => html`<li class=${one.kind}>${one.name}</li>`)}</ul>`", []),
        ("html`<ul>${list.map((one) => html`<li>Row ${one.row}</li>`)}</ul>`", ["Row …"]),
        ('html`<button title="Close it">×</button>`', ["Close it"]),
        ("this.setStatus(`${name} downloaded`)", ["… downloaded"]),
        ('if (event.key === "Escape") element.className = `nx-role nx-role-${role}`', []),
    ],
)
def test_words_in_code_are_recognized(source: str, found: list[str]) -> None:
    assert texts_in(source) == found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCES)))
def test_what_a_person_reads_stands_in_messages(path: Path) -> None:
    assert texts_in(path.read_text(encoding="utf-8")) == []


def test_the_messages_use_the_terms_of_the_field() -> None:
    source = (SOURCES / "messages.ts").read_text(encoding="utf-8")
    texts = [text for _, text in literals_in(source)]
    unusual = re.compile(rf"\b({'|'.join(UNUSUAL)})\b", re.IGNORECASE)
    assert {text: unusual.findall(text) for text in texts if unusual.search(text)} == {}
    assert len(texts) > 50
