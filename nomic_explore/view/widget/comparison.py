"""Two maps of the same documents side by side: linked views, linked selection, and a slider that morphs one into the other."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import ipywidgets as widgets
import numpy as np

from nomic_explore.checks import check_choice, check_positive
from nomic_explore.view.data.channels import Channel, category_channel
from nomic_explore.view.data.home_view import find_home
from nomic_explore.view.data.label_placement import PlacedLabel, place_labels
from nomic_explore.view.data.map_data import MapData, make_map_data
from nomic_explore.view.requests.answers import Answers
from nomic_explore.view.widget.atlas_map import THEMES, AtlasMap
from nomic_explore.view.widget.closing import close_parts
from nomic_explore.view.widget.explorer import Explorer

if TYPE_CHECKING:
    from nomic_explore.session import Session

_N_NEIGHBORS = 10
_MAX_SETTINGS = 2  # in a title
_TELLING = {  # settings that make a different map, and how a title states them
    "model": "{}",
    "dimensions": "{} dimensions",
    "prefix": "prefix {}",
    "dtype": "{}",
    "projection": "{}",
    "n_neighbors": "{} neighbors",
    "umap_neighbors": "umap_neighbors {}",
    "min_dist": "min_dist {}",
    "long_text": "long texts: {}",
    "seed": "seed {}",
}
Shown: TypeAlias = "AtlasMap | Explorer | Session"


def compare(map_a: "Shown", map_b: "Shown", *, height: int = 520, theme: str = "auto") -> "Comparison":
    """Returns two maps of the same documents side by side: two models, two prefixes, two settings of UMAP.

    Moving, zooming, selecting and choosing a document in one does the same in the other. The slider moves the points of
    the left map to where they lie in the right one. The right layout is turned, mirrored and scaled to lie on the left
    one as well as it can (Procrustes), which changes no neighborhood; both show the left one's topics as colors.

    Args:
        map_a: a map from `exploration.map()`, or an exploration.
        map_b: another of the same documents, matched by id.
        height: pixels.
        theme: "auto", "light" or "dark".

    Raises:
        TypeError: one of them is neither map nor exploration.
        ValueError: they share fewer than three documents, or the theme is unknown.

    Example:
        >>> part = exploration.subset(range(40), "part", show_progress=False)
        >>> 0 <= compare(exploration, part).shared <= 1
        True
    """
    check_choice(theme, "theme", THEMES)
    check_positive(height, "height")
    a, b = _exploration_of(map_a, "map_a"), _exploration_of(map_b, "map_b")
    return Comparison(a, b, height=height, theme=theme)


class Comparison(widgets.VBox):
    """Two linked maps; `left` and `right` are `AtlasMap`s, `shared` the share of neighbors both agree on, 0 to 1."""

    def __init__(self, a: "Session", b: "Session", *, height: int, theme: str) -> None:
        self._links: list[widgets.Widget] = []
        self.row_in_b = _matching_rows(a, b)
        data_a = make_map_data(a)
        self.shared = shared_neighbors(a, b, self.row_in_b)
        data_b, places = _laid_on(make_map_data(b), data_a, self.row_in_b)
        names = _titles(a, b)
        topic = f"topic in {names[0]}"
        of_left = partial(_topic_of_other, topic, data_a.channels["topic"], self.row_in_b, len(b))
        data_b = replace(data_b, channels=data_b.channels.plus(topic, of_left))
        self.left = AtlasMap(data_a, Answers(a, data_a), height=height, theme=theme)
        self.right = AtlasMap(data_b, Answers(b, data_b), height=height, theme=theme)
        self.right.color_by = topic
        self.left.target = places.tobytes()
        self._link(a, b)
        slider = widgets.FloatSlider(
            0.0,
            min=0.0,
            max=1.0,
            step=0.01,
            readout=False,
            layout={"width": "340px"},
            tooltip="Moves the points of the left map to their places in the right one",
        )
        ends = [widgets.Label(f"Left map as {names[0]}"), slider, widgets.Label(f"as {names[1]}")]
        self._links.append(widgets.jslink((slider, "value"), (self.left, "morph")))
        self.slider = slider
        agreement = widgets.Label(f"{self.shared:.0%} of the {_N_NEIGHBORS} nearest neighbors are the same in both.")
        half = widgets.Layout(width="50%", flex="1 1 0", min_width="0")
        titled = [
            widgets.VBox([widgets.Label(name), atlas], layout=half)
            for name, atlas in zip(names, (self.left, self.right), strict=True)
        ]
        super().__init__([widgets.HBox(titled, layout={"width": "100%"}), widgets.HBox(ends), agreement])

    def __repr__(self) -> str:
        return f"Two maps of the same documents: {self.shared:.0%} of the {_N_NEIGHBORS} nearest neighbors agree"

    def close(self) -> None:
        """Closes both maps and all that links them."""
        for link in self._links:
            link.close()
        super().close()
        close_parts(self)

    def _link(self, a: "Session", b: "Session") -> None:
        self.left.is_linked = self.right.is_linked = True
        self._links.append(widgets.jslink((self.left, "view"), (self.right, "view")))
        known = np.flatnonzero(self.row_in_b >= 0)
        row_in_a = np.full(len(b), -1, dtype=np.int64)
        row_in_a[self.row_in_b[known]] = known
        for one, other, translate in ((self.left, self.right, self.row_in_b), (self.right, self.left, row_in_a)):
            one.observe(lambda _, pair=(one, other, translate): _follow_selection(*pair), names="selected")
            one.observe(lambda _, pair=(one, other, translate): _follow_focus(*pair), names="focus")


def shared_neighbors(a: "Session", b: "Session", row_in_b: np.ndarray) -> float:
    """Returns the mean share, 0 to 1, of each document's nearest ten in `a` that are also its nearest ten in `b`.

    Args:
        a: one exploration.
        b: another.
        row_in_b: (n,) for each row of `a` the row of the same document in `b`, -1 for none.
    """
    rows = np.flatnonzero(row_in_b >= 0)
    near_a = np.where(a.graph.neighbors >= 0, row_in_b[a.graph.neighbors], -1)[rows, :_N_NEIGHBORS]
    near_b = b.graph.neighbors[row_in_b[rows], :_N_NEIGHBORS]
    if not near_a.size or not near_b.size:
        return 0.0
    found = (near_a[:, :, None] == near_b[:, None, :]) & (near_a[:, :, None] >= 0)
    return float(found.any(axis=2).mean())


def _exploration_of(shown: "Shown", name: str) -> "Session":
    from nomic_explore.session import Session

    atlas = shown.atlas if isinstance(shown, Explorer) else shown
    if isinstance(atlas, AtlasMap) and atlas.answers is not None:
        return atlas.answers.context.exploration
    if isinstance(shown, Session):
        return shown
    raise TypeError(f"{name} is a {type(shown).__name__}; expected a map from exploration.map(), or an exploration.")


def _matching_rows(a: "Session", b: "Session") -> np.ndarray:
    """Returns (n,) for each row of `a` the row of the same document in `b`; -1 for none, or without a place in either."""
    row_of = {name: row for row, name in enumerate(b.corpus.ids)}
    rows = np.array([row_of.get(name, -1) for name in a.corpus.ids], dtype=np.int64)
    placed = np.isfinite(a.positions).all(axis=1) & np.isfinite(b.positions).all(axis=1)[rows] & (rows >= 0)
    if placed.sum() < 3:
        raise ValueError(
            f"{a.name} and {b.name} share {int(placed.sum())} documents by id; expected at least 3. Give both the same "
            'ids: explore(..., id="column").'
        )
    return np.where(placed, rows, -1)


def _laid_on(data_b: MapData, data_a: MapData, row_in_b: np.ndarray) -> tuple[MapData, np.ndarray]:
    """Returns the right map laid on the left one, and where each point of the left map lies in it, (m, 2) float32."""
    other = np.where(row_in_b[data_a.rows] >= 0, data_b.point_of[row_in_b[data_a.rows]], -1)
    both = other >= 0
    move = _procrustes(data_b.positions[other[both]], data_a.positions[both])
    positions = move(data_b.positions)
    labels: list[PlacedLabel] = [
        {**label, "spots": [(x, y) for x, y in move(np.array(label["spots"])).tolist()]} for label in data_b.labels
    ]
    places = data_a.positions.copy()
    places[both] = positions[other[both]]
    return replace(data_b, positions=positions, labels=place_labels(labels, find_home(positions))), places


def _procrustes(points: np.ndarray, target: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Returns the function that turns, mirrors, scales and shifts `points` onto `target` with the least squared error."""
    from scipy.linalg import orthogonal_procrustes

    middle, goal = points.mean(axis=0), target.mean(axis=0)
    turn, size = orthogonal_procrustes(points - middle, target - goal)
    scale = size / max(float(((points - middle) ** 2).sum()), 1e-12)
    # A layout that agrees in nothing would shrink to a dot; it stays at least half as large.
    scale = max(scale, 0.5)

    def move(places: np.ndarray) -> np.ndarray:
        return np.clip((places - middle) @ turn * scale + goal, -1.0, 1.0).astype(np.float32)

    return move


def _topic_of_other(name: str, topics: Channel, row_in_b: np.ndarray, n: int) -> Channel:
    codes = np.zeros(n, dtype=np.int64)
    known = row_in_b >= 0
    codes[row_in_b[known]] = topics.codes[known]
    return category_channel(name, codes, topics.names, topics.palettes)


def _follow_selection(one: AtlasMap, other: AtlasMap, translate: np.ndarray) -> None:
    rows = translate[one.selected_rows]
    rows = np.sort(rows[rows >= 0])
    known = translate >= 0
    if not np.array_equal(np.intersect1d(other.selected_rows, translate[known]), rows):
        other.select(rows)


def _follow_focus(one: AtlasMap, other: AtlasMap, translate: np.ndarray) -> None:
    row = int(translate[one.data.rows[one.focus]]) if one.focus >= 0 else -1
    if row >= 0 and (other.focus < 0 or int(other.data.rows[other.focus]) != row):
        other.focus_on(row)


def _titles(a: "Session", b: "Session") -> list[str]:
    """Returns what tells the two apart: the settings in which they differ, else their sizes, else their folders."""
    settings = [
        {**one.manifest["stages"]["vectors"]["provenance"], **one.manifest.get("options", {})} for one in (a, b)
    ]
    differing = [name for name in _TELLING if settings[0].get(name) != settings[1].get(name)]
    if differing:
        return [", ".join(_setting(name, one.get(name)) for name in differing[:_MAX_SETTINGS]) for one in settings]
    sizes = [f"{one.name}, {len(one):,} documents" for one in (a, b)]
    return sizes if sizes[0] != sizes[1] else [str(one.folder) for one in (a, b)]


def _setting(name: str, value: object) -> str:
    """Returns a setting in words: "minilm", "64 dimensions", "seed 7"."""
    label = _TELLING[name]
    return label.format(f"“{value}”" if name == "prefix" else value)
