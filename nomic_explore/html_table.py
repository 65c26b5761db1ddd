"""A small HTML table of counts: how results show themselves in a notebook."""

from collections.abc import Mapping, Sequence
from html import escape


def draw_counts(caption: str, rows: Mapping[str, Sequence[object]], columns: Sequence[str] = ()) -> str:
    """Returns an HTML table with a caption and a row of values for each name; everything in it is escaped.

    Args:
        caption: one line above the table.
        rows: values by name; whole numbers are written with commas.
        columns: names of the columns; none writes no head.

    Example:
        >>> draw_counts("a < b", {"rows": (1200,)})
        '<table><caption>a &lt; b</caption><tbody><tr><th>rows</th><td>1,200</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *columns)) if columns else ""
    lines = "".join(
        f"<tr><th>{escape(name)}</th>{''.join(f'<td>{escape(_format(value))}</td>' for value in values)}</tr>"
        for name, values in rows.items()
    )
    thead = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f"<table><caption>{escape(caption)}</caption>{thead}<tbody>{lines}</tbody></table>"


def _format(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
