"""Progress in a notebook: one bar a stage."""

from time import perf_counter
from typing import Any

import ipywidgets as widgets


class NotebookProgress:
    """Bars below the cell: stage, bar, rate and time left; a tick, the seconds and what was found when done."""

    def __init__(self) -> None:
        from IPython.display import display

        self._lines = widgets.VBox()
        display(self._lines)
        self._bar: Any = None
        self._note: Any = None
        self._began, self._first = perf_counter(), -1
        self._total: int | None = None

    def start(self, stage: str, total: int | None = None) -> None:
        """Begins a line."""
        self._began, self._total, self._first = perf_counter(), total, -1
        self._bar = widgets.IntProgress(value=0, max=total or 1, layout=widgets.Layout(width="220px"))
        self._note = widgets.Label("…")
        name = widgets.Label(stage, layout=widgets.Layout(width="110px"))
        self._lines.children = (*self._lines.children, widgets.HBox([name, self._bar, self._note]))

    def advance(self, done: int) -> None:
        """Moves the bar; what was there before the stage began does not count into the rate."""
        if self._first < 0:
            self._first = done
        seconds, fresh = perf_counter() - self._began, done - self._first
        self._bar.value = done
        if fresh and seconds:
            rate = fresh / seconds
            left = f", {((self._total or done) - done) / rate:,.0f} s left" if self._total else ""
            self._note.value = f"{done:,} of {self._total or done:,}, {rate:,.0f} rows/s{left}"

    def finish(self, note: str = "") -> None:
        """Fills the bar and says what was found."""
        self._bar.value = self._bar.max
        self._bar.bar_style = "success"
        self._note.value = f"✓ {perf_counter() - self._began:.1f} s  {note}"

    def close(self) -> None:
        """Marks a line that did not end."""
        if self._bar is not None and self._bar.bar_style != "success":
            self._bar.bar_style = "danger"
