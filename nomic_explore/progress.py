"""Progress displays of a build, one line per stage: in a terminal, in a notebook, or none."""

import sys
from html import escape
from time import perf_counter
from typing import Any, Protocol


class Progress(Protocol):
    """The protocol of a progress display; its stages come one after the other."""

    def start(self, stage: str, total: int | None = None, unit: str = "rows") -> None:
        """Begins a stage of `total` documents or other units (None: not counted)."""

    def advance(self, done: int) -> None:
        """Shows that `done` documents of the stage are finished (and on disk)."""

    def finish(self, note: str = "") -> None:
        """Ends the stage, with a note on its result."""

    def close(self) -> None:
        """Ends the display; called once, also after an error."""


class SilentProgress:
    """A progress display that shows nothing."""

    def start(self, stage: str, total: int | None = None, unit: str = "rows") -> None:
        """Does nothing."""

    def advance(self, done: int) -> None:
        """Does nothing."""

    def finish(self, note: str = "") -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""


class TerminalProgress:
    """Progress lines on standard error: stage, bar, rate, time left; when done, the seconds and a note on the result."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

        self._console = Console(stderr=True, highlight=False)
        self._columns = (
            SpinnerColumn(),
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[rate]:>14}"),
            TimeRemainingColumn(),
        )
        self._bars: Any = Progress(*self._columns, console=self._console, transient=True)
        self._bars.start()
        self._task: Any = None
        self._stage, self._began, self._skipped, self._unit = "", perf_counter(), 0, "rows"

    def start(self, stage: str, total: int | None = None, unit: str = "rows") -> None:
        """Begins a line."""
        self._stage, self._began, self._skipped, self._unit = stage, perf_counter(), -1, unit
        self._task = self._bars.add_task(stage, total=total, rate="")

    def advance(self, done: int) -> None:
        """Moves the bar; documents done before the stage began do not count into the rate."""
        if self._skipped < 0:
            self._skipped = done
        seconds = perf_counter() - self._began
        fresh = done - self._skipped
        rate = f"{_rate(fresh / seconds)} {self._unit}/s" if fresh and seconds else ""
        self._bars.update(self._task, completed=done, rate=rate)

    def finish(self, note: str = "") -> None:
        """Replaces the bar with a finished line."""
        self._bars.remove_task(self._task)
        seconds = perf_counter() - self._began
        self._console.print(f"[green]✓[/green] {self._stage:<12} [dim]{seconds:6.1f} s[/dim]  ", end="")
        self._console.print(note, markup=False)

    def close(self) -> None:
        """Removes the display."""
        self._bars.stop()


class NotebookProgress:
    """Progress lines below a notebook cell: stage, bar, rate, time left; when done, the seconds and a note on the result."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        self._html: Any = HTML
        self._lines: list[str] = []
        self._stage, self._began, self._skipped, self._unit = "", perf_counter(), -1, "rows"
        self._total: int | None = None
        self._is_open = False
        self._shown: Any = display(HTML(""), display_id=True)

    def start(self, stage: str, total: int | None = None, unit: str = "rows") -> None:
        """Begins a line."""
        self._stage, self._began, self._total, self._skipped = stage, perf_counter(), total, -1
        self._unit = unit
        self._lines.append("")
        self._is_open = True
        self._show("…")

    def advance(self, done: int) -> None:
        """Moves the bar; documents done before the stage began do not count into the rate."""
        if self._skipped < 0:
            self._skipped = done
        seconds, fresh = perf_counter() - self._began, done - self._skipped
        note, total = "", self._total or done
        if fresh and seconds:
            rate = fresh / seconds
            note = f"{done:,} of {total:,}, {_rate(rate)} {self._unit}/s, {(total - done) / rate:,.0f} s left"
        self._show(f'<progress value="{done}" max="{max(total, 1)}"></progress> {note}')

    def finish(self, note: str = "") -> None:
        """Replaces the bar with a finished line."""
        self._is_open = False
        self._show(f"✓ {perf_counter() - self._began:.1f} s &nbsp;{escape(note)}")

    def close(self) -> None:
        """Marks a line that did not end."""
        if self._is_open:
            self._show("✗ stopped")

    def _show(self, state: str) -> None:
        self._lines[-1] = f'<span style="display:inline-block;width:110px">{escape(self._stage)}</span>{state}'
        self._shown.update(self._html("<br>".join(self._lines)))


def open_progress(show: bool | None = None) -> Progress:
    """Returns the progress display for where the code runs: a notebook, a terminal, or neither.

    Args:
        show: None shows bars in a notebook and lines in a terminal, and stays silent when standard error is
            neither; True shows lines wherever it runs; False stays silent.

    Example:
        >>> open_progress(False).start("vectors", 100)
    """
    if show is False:
        return SilentProgress()
    if _is_notebook():
        return NotebookProgress()
    if show or sys.stderr.isatty():
        return TerminalProgress()
    return SilentProgress()


def _is_notebook() -> bool:
    """Returns whether the code runs in a Jupyter kernel, without importing IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")


def _rate(per_second: float) -> str:
    """Returns a rate with as many digits as it takes: 1,234 or 0.8."""
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"
