"""The map with panels round it: search, topics and duplicates on the left, the reader on the right, sizes below."""

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import numpy as np

from nomic_explore.view.atlas_map import AtlasMap
from nomic_explore.view.figures import as_widget, topic_sizes
from nomic_explore.view.map_data import make_map_data

if TYPE_CHECKING:
    from nomic_explore.exploration import Exploration

_N_HITS = 50
_N_GROUPS = 300
_HOVER_LENGTH = 420
_SHORT = 70
_MAX_SHOWN = 20_000  # characters of one text in the reader


def show_map(exploration: "Exploration", *, panels: bool = True, height: int = 640) -> widgets.DOMWidget:
    """Returns the map of an exploration as a widget.

    What is lassoed arrives in `exploration.selected`.

    Args:
        exploration: what to show.
        panels: put search, topics, duplicates and the reader beside it; False gives the bare map.
        height: pixels.
    """
    topics, texts = exploration.topics, exploration.corpus.texts
    finest = topics.layers[-1]

    def describe(row: int) -> tuple[str, str]:
        title = topics.names[-1][finest[row]] if finest[row] >= 0 else "no topic"
        return title, _shorten(texts[row] or "", _HOVER_LENGTH)

    atlas = AtlasMap(make_map_data(exploration), describe, height=height)
    atlas.observe(lambda change: exploration.select(atlas.rows_of(change["new"])), names="selected")
    if not panels:
        return atlas
    reader = _Reader(exploration, atlas)
    atlas.on_pick(reader.show)
    tools = widgets.Tab(
        [
            _search_panel(exploration, atlas, reader.show),
            _topic_panel(exploration, atlas),
            _duplicate_panel(exploration, atlas, reader.show),
        ],
        titles=("Search", "Topics", "Duplicates"),
        layout=widgets.Layout(width="300px", height=f"{height}px", flex="0 0 auto"),
    )
    tools.add_class("nx-tools")
    middle = widgets.Box([atlas], layout=widgets.Layout(flex="1 1 auto", min_width="320px", display="block"))
    row = widgets.HBox([tools, middle, reader.box(height)], layout=widgets.Layout(width="100%"))
    sizes = widgets.Accordion([as_widget(topic_sizes(topics))], titles=("Topic sizes",), selected_index=None)
    return widgets.VBox([row, sizes], layout=widgets.Layout(width="100%"))


class _Reader:
    """The chosen document: its text, columns and topic path; its neighbours and copies to go on to."""

    def __init__(self, exploration: "Exploration", atlas: AtlasMap) -> None:
        self._exploration, self._atlas = exploration, atlas
        hint = "<p style='opacity:.65'>Click a document on the map to read it here.</p>"
        self._text = widgets.HTML(hint, layout=widgets.Layout(margin="0 0 8px 0"))
        self._nearest = _choice_list("Nearest documents", self.show, rows=8)

    def box(self, height: int) -> widgets.DOMWidget:
        """Returns the pane."""
        layout = widgets.Layout(width="310px", height=f"{height}px", padding="0 6px", overflow="auto", flex="0 0 auto")
        return widgets.VBox([self._text, widgets.Label("Nearest documents"), self._nearest], layout=layout)

    def show(self, row: int) -> None:
        """Shows a document and rings it on the map."""
        exploration = self._exploration
        self._atlas.focus_on(row)
        self._text.value = _document_html(exploration, row)
        near = exploration.neighbors(row, n=10)
        self._nearest.options = [
            (f"{similarity:.2f}  {_shorten(text, _SHORT)}", int(other))
            for other, similarity, text in zip(near["row"], near["similarity"], near["text"], strict=True)
        ]
        self._nearest.index = None


def _document_html(exploration: "Exploration", row: int) -> str:
    topics, duplicates = exploration.topics, exploration.duplicates
    path = [names[layer[row]] for layer, names in zip(topics.layers, topics.names, strict=True) if layer[row] >= 0]
    text = exploration.corpus.texts[row] or ""
    cut = " …" if len(text) > _MAX_SHOWN else ""
    table = exploration.corpus.table
    shown = {name: table[name][row].as_py() for name in table.column_names}
    columns = "".join(
        f"<tr><td style='opacity:.65;padding-right:8px;vertical-align:top'>{escape(name)}</td><td>{escape(_shorten(str(value), 160))}</td></tr>"
        for name, value in shown.items()
        if value is not None and str(value) != text
    )
    copies = ""
    if duplicates.roles[row] in ("drop", "review"):
        copies = f"<p><b>{duplicates.roles[row]}</b>: {duplicates.kinds[row]} match, similarity {duplicates.similarities[row]:.3f}"
        copies += f", of row {duplicates.keepers[row]}</p>" if duplicates.roles[row] == "drop" else "</p>"
    elif duplicates.roles[row] == "keep":
        copies = f"<p><b>kept</b>: {int((duplicates.keepers == row).sum()) - 1} copies</p>"
    return (
        f"<div data-testid='atlas-reader' style='line-height:1.45'><p style='opacity:.65;margin:0'>row {row} · {escape(' › '.join(path))}</p>"
        f"<p style='white-space:pre-wrap;overflow-wrap:anywhere;max-height:260px;overflow:auto'>{escape(text[:_MAX_SHOWN])}{cut}</p>"
        f"{copies}<table style='font-size:12px'>{columns}</table></div>"
    )


def _search_panel(exploration: "Exploration", atlas: AtlasMap, show: Callable[[int], None]) -> widgets.DOMWidget:
    box = widgets.Text(placeholder="meaning or words, then Enter", continuous_update=False, layout=_WIDE)
    by = widgets.ToggleButtons(options=("both", "meaning", "words"), style={"button_width": "80px"})
    told = widgets.Label()
    hits = _choice_list("Search results", show, rows=18)

    def search(_: Any = None) -> None:
        query = box.value.strip()
        if not query:
            atlas.light([])
            hits.options, told.value = [], ""
            return
        try:
            found = exploration.search(query, n=_N_HITS, by=by.value)
        except (ValueError, OSError) as error:
            told.value = str(error)
            return
        hits.options = [
            (f"{rank}. {_shorten(text, _SHORT)}", int(row))
            for rank, (row, text) in enumerate(zip(found["row"], found["text"], strict=True), start=1)
        ]
        hits.index = None
        atlas.light(found["row"])
        told.value = f"{len(found)} documents, best first"

    box.observe(search, names="value")
    by.observe(search, names="value")
    return widgets.VBox([box, by, told, hits])


def _topic_panel(exploration: "Exploration", atlas: AtlasMap) -> widgets.DOMWidget:
    topics = exploration.topics
    table = topics.frame()
    layers = widgets.ToggleButtons(
        options=[(f"{len(names)}", layer) for layer, names in enumerate(topics.names)], style={"button_width": "60px"}
    )

    def light(topic: int) -> None:
        atlas.light(np.flatnonzero(topics.layers[layers.value] == topic))

    names = _choice_list("Topics", light, rows=20)

    def fill(_: Any = None) -> None:
        chosen = table[table["layer"] == layers.value].sort_values("size", ascending=False)
        names.options = [
            (f"{size:,}  {name}", int(topic))
            for topic, name, size in zip(chosen["topic"], chosen["name"], chosen["size"], strict=True)
        ]
        names.index = None

    layers.observe(fill, names="value")
    fill()
    return widgets.VBox([widgets.Label("How many topics"), layers, names, _clear_button(atlas, names)])


def _duplicate_panel(exploration: "Exploration", atlas: AtlasMap, show: Callable[[int], None]) -> widgets.DOMWidget:
    duplicates, texts = exploration.duplicates, exploration.corpus.texts
    table = duplicates.frame()

    def light(group: int) -> None:
        rows = np.flatnonzero(duplicates.groups == group)
        atlas.light(rows)
        members.options = [
            (f"{duplicates.roles[row]}: {_shorten(texts[row] or '', _SHORT)}", int(row)) for row in rows[:200]
        ]
        members.index = None

    groups = _choice_list("Duplicate groups", light, rows=12)
    members = _choice_list("Documents of the group", show, rows=7)
    first = table.head(_N_GROUPS)
    groups.options = [
        (f"{size}×  {_shorten(texts[keeper] or '', _SHORT)}", int(group))
        for group, keeper, size in zip(first["group"], first["keeper"], first["size"], strict=True)
    ]
    groups.index = None
    n_drop, n_review = int((duplicates.roles == "drop").sum()), int((duplicates.roles == "review").sum())
    told = widgets.Label(f"{len(table):,} groups, {n_drop:,} copies, {n_review:,} to review")
    return widgets.VBox([told, groups, widgets.Label("In this group"), members, _clear_button(atlas, groups)])


_WIDE = widgets.Layout(width="auto")


def _choice_list(name: str, act: Callable[[int], None], *, rows: int) -> widgets.Select:
    """Returns a list that calls `act` with the value that is chosen."""
    made = widgets.Select(options=[], rows=rows, layout=_WIDE, tooltip=name)
    made.observe(lambda change: act(change["new"]) if change["new"] is not None else None, names="value")
    return made


def _clear_button(atlas: AtlasMap, chosen: widgets.Select) -> widgets.Button:
    button = widgets.Button(description="Show all", tooltip="Light all documents again")

    def clear(_: Any) -> None:
        chosen.index = None
        atlas.light([])

    button.on_click(clear)
    return button


def _shorten(text: str, length: int) -> str:
    joined = text if length > 100 else " ".join(text[: 2 * length].split())
    return joined if len(joined) <= length else joined[:length].rstrip() + " …"
