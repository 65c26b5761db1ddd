"""The same map in one HTML file that opens by double-click, with no network and no server."""

import base64
import gzip
import hashlib
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nomic_explore.files import check_target, write_text
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.export.page_data import PageData, blocks_within
from nomic_explore.view.export.templates import read_script, read_style, render

if TYPE_CHECKING:
    from nomic_explore.session import Session

_MAX_MB = 50.0


def save_html(
    exploration: "Session",
    path: str | Path,
    *,
    text_columns: str | Sequence[str] | None = None,
    max_mb: float = _MAX_MB,
) -> Path:
    """Writes the map as one HTML file, whole or not at all, and returns its path.

    Args:
        exploration: what to show.
        path: where to.
        text_columns: columns, or one, shown and searched in the page; None takes the text that was embedded, and shows
            titles and all other columns too; [] leaves texts out.
        max_mb: how large the file may be, in millions of bytes. Neighbors, then columns that are only read, then texts are
            cut to fit; a warning and the page say what was left out.

    Raises:
        FileNotFoundError: the folder of the path does not exist.
        ValueError: the path ends in something else than .html, there is no such column, or the points alone are larger
            than `max_mb`.
    """
    target = check_target(path, (".html", ".htm"))
    if not max_mb > 0:
        raise ValueError(f"max_mb={max_mb!r}; expected millions of bytes, above 0.")
    page, left_out = make_page(exploration, text_columns, max_mb=max_mb)
    write_text(target, [page])
    if left_out:
        warnings.warn(f"{target.name} would exceed max_mb={max_mb:g}; left out: {'; '.join(left_out)}.", stacklevel=3)
    return target


def make_page(
    exploration: "Session", text_columns: str | Sequence[str] | None = None, *, max_mb: float = _MAX_MB
) -> tuple[str, list[str]]:
    """Returns the page, and what was left out of it to stay below `max_mb`.

    Texts are compressed and encoded, so that nothing in a text can be read as markup.
    """
    page = PageData(exploration, make_map_data(exploration), text_columns)
    script, style, facts = read_script(), read_style(), page.facts()
    packed: dict[bytes, str] = {}

    def pack(block: bytes) -> str:
        key = hashlib.blake2b(block, digest_size=16).digest()
        if key not in packed:
            packed[key] = base64.b64encode(gzip.compress(block, 9, mtime=0)).decode("ascii")
        return packed[key]

    frame_size = len(script) + len(style) + len(pack(_as_json(facts))) + 4000

    def size(blocks: dict[str, bytes]) -> int:
        return frame_size + sum(len(pack(block)) + 80 for block in blocks.values())

    blocks, left_out = blocks_within(page, max_mb * 1e6, size)
    facts["leftOut"] = left_out
    facts["key"] = hashlib.blake2b(blocks["positions"] + exploration.name.encode(), digest_size=8).hexdigest()
    html = render(
        "page.html.j2",
        title=exploration.name,
        style=style,
        blocks=[(name, pack(block)) for name, block in {"facts": _as_json(facts), **blocks}.items()],
        script=script,
    )
    return html, left_out


def _as_json(facts: dict[str, object]) -> bytes:
    return json.dumps(facts, separators=(",", ":"), allow_nan=False).encode()
