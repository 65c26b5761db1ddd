"""The HTML table that a result shows in a notebook in the place of its repr."""

from collections.abc import Iterable, Sequence
from html import escape


def html_table(caption: str, rows: Iterable[Sequence[object]], columns: Sequence[str] = ()) -> str:
    """Returns a table as HTML, with a caption and a heading for each row; all that it shows is escaped.

    Args:
        caption: one line above the table.
        rows: the heading of each row, then its values: text stands to the left, whole numbers get commas.
        columns: the headings of the columns, that of the row headings first; none writes no head.

    Example:
        >>> html_table("a < b", [("rows", 1200)])
        '<table><caption>a &lt; b</caption><tbody><tr><th>rows</th><td>1,200</td></tr></tbody></table>'
    """
    head = f"<thead><tr>{''.join(f'<th>{escape(name)}</th>' for name in columns)}</tr></thead>" if columns else ""
    body = "".join(
        f"<tr><th>{escape(_format(heading))}</th>{''.join(map(_cell, values))}</tr>" for heading, *values in rows
    )
    return f"<table><caption>{escape(caption)}</caption>{head}<tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    style = ' style="text-align:left"' if isinstance(value, str) else ""
    return f"<td{style}>{escape(_format(value))}</td>"


def _format(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
