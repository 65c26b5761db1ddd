"""`exploration.tags`, `.pins` and `.views`: what people add to documents and to the map.

Everything is kept by the documents' ids in the edit log, is on disk when a call returns, and can be undone.
"""

import json
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import Rows, check_color, check_known, check_name, check_view
from nomic_explore.html_table import html_table

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.session.state import State


class Tags:
    """The tags of documents, by name in the order in which they were created.

    Rows are row numbers, a mask with one value per row, rows of `to_pandas()`, or hits of a search.
    """

    def __init__(self, state: "State") -> None:
        self._state = state

    def __len__(self) -> int:
        return len(self._state.edits.tags)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._state.edits.tags))

    def __contains__(self, name: object) -> bool:
        return name in self._state.edits.tags

    def __getitem__(self, name: str) -> np.ndarray:
        try:
            return self.rows(name)
        except ValueError as error:
            raise KeyError(str(error)) from None

    def __repr__(self) -> str:
        shown = ", ".join(f"{name!r:.40}: {len(self[name]):,}" for name in list(self)[:8])
        return f"<{len(self):,} tags{': ' if len(self) else ''}{shown}{', …' if len(self) > 8 else ''}>"

    def _repr_html_(self) -> str:
        listed = self.to_pandas()
        return html_table(f"{len(self):,} tags", listed.itertuples(index=False), list(listed.columns))

    def add(self, rows: Rows, name: str, color: str | None = None) -> None:
        """Gives documents a tag, which is created if need be.

        Args:
            rows: the documents.
            name: 1 to 80 characters.
            color: "#rrggbb"; None leaves it as it is, or takes the next of a palette that colorblind people can tell
                apart.

        Raises:
            ValueError: the name or the color cannot be used.
            IndexError: there is no such row.

        Example:
            >>> exploration.tags.add([3, 4], "spam")
            >>> exploration.tags["spam"].tolist()
            [3, 4]
        """
        rows, name, color = self._state.rows_of(rows), check_name(name, "tag"), _color_or_none(color)
        tag = self._state.edits.tags.get(name)
        if tag is None or not tag.mask[rows].all() or color not in (None, tag.color):
            self._state.edit("tag", rows, name=name, color=color)

    def remove(self, rows: Rows, name: str) -> None:
        """Takes a tag from documents.

        Raises:
            ValueError: there is no such tag.
            IndexError: there is no such row.

        Example:
            >>> exploration.tags.add([3, 4], "spam")
            >>> exploration.tags.remove([4], "spam")
            >>> exploration.tags["spam"].tolist()
            [3]
        """
        rows, name = self._state.rows_of(rows), self._known(name)
        if self._state.edits.tags[name].mask[rows].any():
            self._state.edit("untag", rows, name=name)

    def create(self, name: str, color: str | None = None) -> None:
        """Creates a tag that no document has yet; one that exists already only takes the color, if any.

        Raises:
            ValueError: the name or the color cannot be used.

        Example:
            >>> exploration.tags.create("to read", "#0072b2")
            >>> "to read" in exploration.tags
            True
        """
        name, color = check_name(name, "tag"), _color_or_none(color)
        tag = self._state.edits.tags.get(name)
        if tag is None or color not in (None, tag.color):
            self._state.edit("create_tag", name=name, color=color)

    def rename(self, old: str, new: str) -> None:
        """Renames a tag; if there is one of the new name, the two become one, in its color.

        Raises:
            ValueError: there is no tag `old`, or the new name cannot be used.

        Example:
            >>> exploration.tags.create("later")
            >>> exploration.tags.rename("later", "next week")
            >>> list(exploration.tags)
            ['next week']
        """
        old, new = self._known(old), check_name(new, "tag")
        if old != new:
            self._state.edit("rename_tag", name=old, new=new, merges=new in self)

    def recolor(self, name: str, color: str) -> None:
        """Gives a tag another color.

        Args:
            name: of the tag.
            color: "#rrggbb".

        Raises:
            ValueError: there is no such tag, or it is no such color.

        Example:
            >>> exploration.tags.create("spam")
            >>> exploration.tags.recolor("spam", "#d55e00")
            >>> exploration.tags.to_pandas()["color"].tolist()
            ['#d55e00']
        """
        name, color = self._known(name), check_color(color)
        if color != self._state.edits.tags[name].color:
            self._state.edit("color_tag", name=name, color=color)

    def delete(self, name: str) -> None:
        """Takes a tag from all documents and deletes it.

        Raises:
            ValueError: there is no such tag.

        Example:
            >>> exploration.tags.create("spam")
            >>> exploration.tags.delete("spam")
            >>> len(exploration.tags)
            0
        """
        self._state.edit("delete_tag", name=self._known(name))

    def rows(self, name: str) -> np.ndarray:
        """Returns the rows (m,) int64 that have a tag, ascending; `tags[name]` is the same.

        Raises:
            ValueError: there is no such tag; `tags[name]` raises KeyError.

        Example:
            >>> exploration.tags.add([8, 2], "spam")
            >>> exploration.tags.rows("spam").tolist()
            [2, 8]
        """
        return np.flatnonzero(self._state.edits.tags[self._known(name)].mask)

    def to_pandas(self) -> "pd.DataFrame":
        """Returns one row per tag, in order of creation: tag, color, documents (how many have it).

        Example:
            >>> exploration.tags.add([8, 2], "spam", "#d55e00")
            >>> exploration.tags.to_pandas().to_dict("records")
            [{'tag': 'spam', 'color': '#d55e00', 'documents': 2}]
        """
        import pandas as pd

        listed = [(name, tag.color, int(tag.mask.sum())) for name, tag in self._state.edits.tags.items()]
        return pd.DataFrame(listed, columns=["tag", "color", "documents"])

    def _known(self, name: str) -> str:
        return check_known(name, "tag", self._state.edits.tags)


class Pins:
    """Pinned documents: those to have at hand, in order of pinning."""

    def __init__(self, state: "State") -> None:
        self._state = state

    def __len__(self) -> int:
        return len(self._state.edits.pinned)

    def __iter__(self) -> Iterator[int]:
        return iter(self.rows.tolist())

    def __contains__(self, row: object) -> bool:
        return row in self._state.edits.pinned

    def __repr__(self) -> str:
        return f"<{len(self):,} pinned documents>"

    def add(self, rows: Rows) -> None:
        """Pins documents.

        Raises:
            IndexError: there is no such row.

        Example:
            >>> exploration.pins.add([9, 2])
            >>> exploration.pins.rows.tolist()
            [9, 2]
        """
        rows = self._state.rows_of(rows)
        if not self._state.edits.pinned.keys() >= set(rows.tolist()):
            self._state.edit("pin", rows)

    def remove(self, rows: Rows) -> None:
        """Takes documents from the pinned ones.

        Raises:
            IndexError: there is no such row.

        Example:
            >>> exploration.pins.add([9, 2])
            >>> exploration.pins.remove([9])
            >>> list(exploration.pins)
            [2]
        """
        rows = self._state.rows_of(rows)
        if not self._state.edits.pinned.keys().isdisjoint(rows.tolist()):
            self._state.edit("unpin", rows)

    @property
    def rows(self) -> np.ndarray:
        """The pinned rows (m,) int64, in order of pinning."""
        return np.array(list(self._state.edits.pinned), dtype=np.int64)


class Views(MutableMapping[str, dict[str, Any]]):
    """Saved views of the map by name: dicts of anything that JSON can hold.

    Raises ValueError where a name or a view cannot be used, KeyError where there is no view of a name.

    Example:
        >>> exploration.views["start"] = {"zoom": 2}
        >>> exploration.views["start"]
        {'zoom': 2}
        >>> del exploration.views["start"]
        >>> len(exploration.views)
        0
    """

    def __init__(self, state: "State") -> None:
        self._state = state

    def __getitem__(self, name: str) -> dict[str, Any]:
        view: dict[str, Any] = json.loads(json.dumps(self._state.edits.views[self._known(name)]))
        return view

    def __setitem__(self, name: str, view: dict[str, Any]) -> None:
        name, view = check_name(name, "view"), check_view(view)
        if self._state.edits.views.get(name) != view:
            self._state.edit("save_view", name=name, view=view)

    def __delitem__(self, name: str) -> None:
        self._state.edit("delete_view", name=self._known(name))

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._state.edits.views))

    def __len__(self) -> int:
        return len(self._state.edits.views)

    def __repr__(self) -> str:
        names = ", ".join(f"{name!r:.40}" for name in list(self)[:8])
        return f"<{len(self):,} saved views{': ' if len(self) else ''}{names}{', …' if len(self) > 8 else ''}>"

    def _known(self, name: str) -> str:
        try:
            return check_known(name, "view", self._state.edits.views)
        except ValueError as error:
            raise KeyError(str(error)) from None


def _color_or_none(color: str | None) -> str | None:
    return None if color is None else check_color(color)
