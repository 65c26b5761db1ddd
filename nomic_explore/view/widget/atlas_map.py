"""`AtlasMap`: the map as a widget. Its traits, and the way of questions to `requests`; its JavaScript lies in `js/`."""

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import numpy as np
import traitlets

from nomic_explore.checks import Rows, check_rows
from nomic_explore.view.data.asked_filters import filters_of
from nomic_explore.view.data.bitmask import pack_mask, unpack_mask
from nomic_explore.view.data.column_summaries import column_entries
from nomic_explore.view.data.density import density_contours, density_grid
from nomic_explore.view.data.filters import ColumnFilter, filter_mask, follow_topics
from nomic_explore.view.data.legend_lines import legend_lines
from nomic_explore.view.data.map_data import MapData, remake_topics
from nomic_explore.view.data.topic_labels import has_same_rows, layer_names
from nomic_explore.view.export.templates import STATIC
from nomic_explore.view.requests.answers import Answers
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.edits import collect_annotations
from nomic_explore.view.requests.topics import relabel
from nomic_explore.view.widget.closing import close_parts, listen_weakly, note_display
from nomic_explore.view.widget.filtered_view import FilteredView, view_filtered
from nomic_explore.view.widget.static_preview import StaticPreview, display_with_preview

THEMES = ("auto", "light", "dark")
_MAX_DRAWN_HERE = 50_000  # points of which the kernel draws the first picture, in a fraction of a second


def _to_bytes(value: memoryview, _: object) -> bytes:
    return bytes(value)  # a browser's bytes arrive as a memoryview, which the trait would refuse


class AtlasMap(anywidget.AnyWidget):
    """A map of documents.

    Everything on the screen is a trait: what Python sets is drawn, what is done on the screen can be read here.
    Masks (`selected`, `filtered`) hold one bit a point, the first in the lowest bit; `hits` holds point numbers,
    `strengths` a byte for each, 255 for a full highlight; empty highlights all in full.

    Args:
        data: what to draw.
        answers: who answers what the browser asks; None draws points alone.
        describe: row -> (title, text) for the hover card of a map without `answers`.
        height: pixels.
        panels: put search, filters, topics and the reader round the map.
        title: shown above the panels.
        theme: "auto" follows JupyterLab or the browser; or "light", "dark".
    """

    # Traits instead of paths: anywidget 0.11 keeps every widget whose JavaScript is a path, in order to reload it.
    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    positions = traitlets.Bytes().tag(sync=True)
    home: "traitlets.List[float]" = traitlets.List().tag(sync=True)
    colors = traitlets.Bytes().tag(sync=True)
    sizes = traitlets.Bytes().tag(sync=True)
    density = traitlets.Bytes().tag(sync=True)
    contours: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    legend: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    labels: "traitlets.List[Any]" = traitlets.List().tag(sync=True)
    color_by = traitlets.Unicode("topic").tag(sync=True)
    size_by = traitlets.Unicode("").tag(sync=True)
    columns: "traitlets.List[Any]" = traitlets.List().tag(sync=True)
    filters: "traitlets.List[Any]" = traitlets.List().tag(sync=True)
    filtered = traitlets.Bytes().tag(sync=True)
    selected = traitlets.Bytes().tag(sync=True, from_json=_to_bytes)
    hits = traitlets.Bytes().tag(sync=True, from_json=_to_bytes)
    strengths = traitlets.Bytes().tag(sync=True, from_json=_to_bytes)
    focus = traitlets.Int(-1).tag(sync=True)
    view: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    annotations: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    target = traitlets.Bytes().tag(sync=True)
    morph = traitlets.Float(0.0).tag(sync=True)
    is_linked = traitlets.Bool(False).tag(sync=True)
    theme = traitlets.Enum(THEMES, "auto").tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(600).tag(sync=True)
    panels = traitlets.Bool(False).tag(sync=True)
    beside = traitlets.Bool(False).tag(sync=True)
    pane = traitlets.Unicode("topics").tag(sync=True)
    copies_version = traitlets.Int(0).tag(sync=True)
    abilities: "traitlets.Dict[str, Any]" = traitlets.Dict().tag(sync=True)
    keeps_picture = traitlets.Bool(False).tag(sync=True)
    picture = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        data: MapData,
        answers: Answers | None = None,
        *,
        describe: Callable[[int], tuple[str, str]] | None = None,
        height: int = 600,
        panels: bool = False,
        title: str = "",
        theme: str = "auto",
    ) -> None:
        self.data, self.answers, self._describe = data, answers, describe
        self._stop_listening: Callable[[], None] = lambda: None
        self._on_select: list[Callable[[np.ndarray], None]] = []
        self._on_pick: list[Callable[[int], None]] = []
        can_ask = answers is None or answers.context.exploration.can_embed
        abilities = {"kernel": True, "meaning": True, "questions": can_ask, "copies": True}
        super().__init__(height=height, title=title, theme=theme, abilities=abilities)
        self.panels = panels and answers is not None
        with self.hold_sync():
            packed = data.positions.tobytes()
            self.positions, self.labels = packed, data.labels
            self.home = data.home.numbers()
            self.density = density_grid(data.positions).tobytes()
            self.contours = _packed_contours(data.positions)
            self._recolor()
            if answers is not None:
                self.columns = column_entries(answers.context.exploration, data.channels)
                topics = answers.context.exploration.topics.current
                self.annotations, self._topics = {**collect_annotations(answers.context)}, topics
        self._listen()
        self.observe(lambda _: self._recolor(), names="color_by")
        self.observe(lambda _: self._resize(), names="size_by")
        self.observe(lambda _: self._refilter(), names="filters")
        self.observe(lambda _: self._report_selection(), names="selected")
        self.observe(lambda _: self._report_highlight(), names="hits")
        self.on_msg(self._hear)

    def __repr__(self) -> str:
        return f"{self.title or 'Map'}: a map of {len(self.data.rows):,} documents, colored by {self.color_by or 'nothing'}"

    def _listen(self) -> None:
        """Shows edits from now on."""
        if self.answers is not None:
            self._stop_listening = listen_weakly(self.answers.context.exploration, self, AtlasMap._show_edits)
        self._is_listening = True

    def _rest(self) -> None:
        """Shows no edits until the map is displayed again."""
        self._stop_listening()
        self._is_listening = False

    def close(self) -> None:
        """Closes the map; edits of the exploration are no longer shown in it."""
        self._stop_listening()
        super().close()
        close_parts(self)

    def _ipython_display_(self, **_: object) -> None:
        self.display_in(self)

    def display_in(self, widget: "anywidget.AnyWidget") -> None:
        """Displays a widget that holds this map, and a picture that is seen when no kernel runs.

        Maps that earlier runs of the same cell displayed show no more edits, until they are displayed again.

        Args:
            widget: the map itself, or what stands around it.
        """
        for replaced in note_display(self):
            if isinstance(replaced, AtlasMap):
                replaced._rest()
        if not self._is_listening:
            self._listen()
            self._show_edits()
        self.picture = self.picture or self._draw_picture()
        replace = display_with_preview(widget, self._preview())
        self.keeps_picture = True
        self.observe(lambda _: replace(self._preview()), names="picture")

    def _preview(self) -> StaticPreview:
        caption = f"{self.title or 'Map'}: {len(self.data.rows):,} documents. Run the cell to explore them."
        lines = legend_lines(self.legend, "dark" if self.theme == "dark" else "light")
        return StaticPreview(caption, self.picture, self.color_by, lines)

    def _draw_picture(self) -> str:
        if self.answers is None or len(self.data.rows) > _MAX_DRAWN_HERE:
            return ""
        from nomic_explore.view.export.picture import picture_url

        theme = self.theme if self.theme in ("light", "dark") else "light"
        return picture_url(self.answers.context.exploration, 900, 600, theme)

    # --- selecting ---

    def select(self, what: Rows | str) -> np.ndarray:
        """Selects documents and returns their rows, ascending.

        Args:
            what: row numbers, a mask with one value per row, rows out of `to_pandas()`, or a query string: its words and
                conditions must all hold; see `Session.query`.

        Raises:
            IndexError: there is no such row.
            ValueError: the query cannot be used.
        """
        rows = self._rows_from(what)
        self.selected = self._mask_of(rows)
        return self.selected_rows

    @property
    def selected_rows(self) -> np.ndarray:
        """The selected rows (k,) int64, ascending."""
        return np.sort(self.data.rows[np.flatnonzero(unpack_mask(self.selected, len(self.data.rows)))])

    def on_select(self, act: Callable[[np.ndarray], None]) -> Callable[[np.ndarray], None]:
        """Calls `act` with the selected rows, (k,) int64, whenever they change; can be used as a decorator."""
        self._on_select.append(act)
        return act

    def marked_rows(self, but: str = "") -> np.ndarray:
        """Returns the rows (k,) that are selected, or, if none are, pass the filters of all columns but one."""
        if self.selected:
            return self.selected_rows
        mask = filter_mask(self.data.channels, [wanted for wanted in self.filters if wanted["column"] != but])
        return self.data.rows if mask is None else self.data.rows[mask[self.data.rows]]

    def on_pick(self, act: Callable[[int], None]) -> Callable[[int], None]:
        """Calls `act` with the row number of each document that is clicked."""
        self._on_pick.append(act)
        return act

    # --- showing ---

    def highlight(self, rows: Rows | str) -> None:
        """Highlights rows, in this order, and dims the others; no rows dims none."""
        points = self._points_of(self._rows_from(rows))
        with self.hold_sync():
            self.hits, self.strengths = points.astype(np.uint32).tobytes(), b""

    def focus_on(self, row: int | str) -> None:
        """Centers the map on a row, given by its number or its id, and opens it in the reader; -1 closes the reader."""
        rows = np.zeros(0, np.int64) if row == -1 else self._rows_from([row])
        points = self._points_of(rows)
        self.focus = -1
        self.focus = int(points[0]) if len(points) else -1

    def filter(self, **columns: object) -> FilteredView:
        """Grays out what does not fit, and returns what does; without arguments shows all.

        Args:
            **columns: for each column a value, a list of values, or a (low, high) tuple with None for an open end; None
                stands for the rows without a value. Rows of a column of lists fit if they have one of the values.
                Dates are written as "2020-02-01", "2020-02" or 2020, or are date objects.

        Returns:
            The rows that pass; as the last line of a cell, a sentence and a small picture of the map.

        Raises:
            ValueError: there is no such column, or it does not hold what is asked for.

        Example:
            `atlas.filter(year=(2010, None), category=["cs.CL", "cs.LG"], tags="spam", editor=None)`
        """
        filters = filters_of(columns, self.data.channels)
        mask = filter_mask(self.data.channels, filters)  # refuses what it does not know before anything changes
        self.filters = filters
        theme = "dark" if self.theme == "dark" else "light"
        return view_filtered(self.data, filters, mask, self.color_by, theme)

    # --- inside ---

    @traitlets.default("_esm")
    def _read_script(self) -> str:
        return (STATIC / "atlas_map.js").read_text(encoding="utf-8")

    @traitlets.default("_css")
    def _read_style(self) -> str:
        return (STATIC / "atlas_map.css").read_text(encoding="utf-8")

    @traitlets.validate("color_by")
    def _check_color(self, proposal: Mapping[str, str]) -> str:
        if proposal["value"] not in self.data.channels:
            raise traitlets.TraitError(f"color_by={proposal['value']!r}; expected one of {list(self.data.channels)}.")
        return str(proposal["value"])

    @traitlets.validate("size_by")
    def _check_size(self, proposal: Mapping[str, str]) -> str:
        name = proposal["value"]
        if name and (name not in self.data.channels or self.data.channels[name].values is None):
            known = [name for name, channel in self.data.channels.items() if channel.values is not None]
            raise traitlets.TraitError(f"size_by={name!r}; expected a column of numbers or dates: {known}.")
        return str(name)

    @traitlets.validate("filters")
    def _check_filters(self, proposal: Mapping[str, list[ColumnFilter]]) -> list[ColumnFilter]:
        try:
            filter_mask(self.data.channels, proposal["value"])
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None
        return list(proposal["value"])

    def _recolor(self) -> None:
        channel = self.data.channels[self.color_by]
        kind = np.uint8 if len(channel.palettes["light"]) <= 256 else np.uint16
        with self.hold_sync():
            self.colors = channel.codes[self.data.rows].astype(kind).tobytes()
            self.legend = channel.legend(self.data.rows)

    def _resize(self) -> None:
        self.sizes = self.data.channels[self.size_by].sizes()[self.data.rows].tobytes() if self.size_by else b""

    def _refilter(self) -> None:
        mask = filter_mask(self.data.channels, self.filters)
        self.filtered = b"" if mask is None else pack_mask(~mask[self.data.rows])
        if self.answers is not None:
            self.answers.context.passing = mask

    def _report_highlight(self) -> None:
        if self.answers is not None:
            self.answers.context.highlighted = np.frombuffer(self.hits, np.uint32)

    def _report_selection(self) -> None:
        rows = self.selected_rows
        if self.answers is not None:
            self.answers.context.selected = rows
            self.answers.context.exploration.select(rows)
        for act in self._on_select:
            act(rows)

    def _show_edits(self) -> None:
        if self.answers is None or self.answers.context.is_outdated:
            return
        for name in ("tags", "duplicate_role"):
            self.data.channels.forget(name)
        with self.hold_sync():
            self.annotations = {**collect_annotations(self.answers.context)}
            self._show_topics(self.answers.context)
            if self.color_by == "tags" and "tags" not in self.data.channels:
                self.color_by = "topic"
            self._recolor()
            if any(wanted["column"] == "duplicate_role" for wanted in self.filters):
                self._refilter()
            self.copies_version += self.answers.duplicates.are_outdated
            self.columns = column_entries(self.answers.context.exploration, self.data.channels)

    def _show_topics(self, context: MapContext) -> None:
        """Shows the topics that the exploration has now: names, places and colors, and what filters by them."""
        before, self._topics = self._topics, context.exploration.topics.current
        names = dict(zip(layer_names(before).values(), layer_names(self._topics).values(), strict=False))
        filtering = {wanted["column"] for wanted in self.filters} & set(names)
        channels = {name: self.data.channels[name] for name in filtering}
        if not has_same_rows(before, self._topics):
            self.data = context.data = remake_topics(context.exploration, self.data)
            self._resize()
        elif before.names != self._topics.names:
            self.data.channels.forget_topics()
        labels = relabel(context)
        if labels != self.labels:
            self.color_by = names.get(self.color_by, self.color_by)
            self.filters = follow_topics(self.filters, channels, self.data.channels, names)
            self._refilter()
            self.labels = labels

    def _rows_from(self, what: Rows | str) -> np.ndarray:
        if isinstance(what, str):
            if self.answers is None:
                raise ValueError(f"select({what!r}): this map has points alone; pass row numbers or a mask.")
            return self.answers.context.exploration.query(what)
        if self.answers is not None:
            return self.answers.context.exploration._state.rows_of(what)
        return check_rows(what, self._n_rows)

    @property
    def _n_rows(self) -> int:
        return len(self.data.channels["topic"].codes)

    def _points_of(self, rows: np.ndarray) -> np.ndarray:
        """Returns the points (k,) of rows, in their order; rows without a place are left out."""
        points = self.data.point_of[rows]
        return points[points >= 0]

    def _mask_of(self, rows: np.ndarray) -> bytes:
        if not len(rows):
            return b""
        mask = np.zeros(len(self.data.rows), dtype=bool)
        mask[self._points_of(rows)] = True
        return pack_mask(mask)

    def _hear(self, _: object, message: Mapping[str, object], __: object) -> None:
        """Answers a question, or passes a click on."""
        point, given = message.get("point"), message.get("with")
        if message.get("type") == "pick" and isinstance(point, int):
            for act in self._on_pick:
                act(int(self.data.rows[point]))
        if message.get("type") != "ask":
            return
        question, wanted = message.get("question"), given if isinstance(given, Mapping) else {}
        answer: dict[str, object] = {"type": "answer", "id": message.get("id")}
        buffers = []
        try:
            value = dict(self._answer(str(question), wanted))
            bulk = [name for name, part in value.items() if isinstance(part, bytes)]
            buffers = [value.pop(name) for name in bulk]
            answer |= {"value": value, "bulk": bulk}
        except (ValueError, LookupError, TypeError, OSError, RuntimeError, ImportError) as error:
            answer["error"] = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
        self.send(answer, buffers)

    def _answer(self, question: str, wanted: Mapping[str, object]) -> Mapping[str, object]:
        if self.answers is not None:
            return self.answers.answer(question, wanted)
        if question == "describe" and self._describe is not None:
            title, text = self._describe(int(self.data.rows[int(str(wanted["point"]))]))
            return {"title": title, "topic": "", "text": text, "fields": []}
        raise ValueError(f"This map cannot answer {question!r}.")


def _packed_contours(positions: np.ndarray) -> dict[str, bytes]:
    contours = density_contours(positions)
    return {
        "points": contours.points.tobytes(),
        "starts": contours.starts.astype(np.uint32).tobytes(),
        "levels": contours.levels.tobytes(),
    }
