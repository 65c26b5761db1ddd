"""The same map in one HTML file that opens by double-click, with no network and no server."""

import base64
import gzip
import json
import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.view.atlas_map import STATIC
from nomic_explore.view.map_data import make_map_data

if TYPE_CHECKING:
    from nomic_explore.exploration import Exploration


def save_html(exploration: "Exploration", path: str | Path, *, text_columns: Sequence[str] | None = None) -> Path:
    """Writes the map as one HTML file, whole or not at all, and returns its path.

    Args:
        exploration: what to show.
        path: where to.
        text_columns: columns shown and searched in the page; None takes the text that was embedded.

    Raises:
        FileNotFoundError: the folder of the path does not exist.
        ValueError: there is no such column.
    """
    target = Path(path).expanduser()
    if not target.parent.is_dir():
        raise FileNotFoundError(f"No folder {target.parent}; make it first, or choose another path.")
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_text(make_page(exploration, text_columns), encoding="utf-8")
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def make_page(exploration: "Exploration", text_columns: Sequence[str] | None = None) -> str:
    """Returns the page. Texts lie in it compressed and encoded, so that nothing a text holds can be taken for markup."""
    data = make_map_data(exploration)
    topics = exploration.topics
    texts = _texts(exploration, text_columns)
    facts = {
        "title": exploration.name,
        "subtitle": f"{len(data.rows):,} documents, {len(topics.names[0]):,} to {len(topics.names[-1]):,} topics",
        "palettes": data.palettes,
        "labels": data.labels,
        "topics": topics.names[-1],
        "outline": _outline(exploration),
    }
    blocks = {
        "nx-positions": data.positions.tobytes(),
        "nx-colors": data.colors.tobytes(),
        "nx-topics": topics.layers[-1][data.rows].astype(np.int32).tobytes(),
        "nx-texts": json.dumps([texts[row] for row in data.rows.tolist()]).encode("ascii"),
    }
    script = (STATIC / "atlas_map.js").read_text(encoding="utf-8").replace("</script", "<\\/script")
    style = (STATIC / "atlas_map.css").read_text(encoding="utf-8")
    packed = "\n".join(
        f'<script type="text/plain" id="{name}">{_pack(block)}</script>' for name, block in blocks.items()
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>{escape(exploration.name)}</title>
<style>{style}</style>
</head>
<body class="nx-page">
<script type="application/json" id="nx-facts">{_as_json(facts)}</script>
{packed}
<script type="module">{script}</script>
</body>
</html>
"""


def _texts(exploration: "Exploration", text_columns: Sequence[str] | None) -> list[str]:
    if text_columns is None:
        return [text or "" for text in exploration.corpus.texts]
    table = exploration.corpus.table
    missing = [name for name in text_columns if name not in table.column_names]
    if missing:
        raise ValueError(f"There is no column {missing[0]!r}; there are {', '.join(table.column_names)}.")
    columns = [table[name].to_pylist() for name in text_columns]
    return ["\n".join(str(part) for part in parts if part is not None) for parts in zip(*columns, strict=True)]


def _outline(exploration: "Exploration") -> list[dict[str, Any]]:
    """Returns the coarse topics, the largest first, each with the finest topics inside it."""
    topics = exploration.topics
    ancestors = np.arange(len(topics.names[-1]))
    for layer in range(len(topics.layers) - 1, 0, -1):
        ancestors = topics.parents[layer][ancestors]
    coarse = topics.frame().query("layer == 0").sort_values("size", ascending=False)
    return [
        {"name": row.name, "size": int(row.size), "topics": np.flatnonzero(ancestors == row.topic).tolist()}
        for row in (_Row(*values) for values in coarse[["topic", "name", "size"]].itertuples(index=False))
    ]


class _Row:
    def __init__(self, topic: int, name: str, size: int) -> None:
        self.topic, self.name, self.size = topic, name, size


def _pack(block: bytes) -> str:
    return base64.b64encode(gzip.compress(block, 6, mtime=0)).decode("ascii")


def _as_json(facts: dict[str, Any]) -> str:
    """Returns JSON that cannot end its own script element, whatever a topic is called."""
    written = json.dumps(facts, ensure_ascii=True)
    return written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
