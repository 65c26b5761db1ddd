"""Changes of topics, checked and written to the log: which topic is meant, what is locked, what the edit contains."""

from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.session.edits import Edit
from nomic_explore.session.topic_edits import apply_edit, find_locks, is_kept
from nomic_explore.topics.tracking import TopicRename, place_renames, sample_members

if TYPE_CHECKING:
    from nomic_explore.session.state import State

NO_ROWS = np.zeros(0, dtype=np.int64)


def place_topic(state: "State", layer: int, topic: int | str) -> tuple[int, int]:
    """Returns the layer from 0 and the number of a topic.

    Raises:
        IndexError: there is no such layer or number, or it is neither.
        KeyError: there is no topic of that name.
    """
    for what, value, kinds in (("layer", layer, int | np.integer), ("topic", topic, int | np.integer | str)):
        if isinstance(value, bool | np.bool_) or not isinstance(value, kinds):
            expected = "its number" if what == "layer" else "its number or its name"
            raise IndexError(f"{what}={value!r}; expected {expected}. topics.to_pandas() lists all topics.")
    at, number = state.topics.find(topic, layer)
    return int(at), int(number)


def given_name(state: "State", layer: int, number: int) -> str | None:
    """Returns the name that a person gave to a topic, or None."""
    shown = state.topics.names[layer][number]
    return None if shown == state.edited_topics.names[layer][number] else shown


def current_locks(state: "State") -> dict[tuple[int, int], list[str]]:
    """Returns the locks on each locked topic, by layer and number."""
    return find_locks(state.edited_topics, state.edits.topic_edits.values(), state.distinct.inverse)


def refuse_locked(state: "State", layer: int, number: int) -> None:
    """Raises ValueError if a topic is locked."""
    if (layer, number) in current_locks(state):
        name = state.topics.names[layer][number]
        raise ValueError(f"Topic {name!r} of layer {layer} is locked; topics.unlock({layer}, {number}) first.")


def write_change(
    state: "State",
    kind: str,
    places: list[tuple[int, int]],
    rows: np.ndarray = NO_ROWS,
    *,
    renames: dict[str, TopicRename] | None = None,
    **about: str | int | None,
) -> None:
    """Writes a change of the topics at some places, unless it would change a locked one.

    Args:
        state: of the exploration.
        kind: of the edit.
        places: layer and number of each topic concerned.
        rows: the documents concerned.
        renames: those that the change replaces where they are at these places; None is all that hold.
        about: further details of the edit.

    Raises:
        ValueError: a locked topic would change.
    """
    topics, samples = state.edited_topics, [rows]
    signatures: list[dict[str, Any]] = []
    for layer, number in places:
        members = np.flatnonzero(topics.layers[layer] == number)
        samples.append(sample_members(members, state.ids))
        signatures.append({"layer": layer, "size": len(members), "n_rows": len(state), "sample": len(samples[-1])})
    placed = place_renames(topics, state.edits.renames if renames is None else renames)
    replaces = [edit for edit, place in placed.items() if place in places]
    details = {"documents": len(rows), "topics": signatures, "replaces": replaces, **about}
    concerned = np.concatenate(samples).astype(np.int64)
    locks = current_locks(state)
    if locks:
        changed = apply_edit(topics, Edit("", "", "", kind, [], concerned, details), state.contents)
        for layer, number in locks:
            if not is_kept(topics.layers[layer] == number, changed.layers[layer]):
                refuse_locked(state, layer, number)
    state.edit(kind, concerned, **details)


def check_part(rows: np.ndarray, members: np.ndarray, topic: str) -> None:
    """Raises ValueError unless rows are a part of the members (n,) of a topic, and not all of them."""
    if not len(rows):
        raise ValueError(f"rows are empty; expected some documents of {topic}.")
    outside = rows[~members[rows]]
    if len(outside):
        raise ValueError(
            f"{len(outside):,} of {len(rows):,} rows, row {int(outside[0])} first, lie outside {topic}; "
            "expected documents of it. Leave them out, or topics.move() them into it first."
        )
    if len(rows) == np.count_nonzero(members):
        raise ValueError(f"the rows are all {len(rows):,} documents of {topic}; expected a part of them.")
