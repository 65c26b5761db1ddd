"""Runs the code of a documentation page: its Python as it stands, and its nomic-explore commands, from top to bottom."""

import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from typer.testing import CliRunner

from nomic_explore.cli.main import app

N_REVIEWS = 240
_GOODS = {"toys": "toy train", "games": "board game", "books": "cookery book", "garden": "garden hose"}
_PARTS = ("wheel", "lid", "manual", "box", "handle", "cover", "spring", "screw", "label", "hinge")
_OPINIONS = (
    "arrived broken, the {part} was cracked and I asked for a refund",
    "works well, my children love the {part} and play with it every day",
    "came three weeks late and the {part} was missing from the parcel",
    "is good value, though the {part} feels cheap in the hand",
)


class Block(NamedTuple):
    """A fenced block of a page: its language, its text, and how many lines stand above it."""

    language: str
    text: str
    line: int


def code_blocks(page: Path, language: str = "") -> list[Block]:
    """The blocks of Python and of shell on a page, in order; of one language if it is given."""
    text = page.read_text(encoding="utf-8")
    found = re.finditer(r"^```(python|sh)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    blocks = [Block(block.group(1), block.group(2), text[: block.start(2)].count("\n")) for block in found]
    return [block for block in blocks if language in ("", block.language)]


def commands(block: Block) -> list[list[str]]:
    """The nomic-explore commands of a block of shell, without that first word."""
    lines = block.text.replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("nomic-explore ")]


def run_page(page: Path, names: dict[str, Any]) -> None:
    """Runs a page in the current folder; a traceback shows the line of the page."""
    for block in code_blocks(page):
        if block.language == "python":
            exec(compile("\n" * block.line + block.text, str(page), "exec"), names)
            continue
        for command in commands(block):
            done = CliRunner().invoke(app, command)
            assert done.exit_code == 0, f"{page.name}: nomic-explore {shlex.join(command)}\n{done.output}"


def make_reviews() -> pd.DataFrame:
    """Reviews with columns of every kind; each sixth repeats the one before, and the split cuts through repeats."""
    rows = np.arange(N_REVIEWS) - (np.arange(N_REVIEWS) % 6 == 5)
    goods = list(_GOODS)
    body = [f"This {_GOODS[goods[n % 4]]} {_OPINIONS[n // 4 % 4].format(part=_PARTS[n // 16 % 10])}." for n in rows]
    table = pd.DataFrame({"id": [f"r{n}" for n in range(N_REVIEWS)]})
    table["title"] = [_GOODS[goods[n % 4]].title() for n in rows]
    table["body"], table["text"] = body, body
    table["category"] = [goods[n % 4] for n in rows]
    table["stars"], table["year"] = 1 + 7 * rows % 41 / 10, 2004 + rows % 12
    table["date"] = pd.Timestamp("2015-01-01") + pd.to_timedelta(9 * rows, unit="D")
    table["label"] = np.where(rows % 2, "good", "bad")
    table["split"] = np.where(np.arange(N_REVIEWS) % 5, "train", "test")
    return table
