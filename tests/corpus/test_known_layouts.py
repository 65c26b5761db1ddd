"""Tables in the layout of other map tools: which columns are taken for positions, and which for vectors."""

import numpy as np
import pyarrow as pa
import pytest

from nomic_explore.corpus.known_layouts import KnownPositions, find_positions, parse_vector, vector_columns

TEXTS = {"text": ["a cat", "a dog"]}
PLACES = {"x": pa.array([0.1, -0.2], pa.float32()), "y": pa.array([0.3, 0.4], pa.float32())}
PROJECTION = {"projection_x": [0.1, -0.2], "projection_y": [0.3, 0.4]}
NEIGHBORS = [{"distances": [0.0, 0.4], "ids": [0, 1]}, {"distances": [0.0, 0.4], "ids": [1, 0]}]
LATENT_SCOPE = {
    **{"tile_index_64": [2078, 2079], "tile_index_128": [8220, 8221], "cluster": [0, -1], "raw_cluster": [0, -1]},
    **{"label": ["Cluster 0", "Cluster -1"], "deleted": [False, False]},
}
BERTOPIC = {
    **{"Document": TEXTS["text"], "Topic": [0, -1], "Name": ["0_cat", "-1_dog"], "Representation": [["cat"], ["dog"]]},
    **{"Representative_Docs": [["a cat"], None], "Top_n_words": ["cat", "dog"], "Probability": [1.0, 0.0]},
}
OURS = {"topic_assignment": ["core", "none"], "topic_strength": [1.0, 0.0], "duplicate_role": ["unique", "unique"]}

# What each tool writes, by the name of the tool and the columns that hold positions.
KNOWN = {
    "embedding-atlas, on the command line": (
        {**TEXTS, "FILE_NAME": ["a", "a"], **PROJECTION, "__neighbors": NEIGHBORS, "__row_index__": [0, 1]},
        ("embedding-atlas", "projection_x", "projection_y"),
    ),
    "embedding-atlas, compute_projection": (
        {**TEXTS, **PROJECTION, "neighbors": NEIGHBORS},
        ("embedding-atlas", "projection_x", "projection_y"),
    ),
    "embedding-atlas, of its own output": (
        {**TEXTS, **PROJECTION, "projection_x_1": [1.0, 2.0], "projection_y_1": [1.0, 2.0]},
        ("embedding-atlas", "projection_x_1", "projection_y_1"),
    ),
    "latent-scope, rows with texts": ({"index": [0, 1], **TEXTS, **PLACES, **LATENT_SCOPE}, ("latent-scope", "x", "y")),
    "latent-scope, a scope alone": ({**PLACES, **LATENT_SCOPE, "ls_index": [0, 1]}, ("latent-scope", "x", "y")),
    "latent-scope, of a table with x and y": (
        {**TEXTS, "x": [5, 6], "y": [7, 8], "x_ls": [0.1, 0.2], "y_ls": [0.3, 0.4], **LATENT_SCOPE},
        ("latent-scope", "x_ls", "y_ls"),
    ),
    "Atlas, projected": ({"_position_index": ["pos_0", "pos_1"], **PLACES}, ("Nomic Atlas", "x", "y")),
    "Atlas, with its topics": (
        {**TEXTS, "id": ["a", "b"], **PLACES, "topic_depth_1": ["Pets", "Pets"], "topic_depth_2": ["Cats", "Dogs"]},
        ("Nomic Atlas", "x", "y"),
    ),
    "Atlas, a tile": ({**PLACES, "_topic_depth_1": ["Pets", "Pets"]}, ("Nomic Atlas", "x", "y")),
    "BERTopic, with reduced embeddings": ({**BERTOPIC, **PLACES}, ("BERTopic", "x", "y")),
    "this package": ({**TEXTS, **PLACES, **OURS, "neighbors": NEIGHBORS}, ("nomic_explore", "x", "y")),
}


@pytest.mark.parametrize("layout", KNOWN)
def test_positions_of_a_known_tool_are_found(layout: str) -> None:
    columns, expected = KNOWN[layout]
    assert find_positions(pa.table(columns)) == KnownPositions(*expected)


def test_positions_may_be_null_where_a_row_has_none() -> None:
    columns = {**TEXTS, **OURS, "x": [None, 1.0], "y": [None, 2.0]}
    assert find_positions(pa.table(columns)) == ("nomic_explore", "x", "y")


UNKNOWN = {
    "plain x and y": {**TEXTS, **PLACES},
    "clusters of another tool": {**TEXTS, **PLACES, "cluster": [0, 1], "label": ["a", "b"]},
    "points of datamapplot": {**PLACES, "r": [0, 1], "g": [0, 1], "b": [0, 1], "a": [180, 180]},
    "BERTopic without positions": BERTOPIC,
    "half of a pair": {**TEXTS, "projection_x": [0.1, 0.2]},
    "positions as text": {**TEXTS, "projection_x": ["0.1", "0.2"], "projection_y": ["0.1", "0.2"]},
    "positions that are all null": {
        **TEXTS,
        **{name: pa.nulls(2, pa.float64()) for name in ("projection_x", "projection_y")},
    },
}


@pytest.mark.parametrize("layout", UNKNOWN)
def test_columns_are_not_taken_for_positions_without_evidence(layout: str) -> None:
    assert find_positions(pa.table(UNKNOWN[layout])) is None


ROW = [0.1, 0.2, 0.3, 0.4]
VECTORS = {
    "list": pa.array([ROW, ROW], pa.list_(pa.float32())),
    "large list": pa.array([ROW, ROW], pa.large_list(pa.float64())),
    "fixed list": pa.array([ROW, ROW], pa.list_(pa.float16(), 4)),
    "list of bytes": pa.array([[1, 2, 3, 4], [5, 6, 7, 8]], pa.list_(pa.int8())),
    "tensor": pa.FixedShapeTensorArray.from_numpy_ndarray(np.ones((2, 4), np.float32)),
    "JSON": pa.array([str(ROW), str(ROW)]),
    "numpy's text": pa.array([str(np.array(ROW)), str(np.array(ROW))]),
    "null in a list": pa.array([None, ROW]),
    "empty list": pa.array([[], ROW]),
    "empty text": pa.array(["", str(ROW)]),
}


@pytest.mark.parametrize("kind", VECTORS)
def test_columns_of_vectors_are_found(kind: str) -> None:
    assert vector_columns(pa.table({"number": [1, 2], "vector": VECTORS[kind]})) == {"vector": 4}


OTHERS = {
    "numbers": pa.array([1.0, 2.0]),
    "texts": pa.array(["a cat", "[a dog]"]),
    "pairs": pa.array([[1.0, 2.0], [3.0, 4.0]]),
    "lists of different length": pa.array([ROW, ROW[:3]]),
    "words": pa.array([["a", "b", "c", "d"]] * 2),
    "tokens": pa.array([[101, 7, 9, 102]] * 2),
    "structs": pa.array(NEIGHBORS),
    "nothing": pa.nulls(2, pa.list_(pa.float32())),
    "nothing at all": pa.nulls(2, pa.list_(pa.float32(), 4)),
    "nested lists as text": pa.array(["[[1, 2], [3, 4]]"] * 2),
    "dates as text": pa.array(["[2020-01-01]"] * 2),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_columns_are_not_taken_for_vectors(kind: str) -> None:
    assert vector_columns(pa.table({"column": OTHERS[kind]})) == {}


def test_a_list_that_was_written_as_text_is_read_whoever_wrote_it() -> None:
    numbers = np.array([0.25, -1e-7, 3.0, 40.0])
    for text in (str(numbers.tolist()), str(numbers), np.array2string(numbers, max_line_width=12)):
        np.testing.assert_allclose(parse_vector(text), numbers, rtol=1e-7)
    with pytest.raises(ValueError):
        parse_vector('{"embedding": [1]}')
