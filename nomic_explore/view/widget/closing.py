"""What a widget leaves behind when it is closed, replaced on the screen, or gone: nothing.

ipywidgets 8 keeps every widget until it is closed, with its layout, its style and its children, each a widget of its
own; closing one closes only that one.
"""

import os
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import ipywidgets as widgets
from anywidget import AnyWidget

Owner = TypeVar("Owner")
# Where widgets were displayed: for each the ids of cells, and of the run of the cell that did.
_displays: "weakref.WeakKeyDictionary[object, dict[str, str]]" = weakref.WeakKeyDictionary()


class Announcer(Protocol):
    """What calls functions after each change, as `Session` does."""

    def on_change(self, function: Callable[[], object], /) -> Callable[[], None]:
        """Calls a function after each change; returns what ends that."""
        ...


def close_parts(widget: widgets.Widget) -> None:
    """Closes what belongs to a widget: its children, layouts and styles, and theirs.

    Example:
        >>> from ipywidgets import HTML, VBox
        >>> box = VBox([HTML("a")])
        >>> close_parts(box)
        >>> box.comm is None, box.children[0].comm is None, box.layout.comm is None
        (False, True, True)
    """
    for part in _parts_of(widget):
        if part.comm is not None:
            close_whole(part)


def close_whole(widget: widgets.Widget) -> None:
    """Closes a widget and what belongs to it.

    Example:
        >>> from ipywidgets import HTML
        >>> text = HTML("a")
        >>> close_whole(text)
        >>> text.comm is None, text.layout.comm is None
        (True, True)
    """
    widget.close()
    close_parts(widget)
    if isinstance(widget, AnyWidget):
        _release_script(widget)


def listen_weakly(announcer: Announcer, owner: Owner, act: Callable[[Owner], object]) -> Callable[[], None]:
    """Calls `act(owner)` after each change, as long as the owner lives; returns what ends that.

    Args:
        announcer: whose changes.
        owner: what is kept up to date; it is not kept alive by this.
        act: what to do; it must not hold the owner itself.
    """
    reference = weakref.ref(owner)

    def hear() -> None:
        living = reference()
        if living is not None:
            act(living)

    stop = announcer.on_change(hear)
    weakref.finalize(owner, stop).atexit = False
    return stop


def _parts_of(widget: widgets.Widget) -> Iterator[widgets.Widget]:
    for name in widget.keys:
        value = getattr(widget, name)
        for part in value if isinstance(value, list | tuple) else [value]:
            if isinstance(part, widgets.Widget):
                yield part


def note_display(widget: Owner) -> list[object]:
    """Notes that a widget is displayed, and returns the widgets that are on the screen no longer.

    Those are the ones displayed by earlier runs of the cell that is running, and by no other cell. Jupyter drops the output
    of a cell that runs again, but ipywidgets keeps its widgets.
    """
    cell, run = _running_cell()
    replaced = []
    for other, places in list(_displays.items()):
        if cell in places and places[cell] != run:
            del places[cell]
            if not places and other is not widget:
                replaced.append(other)
    _displays.setdefault(widget, {})[cell] = run
    return replaced


def _running_cell() -> tuple[str, str]:
    """Returns the id of the cell that is running and that of its run; both empty if the notebook does not tell."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    parent: dict[str, dict[str, object]] = getattr(shell, "get_parent", dict)()
    cell = parent.get("metadata", {}).get("cellId")
    return (str(cell), str(parent["header"]["msg_id"])) if cell else ("", "")


def _release_script(widget: AnyWidget) -> None:
    """Lets go of a closed widget whose JavaScript is a file, as that of plotly's figures is.

    anywidget 0.11 keeps each such widget in a signal that is emitted only where scripts are reloaded while they are
    edited; what belongs to other widgets in it is not needed either.
    """
    if os.environ.get("ANYWIDGET_HMR") == "1":
        return
    for name in ("_esm", "_css"):
        for owner in type(widget).__mro__:
            changed = getattr(owner.__dict__.get(name), "changed", None)
            if changed is not None:
                changed.disconnect()
