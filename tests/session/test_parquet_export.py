import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from nomic_explore import Exploration, explore
from nomic_explore.testing import HashEmbedder


@pytest.fixture(scope="module")
def table(lesson: Exploration, tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    return parquet.read_table(lesson.save_parquet(tmp_path_factory.mktemp("parquet") / "map.parquet"))


def test_the_columns_of_the_frame_come_first(lesson: Exploration, table: pa.Table) -> None:
    layers = [f"topic_layer_{at}" for at in range(len(lesson.topics.layers))]
    assert table.column_names == [*lesson.to_pandas().columns, "neighbors", *layers]
    assert table.num_rows == len(lesson)
    for name in ("text", "topic_name", "duplicate_role"):
        assert table[name].to_pylist() == lesson.to_pandas()[name].tolist()
    np.testing.assert_array_equal(np.column_stack([table["x"], table["y"]]), lesson.positions)


def test_neighbors_are_the_row_itself_and_its_neighbors_in_the_graph(lesson: Exploration, table: pa.Table) -> None:
    assert table.schema.field("neighbors").type == pa.struct(
        [("ids", pa.list_(pa.int32())), ("distances", pa.list_(pa.float32()))]
    )
    rows = table["neighbors"].to_pylist()
    ids, distances = (np.array([row[part] for row in rows]) for part in ("ids", "distances"))
    np.testing.assert_array_equal(ids[:, 0], np.arange(len(lesson)))
    np.testing.assert_array_equal(ids[:, 1:], lesson.graph.neighbors)
    np.testing.assert_array_equal(distances[:, 0], 0)
    np.testing.assert_allclose(distances[:, 1:], 1 - lesson.graph.similarities, atol=1e-6)


def test_label_layers_run_from_fine_to_coarse(lesson: Exploration, table: pa.Table) -> None:
    last = len(lesson.topics.layers) - 1
    for at in range(last + 1):
        topics, names = lesson.topics.layers[last - at], lesson.topics.names[last - at]
        wanted = ["Unlabelled" if topic < 0 else names[topic] for topic in topics]
        assert table[f"topic_layer_{at}"].to_pylist() == wanted
    assert table["topic_layer_0"].to_pylist() == table["topic_name"].fill_null("Unlabelled").to_pylist()


def test_rows_without_a_place_keep_their_row(tmp_path: Path) -> None:
    texts = ["a cat sat", None, "a dog ran", "a cat sat"]
    exploration = explore(texts, folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    table = parquet.read_table(exploration.save_parquet(tmp_path / "map.parquet"))
    assert [x is None for x in table["x"].to_pylist()] == [False, True, False, False]
    assert table["y"].null_count == 1
    assert table["topic_layer_0"][1].as_py() == "Unlabelled"
    assert table["neighbors"].to_pylist()[1] == {"ids": [1, -1], "distances": [0.0, 1.0]}
    assert {len(row["ids"]) for row in table["neighbors"].to_pylist()} == {2}


def test_input_columns_of_the_same_names_are_kept(tmp_path: Path) -> None:
    source = pd.DataFrame(
        {"text": ["a cat", "a dog"], "neighbors": [1, 2], "neighbors_input": [3, 4], "topic_layer_0": "t"}
    )
    exploration = explore(source, "text", folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    table = parquet.read_table(exploration.save_parquet(tmp_path / "map.parquet"))
    assert table["neighbors_input_input"].to_pylist() == [1, 2]
    assert table["neighbors_input"].to_pylist() == [3, 4]
    assert table["topic_layer_0_input"].to_pylist() == ["t", "t"]
    assert pa.types.is_struct(table["neighbors"].type)


def test_one_document_has_only_itself(tmp_path: Path) -> None:
    exploration = explore(["alone"], folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    table = parquet.read_table(exploration.save_parquet(tmp_path / "map.parquet"))
    assert json.loads(json.dumps(table["neighbors"].to_pylist())) == [{"ids": [0], "distances": [0.0]}]


def test_only_parquet_is_written(lesson: Exploration, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends in '.csv'; expected .parquet"):
        lesson.save_parquet(tmp_path / "map.csv")
    with pytest.raises(FileNotFoundError, match="No folder"):
        lesson.save_parquet(tmp_path / "nowhere" / "map.parquet")
    assert list(tmp_path.iterdir()) == []
