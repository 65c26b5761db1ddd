"""HTML templates of what is exported: filled by Jinja2, which escapes every value that is not marked as markup."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

# What a page may load: nothing from outside itself.
CONTENT_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"


def render(template: str, **values: object) -> str:
    """Returns a template beside this file, filled; strings are escaped, `markupsafe.Markup` is not.

    Args:
        template: the name of its file.
        **values: all that it names.

    Raises:
        UndefinedError: it names something that is not given.

    Example:
        >>> "&lt;b&gt;" in render("static_preview.html.j2", picture="data:,", caption="<b>")
        True
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("nomic_explore.view", "export")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
