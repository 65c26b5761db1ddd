"""The tables of topics: those of each text, their names and keywords, the merge tree, and names from a language model."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.store.database import Store
from nomic_explore.store.errors import DamagedTableError
from nomic_explore.store.manifest import Manifest
from nomic_explore.store.stage_tables import StageTables, StageWriter

if TYPE_CHECKING:
    import pyarrow as pa

    from nomic_explore.topics import Topics

TOPIC_NAMES = "topic_names"  # the table of names that a language model gave


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


def read_named_topics(stage: StageTables) -> "Topics":
    """Returns the topics with the names that a language model gave them."""
    from nomic_explore.topics.find import rename_all

    given = topic_names_of(stage.read(TOPIC_NAMES))
    places = [key.split() for key in given]
    named = {(int(layer), int(topic)): own for (layer, topic), own in zip(places, given.values(), strict=True)}
    return rename_all(read_topics(stage), named)


def read_given_names(store: Store, manifest: Manifest, made_from: str) -> "pa.Table | None":
    """Returns the names that a language model gave to the topics made from these inputs; None without any that can be read."""
    record = manifest["stages"].get("topics", {})
    if record.get("made_from") != made_from or not record.get("is_named"):
        return None
    try:
        return StageTables(store, record).read(TOPIC_NAMES)
    except DamagedTableError:  # naming again asks the model only for what the cache does not hold
        return None


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
