"""Writes each result of an exploration to its table and reads it back.

Rows of these tables are distinct texts, keyed by content, so the order in which documents came cannot matter and duplicates
share one vector, one position and one topic. `documents` alone has a row for each input row.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.store.packed_columns import PACKED, needs_packing, to_stored, unpack_column
from nomic_explore.store.stage_tables import StageTables, StageWriter

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import DTypeLike

    from nomic_explore.corpus import Corpus
    from nomic_explore.corpus.frame_origin import FrameOrigin
    from nomic_explore.duplicates import Duplicates, Evidence
    from nomic_explore.graph import NeighborGraph

KEY, ID = "__key", "__id"
LABELS = "__index_"  # and the number of a level of a pandas index
DUPLICATES_FORMAT = 2  # duplicates written by an earlier version are computed again
_OVERLAP = "overlap_"  # and the number of a column that the texts are made of


def content_key(text: str) -> str:
    """Returns the content key of a text: 32 hexadecimal digits, equal for equal texts.

    Example:
        >>> len(content_key("a cat"))
        32
    """
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


# --- documents -------------------------------------------------------------------------------------------------------


def write_documents(
    writer: StageWriter, corpus: "Corpus", keys: Sequence[str | None], labels: "Sequence[pa.Array]" = ()
) -> list[dict[str, str]]:
    """Writes the input table and the levels of its index, and returns the names of its columns on disk.

    Lance refuses some column names ("a.b", an empty one), which are renamed; columns of some types are packed.
    """
    import pyarrow as pa

    from nomic_explore.cells.writing import carry_notes

    columns, names = [], []
    for name, column in zip(corpus.table.column_names, corpus.table.columns, strict=True):
        stored = re.sub(r"[^\w -]", "_", name) or "_"
        stored = f"c{stored}" if stored.startswith("_") else stored  # Lance reserves names such as "_rowid"
        while stored in names:
            stored += "_"
        names.append(stored)
        columns.append(column)
    table = carry_notes(dict(zip(names, columns, strict=True)), corpus.table.schema)
    table = table.append_column(ID, pa.array(corpus.ids, pa.string()))
    table = table.append_column(KEY, pa.array(keys, pa.string()))
    for name, level in zip(label_columns(labels).column_names, labels, strict=True):
        table = table.append_column(name, level)
    writer.write("documents", to_stored(table))
    return [
        {"name": field.name, "stored": stored, **({"packed": PACKED} if needs_packing(field.type) else {})}
        for field, stored in zip(corpus.table.schema, names, strict=True)
    ]


def label_columns(labels: "Sequence[pa.Array]") -> "pa.Table":
    """Returns the levels of an index as a table, under the names that they have on disk."""
    import pyarrow as pa

    return pa.table(list(labels), names=[f"{LABELS}{level}" for level in range(len(labels))])


def read_documents(
    stage: StageTables,
) -> tuple["pa.Table", list[str], list[str | None], "FrameOrigin | None"]:
    """Returns the input table, the ids, the content keys (None without text) and the kind and index of its frame."""
    import pyarrow as pa

    from nomic_explore.corpus.frame_origin import FrameOrigin

    columns, frame = stage.record["columns"], stage.record.get("frame")
    stored = stage.read("documents")
    table = stored.select([column["stored"] for column in columns])
    for place, column in enumerate(columns):
        if "packed" in column:
            unpacked = unpack_column(table.column(place))
            field = pa.field(column["stored"], unpacked.type, metadata=table.schema.field(place).metadata)
            table = table.set_column(place, field, unpacked)
    labels = [stored[f"{LABELS}{level}"] for level in range(FrameOrigin.n_stored(frame or {}))]
    levels = [unpack_column(level) if pa.types.is_large_binary(level.type) else level for level in labels]
    return (
        table.rename_columns([column["name"] for column in columns]),
        stored[ID].to_pylist(),
        stored[KEY].to_pylist(),
        None if frame is None else FrameOrigin.from_stored(frame, levels),
    )


def write_texts(writer: StageWriter, keys: Sequence[str], texts: Sequence[str]) -> None:
    """Writes the distinct texts, in the order of their keys, and their word index."""
    import pyarrow as pa

    table = pa.table({"key": pa.array(keys, pa.string()), "text": pa.array(texts, pa.string())})
    writer.write("texts", table, words_of="text")


def read_texts(stage: StageTables) -> dict[str, str]:
    """Returns content key -> text, in the order of the keys, which is the order of the stage tables."""
    table = stage.read("texts")
    return dict(zip(table["key"].to_pylist(), table["text"].to_pylist(), strict=True))


def read_keys(stage: StageTables) -> set[str]:
    """Returns the content keys of the distinct texts, without the texts."""
    return set(stage.read("texts", ["key"])["key"].to_pylist())


# --- graph, positions, duplicates ----------------------------------------------------------------------------------------


def write_graph(writer: StageWriter, graph: "NeighborGraph") -> None:
    """Writes the neighbor graph of the distinct texts, in key order."""
    import pyarrow as pa

    writer.write(
        "graph",
        pa.table({"neighbors": _list_column(graph.neighbors), "similarities": _list_column(graph.similarities)}),
    )


def read_graph(stage: StageTables) -> "NeighborGraph":
    """Returns the neighbor graph of the distinct texts."""
    from nomic_explore.graph import NeighborGraph

    table = stage.read("graph")
    return NeighborGraph(
        neighbors=_list_matrix(table["neighbors"], np.int32),
        similarities=_list_matrix(table["similarities"], np.float32),
        recall=stage.record["recall"],
        is_exact=stage.record["is_exact"],
    )


def write_positions(writer: StageWriter, positions: np.ndarray, ids: Sequence[str] | None = None) -> None:
    """Writes the map positions of the distinct texts, in key order, or of all rows with their ids."""
    import pyarrow as pa

    columns: dict[str, Any] = {"x": positions[:, 0], "y": positions[:, 1]}
    writer.write("positions", pa.table(columns if ids is None else {**columns, ID: pa.array(ids, pa.string())}))


def read_positions(stage: StageTables) -> np.ndarray:
    """Returns the map positions of the distinct texts, or of the rows if they were given, (n, 2) float32."""
    table = stage.read("positions")
    return np.stack([table["x"].to_numpy(), table["y"].to_numpy()], axis=1).astype(np.float32)


def read_given_positions(stage: StageTables) -> dict[str, np.ndarray]:
    """Returns the position (2,) float32 of each row that positions were given for, by the id of the row."""
    return dict(zip(stage.read("positions")[ID].to_pylist(), read_positions(stage), strict=True))


# Field names and the names of their columns on disk, where these differ.
_STORED_DOCUMENTS = {"normalized": "normalised"}
_STORED_PAIRS = {
    "containment_first": "held_first",
    "containment_second": "held_second",
    "unmatched_first": "own_first",
    "unmatched_second": "own_second",
}

_LATER_FLAGS = ("signs_differ", "order_differs", "few_words_differ")  # columns that older folders lack


def write_duplicates(writer: StageWriter, duplicates: "Duplicates") -> None:
    """Writes the evidence for duplicates to three tables: rows with text, distinct documents, and pairs."""
    import pyarrow as pa

    evidence = duplicates.evidence
    by_document = {
        _STORED_DOCUMENTS.get(name, name): getattr(evidence, name)
        for name in ("normalized", "lengths", "roughness", "centrality")
    }
    by_pair = {
        _STORED_PAIRS.get(each.name, each.name): getattr(evidence.pairs, each.name) for each in fields(evidence.pairs)
    }
    by_column = {f"{_OVERLAP}{number}": each for number, each in enumerate(evidence.column_overlaps.values())}
    writer.write("duplicate_rows", pa.table({"document": evidence.document}))
    writer.write("duplicate_documents", pa.table(by_document))
    writer.write("duplicate_pairs", pa.table({**by_pair, **by_column}))


def read_evidence(stage: StageTables) -> "Evidence":
    """Returns the evidence for duplicates among the rows with text.

    Raises:
        ValueError: it was written by an earlier version.
    """
    from nomic_explore.duplicates import Evidence, Pairs

    if stage.record.get("format") != DUPLICATES_FORMAT:
        raise ValueError(
            f"the duplicates of {stage.store.folder} were found by an earlier version. Run the command that builds it again: "
            "only the duplicates are computed again."
        )
    columns: dict[str, np.ndarray] = {}
    for name in ("duplicate_rows", "duplicate_documents", "duplicate_pairs"):
        table = stage.read(name)
        columns |= {column: table[column].to_numpy(zero_copy_only=False) for column in table.column_names}
    no_flags = np.zeros(len(columns["first"]), dtype=bool)
    columns = dict.fromkeys(_LATER_FLAGS, no_flags) | columns
    pairs = Pairs(**{each.name: columns.pop(_STORED_PAIRS.get(each.name, each.name)) for each in fields(Pairs)})
    overlaps = {name: columns.pop(f"{_OVERLAP}{number}") for number, name in enumerate(stage.record["columns"])}
    by_stored_name = {stored: name for name, stored in _STORED_DOCUMENTS.items()}
    named = {by_stored_name.get(name, name): values for name, values in columns.items()}
    return Evidence(**named, pairs=pairs, column_overlaps=overlaps)


def _list_column(matrix: np.ndarray) -> "pa.Array":
    """Returns an (n, k) array as a column of lists; k may be 0, which a fixed-size list may not."""
    import pyarrow as pa

    offsets = np.arange(len(matrix) + 1, dtype=np.int32) * matrix.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.ascontiguousarray(matrix).ravel()))


def _list_matrix(column: "pa.ChunkedArray", dtype: "DTypeLike") -> np.ndarray:
    flat = np.concatenate([np.zeros(0, dtype), *(chunk.flatten().to_numpy() for chunk in column.chunks)])
    return flat.reshape(len(column), -1) if len(flat) else np.zeros((len(column), 0), dtype)
