"""The last picture of a map, kept in the notebook beside it: what is seen when the notebook is reopened without a kernel."""

import base64
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ipywidgets

    from nomic_explore.view.widget.atlas_map import AtlasMap

_DRAWN_HERE = 50_000  # up to as many points the first picture is drawn by the kernel, in a fraction of a second
# The picture steps back while the map lives beside it; without a kernel the widget's error steps back instead.
_STYLE = """<style>
.jp-OutputArea:has(.nx-root) .nx-last-picture { display: none; }
.jp-OutputArea:has(.nx-last-picture):not(:has(.nx-root)) .jp-OutputArea-output.jupyter-widgets:not(:has(*)) { display: none; }
</style>"""


def display_with_picture(widget: "ipywidgets.DOMWidget", atlas: "AtlasMap") -> None:
    """Displays a widget and, in an output of its own, the picture of its map, which follows what the map shows."""
    from IPython.display import HTML, display

    atlas.picture = atlas.picture or _first_picture(atlas)
    bundle = widget._repr_mimebundle_()
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})  # anywidget and ipywidgets differ in this
    display(data, metadata=metadata, raw=True)
    handle: Any = display(HTML(_picture_html(atlas, atlas.picture)), display_id=True)
    atlas.keeps_picture = True
    if handle is not None:
        atlas.observe(lambda change: handle.update(HTML(_picture_html(atlas, change["new"]))), names="picture")


def _picture_html(atlas: "AtlasMap", picture: str) -> str:
    if not picture.startswith("data:image/"):
        return f'{_STYLE}<div class="nx-last-picture"></div>'
    told = f"{atlas.title or 'Map'}: {len(atlas.data.rows):,} documents. Run the cell to explore them."
    image = f'<img src="{escape(picture)}" alt="{escape(told)}" style="max-width: 100%; border-radius: 8px">'
    return f'{_STYLE}<div class="nx-last-picture" data-testid="atlas-last-picture">{image}<p>{escape(told)}</p></div>'


def _first_picture(atlas: "AtlasMap") -> str:
    if atlas.answers is None or len(atlas.data.rows) > _DRAWN_HERE:
        return ""
    from io import BytesIO

    from nomic_explore.view.export.picture import draw_map

    written = BytesIO()
    theme = atlas.theme if atlas.theme in ("light", "dark") else "light"
    draw_map(atlas.answers.exploration, 900, 600, theme).save(written, format="WEBP", quality=80)
    return f"data:image/webp;base64,{base64.b64encode(written.getvalue()).decode('ascii')}"
