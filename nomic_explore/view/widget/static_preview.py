"""The static preview of a map: a picture beside it, seen when its notebook is reopened without a kernel."""

from typing import TYPE_CHECKING

from nomic_explore.view.export.templates import render

if TYPE_CHECKING:
    from collections.abc import Callable

    import ipywidgets


def display_with_preview(
    widget: "ipywidgets.DOMWidget", title: str, n_documents: int, picture: str
) -> "Callable[[str], None]":
    """Displays a widget and, in an output of its own, a picture of it; returns what replaces the picture.

    Args:
        widget: what is displayed.
        title: of the map.
        n_documents: how many documents it shows.
        picture: as a data URL; anything else leaves the output empty.
    """
    from IPython.display import HTML, display

    bundle = widget._repr_mimebundle_()
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})  # anywidget and ipywidgets differ in this
    display(data, metadata=metadata, raw=True)
    handle = display(HTML(static_preview(title, n_documents, picture)), display_id=True)

    def replace(picture: str) -> None:
        if handle is not None:
            handle.update(HTML(static_preview(title, n_documents, picture)))

    return replace


def static_preview(title: str, n_documents: int, picture: str) -> str:
    """Returns the HTML of a preview; it hides itself while the map lives beside it.

    Args:
        title: of the map; "" is called Map.
        n_documents: how many documents it shows.
        picture: as a data URL; anything else is not shown.
    """
    caption = f"{title or 'Map'}: {n_documents:,} documents. Run the cell to explore them."
    image = picture if picture.startswith("data:image/") else ""
    return render("static_preview.html.j2", picture=image, caption=caption)
