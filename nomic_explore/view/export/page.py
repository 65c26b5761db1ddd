"""The same map in one HTML file that opens by double-click, with no network and no server."""

import base64
import gzip
import hashlib
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nomic_explore.files import check_target, write_text
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.export.page_data import PageData, blocks_within
from nomic_explore.view.export.templates import CONTENT_POLICY, render
from nomic_explore.view.widget.atlas_map import STATIC

if TYPE_CHECKING:
    from nomic_explore.exploration import Exploration

_MAX_MB = 50.0


def save_html(
    exploration: "Exploration",
    path: str | Path,
    *,
    text_columns: Sequence[str] | None = None,
    max_mb: float = _MAX_MB,
) -> Path:
    """Writes the map as one HTML file, whole or not at all, and returns its path.

    Args:
        exploration: what to show.
        path: where to.
        text_columns: columns shown and searched in the page; None takes the text that was embedded, [] leaves texts out.
        max_mb: how large the file may be, in millions of bytes. Neighbors, then texts are cut to fit; a warning and the
            page say what was left out.

    Raises:
        FileNotFoundError: the folder of the path does not exist.
        ValueError: there is no such column, or the points alone are larger than `max_mb`.
    """
    target = check_target(path)
    if not max_mb > 0:
        raise ValueError(f"max_mb={max_mb!r}; expected millions of bytes, above 0.")
    page, left_out = make_page(exploration, text_columns, max_mb=max_mb)
    write_text(target, [page])
    if left_out:
        warnings.warn(f"{target.name} would exceed max_mb={max_mb:g}; left out: {'; '.join(left_out)}.", stacklevel=3)
    return target


def make_page(
    exploration: "Exploration", text_columns: Sequence[str] | None = None, *, max_mb: float = _MAX_MB
) -> tuple[str, list[str]]:
    """Returns the page, and what was left out of it to stay below `max_mb`.

    Texts lie in it compressed and encoded, so that nothing a text holds can be taken for markup.
    """
    from markupsafe import Markup

    page = PageData(exploration, make_map_data(exploration), text_columns)
    script = (STATIC / "atlas_map.js").read_text(encoding="utf-8").replace("</script", "<\\/script")
    style = (STATIC / "atlas_map.css").read_text(encoding="utf-8")
    facts = page.facts()
    frame_size = len(script) + len(style) + len(_as_json(facts)) + 4000
    packed: dict[bytes, str] = {}

    def pack(block: bytes) -> str:
        key = hashlib.blake2b(block, digest_size=16).digest()
        if key not in packed:
            packed[key] = base64.b64encode(gzip.compress(block, 9, mtime=0)).decode("ascii")
        return packed[key]

    def size(blocks: dict[str, bytes]) -> int:
        return frame_size + sum(len(pack(block)) + 80 for block in blocks.values())

    blocks, left_out = blocks_within(page, max_mb * 1e6, size)
    facts["leftOut"] = left_out
    facts["key"] = hashlib.blake2b(blocks["positions"] + exploration.name.encode(), digest_size=8).hexdigest()
    html = render(
        "page.html.j2",
        policy=Markup(CONTENT_POLICY),
        title=exploration.name,
        style=Markup(style),
        facts=Markup(_as_json(facts)),
        blocks=[(name, pack(block)) for name, block in blocks.items()],
        script=Markup(script),
    )
    return html, left_out


def _as_json(facts: dict[str, Any]) -> str:
    """Returns JSON that cannot end its own script element, whatever a topic is called."""
    written = json.dumps(facts, ensure_ascii=True)
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
