"""What a map leaves in a saved notebook: a picture with its legend, seen when it is reopened without a kernel."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nomic_explore.view.data.legend_lines import LegendLine
from nomic_explore.view.export.templates import render

if TYPE_CHECKING:
    from collections.abc import Callable

    import ipywidgets


@dataclass(frozen=True)
class StaticPreview:
    """A picture of a map.

    Attributes:
        caption: a sentence that says what it shows.
        picture: as a data URL; anything else is not shown.
        column: what the points are colored by.
        legend: what the colors mean; empty where the picture says it.
    """

    caption: str
    picture: str
    column: str = ""
    legend: list[LegendLine] = field(default_factory=list)

    def to_html(self, template: str = "static_preview.html.j2") -> str:
        """Returns the picture, its legend and its caption, in a template of `export/`."""
        picture = self.picture if self.picture.startswith("data:image/") else ""
        return render(template, picture=picture, caption=self.caption, column=self.column, legend=self.legend)

    def to_text(self) -> str:
        """Returns what it shows, for a place without pictures."""
        meaning = f" Colors show {self.column}: {', '.join(line.name for line in self.legend)}." if self.legend else ""
        return self.caption + meaning

    def to_bundle(self, template: str = "static_preview.html.j2") -> dict[str, str]:
        """Returns it as HTML and as plain text, as `IPython.display.display` takes them."""
        return {"text/html": self.to_html(template), "text/plain": self.to_text()}


def display_with_preview(widget: "ipywidgets.DOMWidget", preview: StaticPreview) -> "Callable[[StaticPreview], None]":
    """Displays a widget and, in an output of its own, a picture of it; returns what replaces the picture."""
    from IPython.display import display

    bundle = widget._repr_mimebundle_()
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})  # anywidget and ipywidgets differ in this
    display(data, metadata=metadata, raw=True)
    handle = display(preview.to_bundle(), raw=True, display_id=True)

    def replace(preview: StaticPreview) -> None:
        if handle is not None:
            handle.update(preview.to_bundle(), raw=True)

    return replace
