"""HTML of what is exported: templates whose every value is escaped, and the few values that are markup already."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

STATIC = Path(__file__).parent.parent / "static"


def render(template: str, **values: object) -> str:
    """Returns a template beside this file, filled; strings are escaped, `markupsafe.Markup` is not.

    Args:
        template: the name of its file.
        **values: all that it names.

    Raises:
        UndefinedError: it names something that is not given.

    Example:
        >>> "&lt;b&gt;" in render("filtered_view.html.j2", picture="", caption="<b>", legend=[])
        True
    """
    return _environment().get_template(template).render(**values)


def read_script() -> "Markup":
    """Returns the JavaScript of the map, fit to stand in a script element."""
    from markupsafe import Markup

    return Markup((STATIC / "atlas_map.js").read_text(encoding="utf-8").replace("</script", "<\\/script"))


def read_style() -> "Markup":
    """Returns the CSS of the map."""
    from markupsafe import Markup

    return Markup((STATIC / "atlas_map.css").read_text(encoding="utf-8"))


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("nomic_explore.view", "export")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
