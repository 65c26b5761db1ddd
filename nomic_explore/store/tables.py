"""Writes each result of an exploration to its table and reads it back.

Rows of these tables are distinct texts, keyed by content, so the order in which documents came cannot matter and duplicates
share one vector, one position and one topic. `documents` alone has a row for each input row.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.store.database import DamagedTableError, Store, vector_column
from nomic_explore.store.stage_tables import StageTables, StageWriter

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import DTypeLike

    from nomic_explore.corpus import Corpus
    from nomic_explore.corpus.frame_origin import FrameOrigin
    from nomic_explore.duplicates import Duplicates, Evidence
    from nomic_explore.graph import NeighborGraph
    from nomic_explore.topics import Topics

KEY, ID, CHECK = "__key", "__id", "check"
_CHECK_SEED, _CHECKED_ROWS = 20, 8192
TOPIC_NAMES = "topic_names"  # the table of names that a language model gave
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

    Lance refuses some column names ("a.b", an empty one) and types (intervals); these are renamed or stored as strings.
    """
    import pyarrow as pa

    columns, names = [], []
    for name, column in zip(corpus.table.column_names, corpus.table.columns, strict=True):
        stored = re.sub(r"[^\w -]", "_", name) or "_"
        stored = f"c{stored}" if stored.startswith("_") else stored  # Lance reserves names such as "_rowid"
        while stored in names:
            stored += "_"
        names.append(stored)
        columns.append(column.cast(pa.string()) if pa.types.is_interval(column.type) else column)
    table = pa.table(columns, names=names).append_column(ID, pa.array(corpus.ids, pa.string()))
    table = table.append_column(KEY, pa.array(keys, pa.string()))
    for name, level in zip(label_columns(labels).column_names, labels, strict=True):
        table = table.append_column(name, level)
    writer.write("documents", table)
    return [{"name": name, "stored": stored} for name, stored in zip(corpus.table.column_names, names, strict=True)]


def label_columns(labels: "Sequence[pa.Array]") -> "pa.Table":
    """Returns the levels of an index as a table, under the names that they have on disk."""
    import pyarrow as pa

    return pa.table(list(labels), names=[f"{LABELS}{level}" for level in range(len(labels))])


def read_documents(
    stage: StageTables,
) -> tuple["pa.Table", list[str], list[str | None], "FrameOrigin | None"]:
    """Returns the input table, the ids, the content keys (None without text) and the kind and index of its frame."""
    from nomic_explore.corpus.frame_origin import FrameOrigin

    columns, frame = stage.record["columns"], stage.record.get("frame")
    stored = stage.read("documents")
    table = stored.select([column["stored"] for column in columns])
    levels = [stored[f"{LABELS}{level}"] for level in range(len((frame or {}).get("index", [])))]
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


# --- vectors ---------------------------------------------------------------------------------------------------------


def append_vectors(store: Store, name: str, keys: Sequence[str], vectors: np.ndarray) -> None:
    """Adds the vectors of some texts; they are on disk when the call returns."""
    import pyarrow as pa

    columns = {"key": pa.array(keys, pa.string()), "vector": vector_column(vectors)}
    if name not in store.table_names() or CHECK in store.column_names(name):  # tables of format 1 have none
        columns[CHECK] = pa.array(checks_of(vectors))
    store.append(name, pa.table(columns))


def stored_keys(store: Store, name: str) -> set[str]:
    """Returns the keys of the texts whose vectors are on disk as they were written."""
    if name not in store.table_names():
        return set()
    keys: set[str] = set()
    for batch in store.read_table(name).to_batches():
        own, _, is_intact = _read_batch(batch)
        keys.update(key for key, intact in zip(own, is_intact.tolist(), strict=True) if intact)
    return keys


def read_vectors(store: Store, name: str, keys: Sequence[str]) -> np.ndarray:
    """Returns the vectors of these texts, (n, d) float32.

    Raises:
        DamagedTableError: one is missing, or is not what was written.
    """
    table = store.read_table(name)
    width, numbers = table["vector"].type.list_size, {key: number for number, key in enumerate(keys)}
    vectors, is_read = np.zeros((len(keys), width), dtype=np.float32), np.zeros(len(keys), dtype=bool)
    for batch in table.to_batches():
        own, values, is_intact = _read_batch(batch)
        found = np.array([numbers.get(key, -1) for key in own], dtype=np.int64)
        chosen = (found >= 0) & is_intact
        vectors[found[chosen]] = values[chosen]
        is_read[found[chosen]] = True
    if not is_read.all():
        n_missing = int((~is_read).sum())
        raise DamagedTableError(store.folder, name, f"{n_missing:,} vectors are missing or not what was written")
    return vectors


def salvage_vectors(store: Store, damaged: str, name: str) -> int:
    """Copies the vectors of a table that cannot be read as a whole, as far as they can be read; returns how many.

    Args:
        store: the folder.
        damaged: the name of the table.
        name: of the new table.
    """
    n_copied = 0
    for piece in store.read_pieces(damaged):
        for batch in piece.to_batches():
            own, values, is_intact = _read_batch(batch)
            kept = [key for key, intact in zip(own, is_intact.tolist(), strict=True) if intact]
            if kept:
                append_vectors(store, name, kept, values[is_intact])
                n_copied += len(kept)
    return n_copied


def checks_of(vectors: np.ndarray) -> np.ndarray:
    """Returns a checksum (n,) uint64 of each vector (n, d) float32: a sum of its bits with odd weights.

    Example:
        >>> first, second = checks_of(np.array([[0.5, 1.0], [1.0, 0.5]], dtype=np.float32))
        >>> bool(first == second)
        False
    """
    weights = np.random.default_rng(_CHECK_SEED).integers(2**63, size=vectors.shape[1], dtype=np.uint64) | np.uint64(1)
    words = np.ascontiguousarray(vectors, dtype=np.float32).view(np.uint32)
    checks = np.empty(len(vectors), dtype=np.uint64)
    for start in range(0, len(words), _CHECKED_ROWS):
        part = slice(start, start + _CHECKED_ROWS)
        checks[part] = (words[part] * weights).sum(axis=1, dtype=np.uint64)
    return checks


def _read_batch(batch: "pa.RecordBatch") -> tuple[list[str], np.ndarray, np.ndarray]:
    """Returns keys, vectors (n, d), and a mask (n,) of the vectors that are what was written."""
    width = batch.schema.field("vector").type.list_size
    vectors = batch["vector"].flatten().to_numpy().reshape(-1, width)
    is_intact = np.ones(len(vectors), dtype=bool)
    if CHECK in batch.schema.names:
        is_intact = checks_of(vectors) == batch[CHECK].to_numpy()
    return batch["key"].to_pylist(), vectors, is_intact


# --- graph, positions, topics ----------------------------------------------------------------------------------------


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


def write_topics(writer: StageWriter, topics: "Topics") -> None:
    """Writes the topics to three tables: those of each text, their names and keywords, and the merge tree."""
    import pyarrow as pa

    columns: dict[str, Any] = {f"layer_{number}": layer for number, layer in enumerate(topics.layers)}
    columns |= {"assignment": pa.array([str(how) for how in topics.assignment]), "strength": topics.strength}
    writer.write("topics", pa.table({**columns, "groups": topics.groups}))
    writer.write("topic_merges", pa.table({"first": topics.merges[:, 0], "second": topics.merges[:, 1]}))
    tree = [
        {
            "layer": layer,
            "topic": topic,
            "name": name,
            "description": topics.descriptions[layer][topic],
            "keywords": list(topics.keywords[layer][topic]),
            "weights": list(topics.weights[layer][topic]),
            "confidence": float(topics.confidence[layer][topic]),
            "parent": int(topics.parents[layer][topic]),
            "exemplars": [int(row) for row in topics.exemplars[layer][topic]],
        }
        for layer, names in enumerate(topics.names)
        for topic, name in enumerate(names)
    ]
    writer.write("topic_tree", pa.Table.from_pylist(tree, schema=_tree_schema()))


def read_topics(stage: StageTables) -> "Topics":
    """Returns the topics of the distinct texts."""
    from nomic_explore.topics import Topics

    table, tree = stage.read("topics"), stage.read("topic_tree").to_pylist()
    merges = stage.read("topic_merges")
    n_layers = sum(name.startswith("layer_") for name in table.column_names)
    by_layer = [
        sorted((topic for topic in tree if topic["layer"] == layer), key=lambda topic: topic["topic"])
        for layer in range(n_layers)
    ]
    return Topics(
        layers=tuple(table[f"layer_{layer}"].to_numpy() for layer in range(n_layers)),
        names=tuple([topic["name"] for topic in layer] for layer in by_layer),
        keywords=tuple([topic["keywords"] for topic in layer] for layer in by_layer),
        weights=tuple([topic["weights"] for topic in layer] for layer in by_layer),
        descriptions=tuple([topic["description"] for topic in layer] for layer in by_layer),
        confidence=tuple(np.array([topic["confidence"] for topic in layer], dtype=np.float32) for layer in by_layer),
        parents=tuple(np.array([topic["parent"] for topic in layer], dtype=np.int32) for layer in by_layer),
        exemplars=tuple([topic["exemplars"] for topic in layer] for layer in by_layer),
        assignment=np.array(table["assignment"].to_pylist(), dtype="<U4"),
        strength=table["strength"].to_numpy(),
        groups=table["groups"].to_numpy(),
        merges=np.stack([merges["first"].to_numpy(), merges["second"].to_numpy()], axis=1),
    )


# Field names and the names of their columns on disk, where these differ.
_STORED_DOCUMENTS = {"normalized": "normalised"}
_STORED_PAIRS = {
    "containment_first": "held_first",
    "containment_second": "held_second",
    "unmatched_first": "own_first",
    "unmatched_second": "own_second",
}


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
    pairs = Pairs(**{each.name: columns.pop(_STORED_PAIRS.get(each.name, each.name)) for each in fields(Pairs)})
    overlaps = {name: columns.pop(f"{_OVERLAP}{number}") for number, name in enumerate(stage.record["columns"])}
    by_stored_name = {stored: name for name, stored in _STORED_DOCUMENTS.items()}
    named = {by_stored_name.get(name, name): values for name, values in columns.items()}
    return Evidence(**named, pairs=pairs, column_overlaps=overlaps)


def read_named_topics(stage: StageTables) -> "Topics":
    """Returns the topics with the names that a language model gave them."""
    from nomic_explore.topics.find import rename_all

    given = topic_names_of(stage.read(TOPIC_NAMES))
    places = [key.split() for key in given]
    named = {(int(layer), int(topic)): own for (layer, topic), own in zip(places, given.values(), strict=True)}
    return rename_all(read_topics(stage), named)


def topic_names_of(table: "pa.Table") -> dict[str, tuple[str, str]]:
    """Returns names and descriptions of topics by key."""
    return {row["key"]: (row["name"], row["description"]) for row in table.to_pylist()}


def topic_names_table(pairs: Mapping[str, tuple[str, str]]) -> "pa.Table":
    """Returns a table of names and descriptions of topics by key."""
    import pyarrow as pa

    columns = {
        "key": list(pairs),
        "name": [own for own, _ in pairs.values()],
        "description": [more for _, more in pairs.values()],
    }
    return pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})


def _tree_schema() -> "pa.Schema":
    import pyarrow as pa

    return pa.schema(
        {
            "layer": pa.int32(),
            "topic": pa.int32(),
            "name": pa.string(),
            "description": pa.string(),
            "keywords": pa.list_(pa.string()),
            "weights": pa.list_(pa.float32()),
            "confidence": pa.float32(),
            "parent": pa.int32(),
            "exemplars": pa.list_(pa.int32()),
        }
    )


def _list_column(matrix: np.ndarray) -> "pa.Array":
    """Returns an (n, k) array as a column of lists; k may be 0, which a fixed-size list may not."""
    import pyarrow as pa

    offsets = np.arange(len(matrix) + 1, dtype=np.int32) * matrix.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.ascontiguousarray(matrix).ravel()))


def _list_matrix(column: "pa.ChunkedArray", dtype: "DTypeLike") -> np.ndarray:
    flat = np.concatenate([np.zeros(0, dtype), *(chunk.flatten().to_numpy() for chunk in column.chunks)])
    return flat.reshape(len(column), -1) if len(flat) else np.zeros((len(column), 0), dtype)
