"""The legend of a still picture: what a few colors mean, as text."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

_MAX_LINES = 12


class LegendLine(NamedTuple):
    """A color and what it means; "" for a line without one."""

    color: str
    name: str


def legend_lines(legend: Mapping[str, Any], theme: str) -> list[LegendLine]:
    """Returns the lines below a still picture; none for topics, whose names are written on it.

    Args:
        legend: as of `Channel.legend`.
        theme: "light" or "dark".

    Example:
        >>> from nomic_explore.view.data.channels import category_channel
        >>> kinds = category_channel("kind", np.array([1, 2, 1]), ["pet", "wild"])
        >>> [line.name for line in legend_lines(kinds.legend(np.arange(3)), "light")]
        ['pet (2)', 'wild (1)']
    """
    palette = legend["palettes"][theme]
    if str(legend["column"]).partition(" ")[0] == "topic" or len(palette) < 2:
        return []
    entries: Sequence[Mapping[str, Any]] = legend["entries"]
    if entries:
        lines = [
            LegendLine(palette[one["codes"][0]], f"{one['name']} ({one['size']:,})") for one in entries[:_MAX_LINES]
        ]
        return lines + (
            [LegendLine("", f"and {len(entries) - _MAX_LINES:,} more")] if len(entries) > _MAX_LINES else []
        )
    ends = [legend.get("lowText") or amount(legend["low"], legend["kind"])]
    ends.append(legend.get("highText") or amount(legend["high"], legend["kind"]))
    lines = [LegendLine(palette[1], f"from {ends[0]}"), LegendLine(palette[-1], f"to {ends[1]}")]
    if legend["missing"]:
        lines.append(LegendLine(palette[0], f"no value ({legend['missing']:,})"))
    return lines


def amount(value: float, kind: str) -> str:
    """Returns a number, or of "dates", milliseconds since 1970, the day.

    Example:
        >>> amount(1234.5, "numbers"), amount(0, "dates"), amount(2015.0, "numbers")
        ('1234.5', '1970-01-01', '2015')
    """
    if kind == "dates":
        return str(np.datetime64(round(value), "ms").astype("datetime64[D]"))
    return f"{value:.10g}"
