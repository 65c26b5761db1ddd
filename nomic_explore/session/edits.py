"""What people did to an exploration, one edit after the other, and the state that follows from it.

The state is the fold of all edits that are not undone, in the order of their times, so every reader of a log finds the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nomic_explore.topics.tracking import TopicRename, TopicSignature

# Okabe and Ito 2008, "Color Universal Design"; gray stands for their black, which a dark map would hide.
PALETTE = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#999999")
STORED_VERDICTS = {"keep": "keep", "drop": "drop", "distinct": "apart"}  # as the log stores them, by their public names
VERDICTS = {stored: verdict for verdict, stored in STORED_VERDICTS.items()}


@dataclass(frozen=True, eq=False)
class Edit:
    """One row of the log.

    Attributes:
        edit: its name, 32 hexadecimal digits.
        session: the name of the `Session` object that made it.
        time: when, ISO 8601 in UTC with milliseconds.
        kind: what was done, such as "tag".
        ids: the documents concerned, some of which may no longer be in the corpus.
        places: (m,) int64: their rows, in the same order; -1 for those no longer in the corpus.
        details: what else there is to know, by kind.
    """

    edit: str
    session: str
    time: str
    kind: str
    ids: list[str]
    places: np.ndarray
    details: dict[str, Any]

    @property
    def rows(self) -> np.ndarray:
        """The rows (k,) int64 of the documents that are still in the corpus, in the same order."""
        return self.places[self.places >= 0]


@dataclass
class Tag:
    """A tag: its color "#rrggbb", and as a mask (n,) the rows that have it."""

    color: str
    mask: np.ndarray


@dataclass
class Edits:
    """What the edits of a log amount to, for a corpus of `n_rows`.

    Attributes:
        n_rows: rows of the corpus.
        tags: by name, in order of creation.
        pinned: rows, in order of pinning.
        views: by name, in order of creation.
        renames: the topic names given, by the name of the edit that gave them, in order.
        topic_edits: the changes of topics and the locks that hold, by the name of the edit, in order.
        verdicts: what people decided about duplicates, by the name of the edit, in order.
        duplicate_settings: how duplicates are decided on, where people changed it.
    """

    n_rows: int
    tags: dict[str, Tag] = field(default_factory=dict)
    pinned: dict[int, None] = field(default_factory=dict)
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    renames: dict[str, TopicRename] = field(default_factory=dict)
    topic_edits: dict[str, Edit] = field(default_factory=dict)
    verdicts: dict[str, Edit] = field(default_factory=dict)
    duplicate_settings: dict[str, Any] = field(default_factory=dict)

    def apply(self, edit: Edit) -> None:
        """Does what an edit says; what it names and is not there is passed over, as are kinds of a later version."""
        details = edit.details
        match edit.kind:
            case "tag" | "create_tag":
                tag = self._tag(details["name"])
                tag.mask[edit.rows] = True
                tag.color = details.get("color") or tag.color
            case "untag" if details["name"] in self.tags:
                self.tags[details["name"]].mask[edit.rows] = False
            case "rename_tag" if details["name"] in self.tags:
                self._rename_tag(details["name"], details["new"])
            case "color_tag" if details["name"] in self.tags:
                self.tags[details["name"]].color = details["color"]
            case "delete_tag":
                self.tags.pop(details["name"], None)
            case "pin":
                self.pinned |= dict.fromkeys(edit.rows.tolist())
            case "unpin":
                for row in edit.rows.tolist():
                    self.pinned.pop(row, None)
            case "save_view":
                self.views[details["name"]] = details["view"]
            case "delete_view":
                self.views.pop(details["name"], None)
            case "rename_topic":
                self._forget_names(details["replaces"])
                self.renames[edit.edit] = _read_rename(edit)
            case "merge_topics" | "split_topic" | "move_rows" | "lock_topic":
                self._forget_names(details["replaces"])
                self.topic_edits[edit.edit] = edit
            case "judge_duplicate" | "judge_duplicates":
                self.verdicts[edit.edit] = edit
            case "decide_duplicates":
                self.duplicate_settings |= details
            case "unlock_topic":
                for lock in details["locks"]:
                    self.topic_edits.pop(lock, None)

    def _forget_names(self, renames: Sequence[str]) -> None:
        for replaced in renames:
            self.renames.pop(replaced, None)

    def _tag(self, name: str) -> Tag:
        """Returns a tag, made now if need be, in the first color that the fewest tags have."""
        if name not in self.tags:
            used = [tag.color for tag in self.tags.values()]
            self.tags[name] = Tag(min(PALETTE, key=used.count), np.zeros(self.n_rows, dtype=bool))
        return self.tags[name]

    def _rename_tag(self, old: str, new: str) -> None:
        if new in self.tags:
            self.tags[new].mask |= self.tags.pop(old).mask
        else:
            self.tags = {new if name == old else name: tag for name, tag in self.tags.items()}


def _read_rename(edit: Edit) -> TopicRename:
    details = edit.details
    return TopicRename(TopicSignature(edit.rows, details["layer"], details["size"], details["n_rows"]), details["name"])


def fold(edits: Iterable[Edit], n_rows: int) -> Edits:
    """Returns the state that follows from edits in the order of their times."""
    state = Edits(n_rows)
    for edit in standing_edits(list(edits)):
        state.apply(edit)
    return state


def standing_edits(edits: Sequence[Edit]) -> list[Edit]:
    """Returns the edits that are neither undone nor an undo or redo themselves, in the same order."""
    undone: set[str] = set()
    for edit in edits:
        if edit.kind == "undo":
            undone.add(edit.details["edit"])
        elif edit.kind == "redo":
            undone.discard(edit.details["edit"])
    return [edit for edit in edits if edit.edit not in undone and edit.kind not in ("undo", "redo")]


def describe(edit: Edit) -> str:
    """Returns in one line what an edit did.

    Example:
        >>> describe(Edit("", "", "", "tag", ["a", "b"], np.arange(2), {"name": "spam"}))
        "tagged 2 documents 'spam'"
    """
    details, count = edit.details, len(edit.ids)
    name, documents = details.get("name"), f"{count:,} document{'' if count == 1 else 's'}"
    match edit.kind:
        case "tag":
            return f"tagged {documents} {name!r}"
        case "untag":
            return f"took tag {name!r} from {documents}"
        case "rename_tag":
            return (
                f"merged tag {name!r} into {details['new']!r}"
                if details["merges"]
                else (f"renamed tag {name!r} to {details['new']!r}")
            )
        case "color_tag":
            return f"gave tag {name!r} the color {details['color']}"
        case "rename_topic":
            return f"renamed topic {details['old']!r} to {name!r}" if name else f"took the name {details['old']!r} back"
        case "merge_topics" | "split_topic" | "move_rows" | "lock_topic" | "unlock_topic":
            return _describe_topic_edit(edit.kind, details)
        case "pin" | "unpin":
            return f"{edit.kind}ned {documents}"
        case "judge_duplicate":
            return {
                "keep": "kept a document",
                "drop": "dropped a duplicate",
                "apart": "marked two documents as distinct",
            }[details["verdict"]]
        case "judge_duplicates":
            n_pairs = f"{count // 2:,}"
            return {
                "keep": f"kept {n_pairs} documents",
                "drop": f"dropped {n_pairs} duplicates",
                "apart": f"marked {n_pairs} pairs of documents as distinct",
            }[details["verdict"]]
        case "decide_duplicates":
            return "decided on duplicates by " + ", ".join(f"{name} {value}" for name, value in details.items())
    done = {"create": "created", "delete": "deleted", "save": "saved"}
    verb, _, thing = edit.kind.partition("_")
    return f"{done.get(verb, verb)} {thing} {name!r}"


def _describe_topic_edit(kind: str, details: dict[str, Any]) -> str:
    count, shown = details.get("documents", 0), repr(details["shown"])
    documents = f"{count:,} document{'' if count == 1 else 's'}"
    match kind:
        case "merge_topics":
            return f"merged {len(details['topics'])} topics into {shown}"
        case "split_topic":
            return f"split {documents} from topic {shown}" if count else f"split topic {shown} into {details['into']}"
        case "move_rows":
            return f"moved {documents} to topic {shown}"
    return f"{'un' if kind == 'unlock_topic' else ''}locked topic {shown}"
