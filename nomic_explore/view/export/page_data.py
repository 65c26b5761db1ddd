"""What an exported page carries: arrays and texts as blocks, and facts as JSON; what a size limit leaves out is reported."""

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_columns
from nomic_explore.duplicates.roles import ROLES
from nomic_explore.search.exact_numbers import ExactNumbers
from nomic_explore.session.columns import column_names
from nomic_explore.session.edits import PALETTE
from nomic_explore.view.data.channels import Members
from nomic_explore.view.data.column_summaries import summarize_columns
from nomic_explore.view.data.density import density_contours, density_grid
from nomic_explore.view.data.map_data import MapData
from nomic_explore.view.export.page_columns import PageColumns
from nomic_explore.view.export.page_topics import make_topic_blocks
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.edits import collect_annotations
from nomic_explore.view.requests.topics import relabel

if TYPE_CHECKING:
    from nomic_explore.session import Session

N_NEIGHBORS = 10
_UNKNOWN = 2**16 - 1  # a point or a similarity that there is not, in two bytes
_MAX_NAMES = 400  # categories of a column that is shipped; one with more values says little in a page


class PageData:
    """The points of a page and everything that can be asked about them.

    Args:
        exploration: what to show.
        data: its map.
        text_columns: columns whose text is shown and searched; None takes the text that was embedded, none is no text.

    Raises:
        ValueError: there is no such column.
    """

    def __init__(self, exploration: "Session", data: MapData, text_columns: str | Sequence[str] | None) -> None:
        self.exploration, self.data = exploration, data
        self.texts = _texts(exploration, text_columns)
        self.channels = [
            channel for channel in data.channels.values() if channel.members or len(channel.names) <= _MAX_NAMES
        ]
        self.context = MapContext(exploration, data)
        allowed = (
            None if text_columns is None else [*([text_columns] if isinstance(text_columns, str) else text_columns)]
        )
        names = {channel.name for channel in self.channels}
        self.columns = PageColumns(exploration.corpus, self.context.columns, names, allowed)

    def facts(self) -> dict[str, object]:
        """Returns what is small, as JSON can hold it."""
        exploration, data, context = self.exploration, self.data, self.context
        annotations = collect_annotations(context)
        edited = {
            "tags": [
                {**tag, "points": context.points(exploration.tags.rows(tag["name"])).tolist()}
                for tag in annotations["tags"]
            ],
            "pinned": [line["point"] for line in annotations["pinned"]],
            "views": annotations["views"],
        }
        record = exploration.manifest["stages"]["vectors"]["provenance"]
        return {
            "title": exploration.name,
            "model": str(record["model"]),
            "home": data.home.numbers(),
            "channels": self._channel_facts(),
            "absent": self._absent_columns(),
            "inputs": self.columns.facts(),
            "hasTagColumn": "tags" in exploration.corpus.table.column_names,
            "layers": [list(names) for names in exploration.topics.names],
            "annotations": edited,
            "tagColors": PALETTE,
            "roles": ROLES,
            "kinds": sorted(set(exploration.duplicates.kinds.tolist())),
            "nGroups": len(exploration.duplicates.to_pandas()),
        }

    def blocks(self, *, n_neighbors: int, text_length: int | None, with_columns: bool = True) -> dict[str, bytes]:
        """Returns what is large, by name.

        Args:
            n_neighbors: of each document.
            text_length: at how many characters texts are cut; None leaves them whole.
            with_columns: whether there are columns that are only read.
        """
        exploration, rows = self.exploration, self.data.rows
        topics, duplicates = exploration.topics.current, exploration.duplicates.current
        made = {
            "positions": np.round((self.data.positions.astype(np.float64) + 1) * 32767.5).astype("<u2").tobytes(),
            "density": density_grid(self.data.positions).tobytes(),
            "rows": rows.astype("<u4").tobytes(),
            "topics": np.stack([layer[rows] for layer in topics.layers]).astype("<i2").tobytes(),
        }
        contours = density_contours(self.data.positions)
        made |= self.topic_blocks
        made |= {"contours": contours.points.astype("<f4").tobytes(), "starts": contours.starts.astype("<u4").tobytes()}
        for at, channel in enumerate(self.channels):
            made[f"codes-{at}"] = channel.codes[rows].astype("<u2").tobytes()
            if channel.values is not None:
                made[f"values-{at}"] = channel.values[rows].astype("<f8").tobytes()
            if channel.exact is not None:
                made[f"exact-{at}"] = _written(channel.exact, rows).encode("ascii")
            if channel.members is not None:
                made |= _list_blocks(at, channel.members, rows)
        if (duplicates.roles != "unique").any():
            kinds = sorted(set(duplicates.kinds.tolist()))
            made["groups"] = duplicates.groups[rows].astype("<i4").tobytes()
            made["roles"] = _places(duplicates.roles[rows], ROLES)
            made["kinds"] = _places(duplicates.kinds[rows], kinds)
            shares = np.nan_to_num(duplicates.similarities[rows].astype(np.float64), nan=-1)
            made["duplicate-similarities"] = (
                np.where(shares < 0, _UNKNOWN, np.round(shares * 10_000)).astype("<u2").tobytes()
            )
        if self.texts is not None and text_length != 0:
            by_topic = rows[
                np.argsort(topics.layers[-1][rows], kind="stable")
            ]  # alike texts side by side take less room
            cut = [_cut(self.texts[row], text_length) for row in by_topic.tolist()]
            made["texts"] = json.dumps(cut, ensure_ascii=False).encode("utf-8", "surrogatepass")
            if self.columns.has_titles:
                made["titles"] = self.columns.titles(by_topic, cut)
            if with_columns:
                made |= self.columns.blocks(by_topic)
            made["ids"] = json.dumps([exploration.corpus.ids[row] for row in rows.tolist()]).encode("ascii")
        if n_neighbors and self.texts is not None:
            made |= self._neighbors(n_neighbors)
        return made

    @cached_property
    def topic_blocks(self) -> dict[str, bytes]:
        """What the page holds of topics: the names on its map ("labels"), and what their cards show."""
        context = MapContext(self.exploration, self.data)
        # Where else a name could stand is needed only to place it, which is done here.
        labels = [{name: value for name, value in label.items() if name != "spots"} for label in relabel(context)]
        written = json.dumps(labels, ensure_ascii=False, separators=(",", ":"))
        return {"labels": written.encode(), **make_topic_blocks(context)}

    def _neighbors(self, n: int) -> dict[str, bytes]:
        point_of = np.append(self.data.point_of, -1)  # the last entry, reached by -1, is none
        graph = self.exploration.graph
        near = point_of[graph.neighbors[self.data.rows, :n]]
        similarities = np.clip(graph.similarities[self.data.rows, :n], 0, 1)
        return {
            "neighbors": near.astype("<u2" if len(near) < _UNKNOWN else "<i4").tobytes(),
            "similarities": np.round(similarities * 255).astype(np.uint8).tobytes(),
        }

    def _absent_columns(self) -> list[str]:
        """Returns the columns that conditions may use in a notebook, but not in this page, which says so."""
        shown = {channel.name for channel in self.channels}
        return [name for name in column_names(self.exploration._state) if name not in shown]

    def _channel_facts(self) -> list[dict[str, object]]:
        rows = self.data.rows
        summaries = {one["name"]: one for one in summarize_columns(self.exploration, self.data.channels, rows)}
        return [{"legend": channel.legend(rows), "summary": summaries[channel.name]} for channel in self.channels]


def blocks_within(
    page: PageData, max_bytes: float, size: Callable[[dict[str, bytes]], int]
) -> tuple[dict[str, bytes], list[str]]:
    """Returns the blocks that fit, and what was left out so that they do.

    Args:
        page: what there is.
        max_bytes: limit.
        size: how many bytes some blocks take in the page.

    Raises:
        ValueError: even the points alone do not fit.
    """
    full, columns = _n_neighbors(page), page.columns.written
    listed = f"; columns {', '.join(columns)}" if columns else ""
    steps: list[tuple[int, int | None, str]] = [
        (full, None, ""),
        (min(full, 5), None, "neighbors beyond the fifth"),
        *([(min(full, 5), None, f"neighbors beyond the fifth{listed}")] if columns else []),
        (0, None, f"neighbors{listed}"),
        (0, 1000, f"neighbors{listed}; texts after 1,000 characters"),
        (0, 300, f"neighbors{listed}; texts after 300 characters"),
        (0, 0, f"neighbors{listed}; all texts"),
    ]
    for n_neighbors, text_length, left_out in steps:
        with_columns = listed not in left_out or not listed
        blocks = page.blocks(n_neighbors=n_neighbors, text_length=text_length, with_columns=with_columns)
        if size(blocks) <= max_bytes:
            return blocks, left_out.split("; ") if left_out else []
    raise ValueError(
        f"The points alone take {size(blocks) / 1e6:.1f} MB, more than max_mb={max_bytes / 1e6:g}. Raise max_mb, or export a "
        "subset: exploration.subset(rows, folder).save_html(...)."
    )


def _n_neighbors(page: PageData) -> int:
    return min(N_NEIGHBORS, page.exploration.graph.neighbors.shape[1])


def _texts(exploration: "Session", text_columns: str | Sequence[str] | None) -> list[str] | None:
    if text_columns is None:
        return [text or "" for text in exploration.corpus.texts]
    table = exploration.corpus.table
    text_columns = check_columns(text_columns, "text_columns", table.column_names)
    if not text_columns:
        return None
    columns = [table[name].to_pylist() for name in text_columns]
    return ["\n".join(str(part) for part in parts if part is not None) for parts in zip(*columns, strict=True)]


def _written(exact: ExactNumbers, rows: np.ndarray) -> str:
    """Returns exact numbers as whole numbers, a line each, empty where there is none."""
    return "\n".join(str(int(exact.values[row])) if exact.is_known[row] else "" for row in rows.tolist())


def _list_blocks(at: int, members: Members, rows: np.ndarray) -> dict[str, bytes]:
    """Returns how many values each row has in a column of lists, and their codes one after the other."""
    lengths, starts = np.diff(members.starts)[rows], members.starts[rows]
    before = lengths.cumsum() - lengths
    codes = members.codes[np.repeat(starts - before, lengths) + np.arange(lengths.sum())]
    return {f"lengths-{at}": lengths.astype("<u2").tobytes(), f"members-{at}": codes.astype("<u2").tobytes()}


def _cut(text: str, length: int | None) -> str:
    return text if length is None or len(text) <= length else text[:length] + " …"


def _places(values: np.ndarray, names: Sequence[str]) -> bytes:
    """Returns the place of each value among the names, one byte each."""
    place = {name: at for at, name in enumerate(names)}
    return bytes(place[value] for value in values.tolist())
