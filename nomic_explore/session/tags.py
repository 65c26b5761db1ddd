"""Tags, topic names, pinned documents and saved views: what people add to an exploration, and how they take it back."""

import json
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_color, check_known, check_name, check_rows, check_view
from nomic_explore.session.edit_log import EditLog
from nomic_explore.topics.tracking import check_unused, place_renames, sample_members

if TYPE_CHECKING:
    import pandas as pd


class Annotations:
    """The part of an `Exploration` that lasts and is made by people.

    Rows are row numbers, a mask with one value per row, or rows of `frame()`. Everything is kept by the documents' ids,
    in a log that two notebooks can write at once (`nomic_explore/edits.py`), and is on disk when a call returns.
    """

    @cached_property
    def _edit_log(self: Any) -> EditLog:
        return EditLog(self._store, self._documents[1])

    @cached_property
    def _listeners(self) -> list[Callable[[], object]]:
        return []

    def tag(self: Any, rows: Any, name: str, *, color: str | None = None) -> None:
        """Gives documents a tag, which is made if need be.

        Args:
            rows: the documents.
            name: 1 to 80 characters.
            color: "#rrggbb"; None leaves it as it is, or takes the next of a palette that the colour-blind can tell
                apart.

        Raises:
            ValueError: the name or the colour cannot be used.
            IndexError: there is no such row.
        """
        rows, name, color = self._rows_of(rows), check_name(name, "tag"), _color_or_none(color)
        tag = self._edit_log.state.tags.get(name)
        if tag is None or not tag.mask[rows].all() or color not in (None, tag.color):
            self._edit("tag", rows, name=name, color=color)

    def untag(self: Any, rows: Any, name: str) -> None:
        """Takes a tag from documents.

        Raises:
            ValueError: there is no such tag.
            IndexError: there is no such row.
        """
        rows, name = self._rows_of(rows), self._known_tag(name)
        if self._edit_log.state.tags[name].mask[rows].any():
            self._edit("untag", rows, name=name)

    def create_tag(self: Any, name: str, color: str | None = None) -> None:
        """Makes a tag that no document has yet; one that is there already only takes the colour, if any.

        Raises:
            ValueError: the name or the colour cannot be used.
        """
        name, color = check_name(name, "tag"), _color_or_none(color)
        tag = self._edit_log.state.tags.get(name)
        if tag is None or color not in (None, tag.color):
            self._edit("create_tag", name=name, color=color)

    def rename_tag(self: Any, old: str, new: str) -> None:
        """Renames a tag; if there is one of the new name, the two become one, in its colour.

        Raises:
            ValueError: there is no tag `old`, or the new name cannot be used.
        """
        old, new = self._known_tag(old), check_name(new, "tag")
        if old != new:
            self._edit("rename_tag", name=old, new=new, merges=new in self._edit_log.state.tags)

    def color_tag(self: Any, name: str, color: str) -> None:
        """Gives a tag another colour, "#rrggbb".

        Raises:
            ValueError: there is no such tag, or it is no such colour.
        """
        name, color = self._known_tag(name), check_color(color)
        if color != self._edit_log.state.tags[name].color:
            self._edit("color_tag", name=name, color=color)

    def delete_tag(self: Any, name: str) -> None:
        """Takes a tag from all documents and forgets it.

        Raises:
            ValueError: there is no such tag.
        """
        self._edit("delete_tag", name=self._known_tag(name))

    @property
    def tags(self: Any) -> "pd.DataFrame":
        """One row per tag, in order of creation: tag, color, documents (how many have it)."""
        import pandas as pd

        listed = [(name, tag.color, int(tag.mask.sum())) for name, tag in self._edit_log.state.tags.items()]
        return pd.DataFrame(listed, columns=["tag", "color", "documents"])

    def tagged(self: Any, name: str) -> np.ndarray:
        """Returns the rows that have a tag, (m,) int64, ascending.

        Raises:
            ValueError: there is no such tag.
        """
        return np.flatnonzero(self._edit_log.state.tags[self._known_tag(name)].mask)

    def rename_topic(self: Any, layer: int, topic: int, name: str) -> None:
        """Gives a topic another name, in all that shows topics; it stays with its documents when topics are made anew.

        Args:
            layer: 0 is the coarsest.
            topic: its number in that layer.
            name: up to 80 characters, of no other topic of the layer; an empty one brings the computed name back.

        Raises:
            IndexError: there is no such topic.
            ValueError: the name cannot be used, or the topic is locked.
        """
        topics, edited = self.topics, self._edited_topics
        for number, what, count in ((layer, "layer", len(topics.names)), (topic, "topic", None)):
            limit = len(topics.names[layer]) if count is None else count
            if isinstance(number, bool) or not isinstance(number, int | np.integer) or not 0 <= number < limit:
                raise IndexError(f"{what}={number!r}; expected 0 to {limit - 1}. topics.to_pandas() lists all topics.")
        name = check_name(name, "topic", can_be_empty=True)
        old = topics.names[layer][topic]
        if name and name != old:
            check_unused(name, layer, topics.names[layer])
        places = place_renames(edited, self._edit_log.state.renames)
        replaced = [edit for edit, place in places.items() if place == (layer, topic)]
        if name == old or not (name or replaced):
            return
        self._refuse_locked(layer, topic)
        members = np.flatnonzero(edited.layers[layer] == topic)
        about = {"layer": int(layer), "size": len(members), "n_rows": len(self), "replaces": replaced}
        self._edit("rename_topic", sample_members(members, self._documents[1]), name=name, old=old, **about)

    def pin(self: Any, rows: Any) -> None:
        """Pins documents, to have them at hand.

        Raises:
            IndexError: there is no such row.
        """
        rows = self._rows_of(rows)
        if not self._edit_log.state.pinned.keys() >= set(rows.tolist()):
            self._edit("pin", rows)

    def unpin(self: Any, rows: Any) -> None:
        """Takes documents from the pinned ones.

        Raises:
            IndexError: there is no such row.
        """
        rows = self._rows_of(rows)
        if not self._edit_log.state.pinned.keys().isdisjoint(rows.tolist()):
            self._edit("unpin", rows)

    @property
    def pinned(self: Any) -> np.ndarray:
        """The pinned rows, (m,) int64, in order of pinning."""
        return np.array(list(self._edit_log.state.pinned), dtype=np.int64)

    def save_view(self: Any, name: str, view: dict[str, Any]) -> None:
        """Saves a view of the map under a name, in place of one that has the name already.

        Args:
            name: 1 to 80 characters.
            view: anything that JSON can hold, in a dict.

        Raises:
            ValueError: the name or the view cannot be used.
        """
        name, view = check_name(name, "view"), check_view(view)
        if self._edit_log.state.views.get(name) != view:
            self._edit("save_view", name=name, view=view)

    def delete_view(self: Any, name: str) -> None:
        """Forgets a saved view.

        Raises:
            ValueError: there is no such view.
        """
        self._edit("delete_view", name=check_known(name, "view", self._edit_log.state.views))

    @property
    def views(self: Any) -> dict[str, dict[str, Any]]:
        """The saved views by name, in order of creation."""
        return json.loads(json.dumps(self._edit_log.state.views))

    def undo(self: Any) -> str | None:
        """Undoes the last edit made through this object, never one of another notebook.

        Returns:
            What was undone, such as "tagged 12 documents 'spam'"; None if there was nothing.
        """
        undone = self._edit_log.undo()
        if undone is not None:
            self._tell()
        return undone

    def redo(self: Any) -> str | None:
        """Does again what was undone last; a new edit leaves nothing to redo.

        Returns:
            What was done again; None if there was nothing.
        """
        redone = self._edit_log.redo()
        if redone is not None:
            self._tell()
        return redone

    def refresh(self: Any) -> bool:
        """Reads what other notebooks have added meanwhile; returns whether there was anything."""
        has_changed = self._edit_log.refresh()
        if has_changed:
            self._tell()
        return has_changed

    def on_change(self: Any, function: Callable[[], object]) -> Callable[[], None]:
        """Calls a function, without arguments, after whatever changes tags, topics, pins or views.

        Returns:
            What to call to be told no more.
        """
        self._listeners.append(function)

        def remove() -> None:
            if function in self._listeners:
                self._listeners.remove(function)

        return remove

    def _rows_of(self: Any, rows: Any) -> np.ndarray:
        """Returns row numbers (m,) int64, each once; see `check_rows`."""
        return check_rows(rows, len(self))

    def _edit(self: Any, kind: str, *rows: np.ndarray, **details: Any) -> None:
        self._edit_log.add(kind, *rows, **details)
        self._tell()

    def _tell(self: Any) -> None:
        for name in ("topics", "_edited_topics"):
            self.__dict__.pop(name, None)
        for function in list(self._listeners):
            function()

    def _known_tag(self: Any, name: str) -> str:
        return check_known(name, "tag", self._edit_log.state.tags)

    def _annotation_columns(self: Any) -> dict[str, Any]:
        """Returns the columns `tags` (lists of strings) and `pinned` of `frame()` as Arrow columns."""
        import pyarrow as pa

        state = self._edit_log.state
        names = np.array(list(state.tags), dtype=object)
        has_tag = (
            np.stack([tag.mask for tag in state.tags.values()], axis=1) if len(names) else np.zeros((len(self), 0))
        )
        offsets = np.concatenate([[0], np.count_nonzero(has_tag, axis=1).cumsum()]).astype(np.int32)
        listed = pa.array(names[np.nonzero(has_tag)[1]], pa.string())
        is_pinned = np.zeros(len(self), dtype=bool)
        is_pinned[self.pinned] = True
        return {"tags": pa.ListArray.from_arrays(pa.array(offsets), listed), "pinned": pa.array(is_pinned)}


def _color_or_none(color: str | None) -> str | None:
    return None if color is None else check_color(color)
