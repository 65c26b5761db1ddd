"""Vectors, positions and encoders that users bring along."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.cli.main import app
from nomic_explore.testing import HashEmbedder

WORDS = ("owl", "cat", "ship", "star", "tea", "road", "bell", "moss", "lamp", "rope", "frog", "coin")
TEXTS = [f"the {WORDS[n % 12]} and the {WORDS[(n * 7 + n // 12) % 12]} of number {n}" for n in range(60)]
MODEL = HashEmbedder()
VECTORS = MODEL.encode(TEXTS)
PLACES = np.random.default_rng(1).normal(size=(60, 2)).astype(np.float32)


class Counting:
    """An encoder that counts the texts it was asked for."""

    def __init__(self, fail_after: int | None = None) -> None:
        self.texts: list[str] = []
        self.fail_after = fail_after

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        if self.fail_after is not None and len(self.texts) >= self.fail_after:
            raise ConnectionError("the service is gone")
        self.texts += texts
        return 3 * MODEL.encode(list(texts))


def given(folder: Path, texts: Any = TEXTS, vectors: Any = VECTORS, **options: Any) -> Exploration:
    return explore(texts, vectors=vectors, folder=folder, show_progress=False, **options)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    return explore(TEXTS, model=MODEL, folder=tmp_path_factory.mktemp("embedded") / "x", show_progress=False)


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """Explored with the vectors of the same model, as float64 of another length; do not change it."""
    folder = tmp_path_factory.mktemp("brought") / "x"
    return given(folder, vectors=VECTORS.astype(np.float64) * 7, model="text-embedding-3-small")


@pytest.fixture
def brought_copy(brought: Exploration, tmp_path: Path) -> Exploration:
    return open_exploration(shutil.copytree(brought.folder, tmp_path / "brought"))


def made_from(exploration: Exploration) -> dict[str, str]:
    return {name: stage["made_from"] for name, stage in exploration.manifest["stages"].items()}


# --- vectors ---


def test_given_vectors_make_what_embedding_them_would_have_made(embedded: Exploration, brought: Exploration) -> None:
    np.testing.assert_allclose(brought.vectors, embedded.vectors, atol=1e-6)
    np.testing.assert_array_equal(brought.graph.neighbors, embedded.graph.neighbors)
    np.testing.assert_allclose(brought.positions, embedded.positions, atol=0.5)
    np.testing.assert_array_equal(brought.duplicates.roles, embedded.duplicates.roles)
    assert len(brought.topics.names[0]) == len(embedded.topics.names[0])


def test_the_name_of_what_made_them_is_recorded_as_it_was_given(brought: Exploration) -> None:
    made = brought.manifest["stages"]["vectors"]["provenance"]
    assert (made["model"], made["dimensions"]) == ("text-embedding-3-small", 64)
    assert "text-embedding-3-small" in repr(brought)


def test_a_page_and_a_table_are_made_of_given_vectors(brought: Exploration, tmp_path: Path) -> None:
    assert brought.save_html(tmp_path / "map.html").stat().st_size > 10_000
    assert brought.to_pandas()["topic_name"].notna().all()


@pytest.mark.parametrize(
    "hand_over",
    [
        lambda folder: {"vectors": "embedding"},
        lambda folder: {"vectors": folder / "vectors.npy"},
        lambda folder: {"vectors": str(folder / "vectors.npy")},
        lambda folder: {"vectors": folder / "vectors.parquet"},
        lambda folder: {"vectors": pd.Series(list(VECTORS)).sample(frac=1.0, random_state=3)},
        lambda folder: {"vectors": pd.DataFrame(VECTORS).sample(frac=1.0, random_state=3)},
        lambda folder: {"vectors": VECTORS.repeat(2, axis=0)[::2].repeat(1, axis=0), "limit": 60},
        lambda folder: {"vectors": np.vstack([VECTORS, VECTORS]), "limit": 60},
    ],
    ids=[
        "column",
        "npy",
        "path as a string",
        "parquet",
        "shuffled Series",
        "shuffled frame",
        "limit",
        "limit and more",
    ],
)
def test_vectors_come_from_columns_and_files(
    hand_over: Callable[[Path], dict[str, Any]], embedded: Exploration, tmp_path: Path
) -> None:
    np.save(tmp_path / "vectors.npy", VECTORS.astype(np.float32))
    column = pa.FixedSizeListArray.from_arrays(pa.array(VECTORS.ravel()), 64)
    pq.write_table(pa.table({"embedding": column}), tmp_path / "vectors.parquet")
    table = pa.table({"text": TEXTS, "embedding": column})
    made = explore(table, "text", folder=tmp_path / "x", show_progress=False, **hand_over(tmp_path))
    np.testing.assert_allclose(made.vectors, embedded.vectors, atol=1e-6)


def test_vectors_of_a_csv_file_are_read_from_text(embedded: Exploration, tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": TEXTS, "embedding": [json.dumps(row) for row in VECTORS.tolist()]})
    frame.to_csv(tmp_path / "a.csv", index=False)
    made = explore(tmp_path / "a.csv", "text", vectors="embedding", folder=tmp_path / "x", show_progress=False)
    np.testing.assert_allclose(made.vectors, embedded.vectors, atol=1e-6)


def test_labels_of_a_frame_align_the_vectors(embedded: Exploration, tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": TEXTS}, index=[f"row {n}" for n in range(60)])
    vectors = pd.Series(list(VECTORS), index=frame.index).sort_index(ascending=False)
    np.testing.assert_allclose(given(tmp_path / "x", frame, vectors).vectors, embedded.vectors, atol=1e-6)


def test_the_column_of_vectors_leaves_the_table_and_comes_back_in_parquet(tmp_path: Path) -> None:
    table = pa.table({"text": TEXTS, "embedding": list(VECTORS)})
    made = explore(table, "text", vectors="embedding", folder=tmp_path / "x", show_progress=False)
    assert made.corpus.table.column_names == ["text"]
    back = pq.read_table(made.save_parquet(tmp_path / "out.parquet", vectors=True))
    np.testing.assert_allclose(np.stack(back["vector"].to_numpy()), VECTORS, atol=1e-6)
    assert "vector" not in pq.read_schema(made.save_parquet(tmp_path / "out.parquet")).names


def test_a_column_of_vectors_that_is_not_used_is_pointed_out(capsys: Any, tmp_path: Path) -> None:
    table = pa.table({"text": TEXTS, "embedding": list(VECTORS)})
    explore(table, "text", model=MODEL, folder=tmp_path / "x", show_progress=True)
    assert "column 'embedding' holds vectors of 64 numbers; vectors='embedding' uses them" in " ".join(
        capsys.readouterr().err.split()
    )


def test_rows_without_a_vector_are_set_aside_and_counted(tmp_path: Path) -> None:
    vectors: list[Any] = list(VECTORS)
    vectors[3] = vectors[50] = None
    made = given(tmp_path / "x", vectors=vectors)
    assert made.corpus.audit["no vector"].rows.tolist() == [3, 50]
    assert np.flatnonzero(~np.isfinite(made.positions).all(axis=1)).tolist() == [3, 50]
    assert made.to_pandas()["text"].tolist() == TEXTS
    assert open_exploration(made.folder).corpus.audit["no vector"].count == 2


def test_a_row_without_text_needs_no_vector(tmp_path: Path) -> None:
    vectors = VECTORS.copy()
    vectors[5] = 0
    made = given(tmp_path / "x", [*TEXTS[:5], None, *TEXTS[6:]], vectors)
    assert made.corpus.audit["no vector"].count == 0
    assert not made.vectors[5].any()


def test_equal_texts_share_the_first_vector_and_those_that_differ_are_counted(tmp_path: Path) -> None:
    vectors = np.vstack([VECTORS, VECTORS[:1] * 2, VECTORS[1:2]])
    made = given(tmp_path / "x", [*TEXTS, TEXTS[0], TEXTS[0]], vectors)
    np.testing.assert_allclose(made.vectors[61], VECTORS[0], atol=1e-6)
    assert made.corpus.audit["another vector"].rows.tolist() == [61]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (VECTORS[:59], r"vectors has 59 rows, the source has 60; row i must be the vector of row i"),
        ("embeding", "there is no such column and no such file"),
        (np.where(np.arange(60)[:, None] == 7, 0, VECTORS), r"vectors\[7\] is a zero vector"),
        (np.where(np.arange(60)[:, None] == 7, np.nan, VECTORS), r"vectors\[7\] holds a value that is not finite"),
        ([None] * 60, "none of the 60 rows has a vector"),
    ],
    ids=["too few", "no column", "zero", "nan", "none"],
)
def test_vectors_that_cannot_be_used_are_refused_and_leave_no_folder(
    vectors: Any, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=message):
        given(tmp_path / "x", vectors=vectors)
    assert not (tmp_path / "x").exists()


def test_a_file_of_vectors_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.npy", str(tmp_path / "nowhere.npy")):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            given(tmp_path / "x", vectors=path)


def test_the_same_vectors_make_nothing_anew_and_others_make_all(brought_copy: Exploration) -> None:
    before = made_from(brought_copy)
    again = given(brought_copy.folder, vectors=VECTORS.astype(np.float64) * 7)
    assert made_from(again) == before
    assert again.manifest["stages"]["vectors"]["provenance"]["model"] == "text-embedding-3-small"
    changed = given(brought_copy.folder, vectors=VECTORS[::-1])
    assert made_from(changed)["graph"] != before["graph"]
    np.testing.assert_allclose(changed.vectors, VECTORS[::-1], atol=1e-6)


def test_shuffled_rows_with_their_vectors_make_nothing_but_the_table_anew(brought_copy: Exploration) -> None:
    before, order = made_from(brought_copy), np.random.default_rng(5).permutation(60)
    positions = brought_copy.positions
    vectors = (VECTORS.astype(np.float64) * 7)[order]
    again = given(brought_copy.folder, [TEXTS[row] for row in order], vectors)
    unchanged = {name for name, digest in made_from(again).items() if digest == before[name]}
    assert {"vectors", "graph", "positions", "topics"} <= unchanged
    np.testing.assert_array_equal(again.positions, positions[order])


def test_another_model_name_is_refused(brought_copy: Exploration) -> None:
    with pytest.raises(ValueError, match="was made with text-embedding-3-small"):
        given(brought_copy.folder, model="text-embedding-3-large")
    with pytest.raises(ValueError, match="was made with text-embedding-3-small"):
        explore(TEXTS, model=MODEL, folder=brought_copy.folder, show_progress=False)


def test_a_name_may_be_given_later(tmp_path: Path) -> None:
    assert "an unnamed model" in repr(given(tmp_path / "x"))
    assert "ada" in repr(given(tmp_path / "x", model="ada"))


def test_new_rows_ask_for_vectors_or_an_encoder(brought_copy: Exploration) -> None:
    more = [*TEXTS, "one more owl", "one more cat"]
    with pytest.raises(ValueError, match="2 of 62 texts have no stored vector"):
        explore(more, folder=brought_copy.folder, show_progress=False)
    counting = Counting()
    grown = explore(more, folder=brought_copy.folder, encoder=counting, show_progress=False)
    assert set(counting.texts) - set(TEXTS) == {"one more owl", "one more cat", "one short text"}
    np.testing.assert_allclose(grown.vectors, MODEL.encode(more), atol=1e-6)


def test_options_change_without_vectors_being_given_again(brought_copy: Exploration) -> None:
    before = made_from(brought_copy)
    again = explore(TEXTS, folder=brought_copy.folder, n_topics=4, show_progress=False)
    assert {name for name, digest in made_from(again).items() if digest != before[name]} == {"topics"}


def test_a_subset_takes_the_vectors_and_the_encoder_along(brought_copy: Exploration, tmp_path: Path) -> None:
    brought_copy.use_encoder(MODEL)
    part = brought_copy.subset(range(10, 30), tmp_path / "part", show_progress=False)
    np.testing.assert_allclose(part.vectors, VECTORS[10:30], atol=1e-6)
    assert part.search(TEXTS[12], n=1, mode="semantic")["row"].tolist() == [2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dimensions": 64}, "dimensions=64 goes with a model that embeds"),
        ({"projection": "pca", "min_dist": 0.5}, "min_dist=0.5 has no effect"),
        ({"umap_neighbors": 50}, "Pass n_neighbors=49 as well"),
        ({"projection": "umap", "positions": PLACES}, "positions= are taken as they are"),
        ({"projection": "tsne"}, "projection='tsne'; expected 'umap', 'pca', or a function"),
    ],
)
def test_options_that_exclude_each_other_are_refused(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        given(tmp_path / "x", **options)


# --- encoders ---


def test_search_by_meaning_asks_for_an_encoder_and_search_by_words_does_not(brought: Exploration) -> None:
    opened = open_exploration(brought.folder)
    assert not opened.can_embed
    for search in (lambda: opened.search("owl"), lambda: opened.topics.predict(["an owl"])):
        with pytest.raises(ValueError, match=r"were made by text-embedding-3-small, which is not here.*use_encoder"):
            search()
    assert set(opened.search("owl", mode="keyword")["found_by"]) == {"keyword"}
    assert len(opened.more_like([0]))


class WithQueries:
    """An encoder that embeds questions in another way."""

    def encode(self, texts: list[str]) -> np.ndarray:
        return MODEL.encode(texts)

    def encode_query(self, texts: list[str]) -> np.ndarray:
        return MODEL.encode([text.removeprefix("find ") for text in texts])


@pytest.mark.parametrize(
    "encoder",
    [MODEL, MODEL.encode, Counting(), lambda texts: MODEL.encode(texts).tolist(), "hash:64"],
    ids=["Embedder", "method", "object", "lists", "name"],
)
def test_an_encoder_finds_what_the_model_itself_finds(
    encoder: Any, brought: Exploration, embedded: Exploration
) -> None:
    opened = open_exploration(brought.folder, encoder=encoder)
    assert opened.can_embed
    found, wanted = (each.search("a lamp by the road", n=9) for each in (opened, embedded))
    assert found["row"].tolist() == wanted["row"].tolist()
    np.testing.assert_allclose(found["similarity"], wanted["similarity"], atol=1e-5)
    assert len(opened.topics.predict(["an owl in the moss"])) == 1


def test_questions_go_to_encode_query_where_there_is_one(brought: Exploration) -> None:
    hits = open_exploration(brought.folder, WithQueries()).search(f"find {TEXTS[8]}", n=1, mode="semantic")
    assert hits["similarity"].round(3).tolist() == [1.0]


@pytest.mark.parametrize(
    ("encoder", "error", "message"),
    [
        (HashEmbedder(32), ValueError, "makes vectors of 32 entries, those of text-embedding-3-small have 64"),
        (
            lambda texts: MODEL.encode(texts)[:, ::-1],
            ValueError,
            r"a mean cosine of -?0\.\d\d\d to them; expected at least",
        ),
        (lambda texts: MODEL.encode(texts)[:1], ValueError, "returned 1 vectors for"),
        (lambda texts: [[0.0] * 64 for _ in texts], ValueError, r"returned\[0\] is a zero vector"),
        (lambda texts: "[0.1]", TypeError, "returned is the string"),
        (np.eye(3), TypeError, "expected the name of a model, an object with a method encode"),
        (HashEmbedder, TypeError, "expected the name of a model, an object with a method encode"),
        (7, TypeError, "expected the name of a model, an object with a method encode"),
        ("no such model", ValueError, "no such model"),
    ],
    ids=["width", "other model", "too few", "zeros", "a string", "an array", "a class", "a number", "unknown name"],
)
def test_an_encoder_that_does_not_fit_is_refused(
    encoder: Any, error: type[Exception], message: str, brought: Exploration
) -> None:
    with pytest.raises(error, match=message):
        open_exploration(brought.folder, encoder=encoder)


def test_an_asynchronous_encoder_is_refused(brought: Exploration) -> None:
    async def ask(texts: list[str]) -> np.ndarray:
        return MODEL.encode(texts)

    with pytest.raises(TypeError, match="is asynchronous"):
        open_exploration(brought.folder, encoder=ask)


def test_the_name_of_an_encoder_is_remembered(tmp_path: Path) -> None:
    made = given(tmp_path / "x", model="some-model", encoder="hash:64")
    assert open_exploration(made.folder).search(TEXTS[5], n=1, mode="semantic")["row"].tolist() == [5]


def test_an_encoder_may_be_named_when_all_else_is_done(brought_copy: Exploration) -> None:
    explore(TEXTS, folder=brought_copy.folder, encoder="hash:64", show_progress=False)
    assert open_exploration(brought_copy.folder).search(TEXTS[5], n=1, mode="semantic")["row"].tolist() == [5]


def test_a_wrong_encoder_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not what made these vectors"):
        given(tmp_path / "x", encoder=lambda texts: MODEL.encode(texts)[:, ::-1])
    assert not (tmp_path / "x").exists()


def test_an_encoder_without_vectors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="encoder= is for vectors that you bring along"):
        explore(TEXTS, encoder=MODEL, folder=tmp_path / "x", show_progress=False)


def test_an_object_as_model_embeds_the_texts_and_searches(tmp_path: Path, embedded: Exploration) -> None:
    made = explore(TEXTS, model=Counting(), folder=tmp_path / "x", show_progress=False)
    np.testing.assert_allclose(made.vectors, embedded.vectors, atol=1e-6)
    assert made.search(TEXTS[5], n=1, mode="semantic")["row"].tolist() == [5]
    with pytest.raises(ValueError, match="were made by Counting, which is not here"):
        open_exploration(made.folder).search("owl")


def test_an_encoder_that_fails_midway_loses_nothing(tmp_path: Path, embedded: Exploration) -> None:
    texts = [f"{text}, part {part}" for part in range(10) for text in TEXTS]
    with pytest.raises(ConnectionError):
        explore(texts, model=Counting(fail_after=500), folder=tmp_path / "x", show_progress=False)
    counting = Counting()
    explore(texts, model=counting, folder=tmp_path / "x", show_progress=False)
    assert 80 < len(counting.texts) < 110  # what was missing, and the few on which it was checked


def test_another_encoder_of_the_same_name_is_refused(tmp_path: Path) -> None:
    explore(TEXTS, model=lambda texts: MODEL.encode(texts), folder=tmp_path / "x", show_progress=False)
    with pytest.raises(ValueError, match="is not what made these vectors"):
        explore([*TEXTS, "new"], model=lambda texts: -MODEL.encode(texts), folder=tmp_path / "x", show_progress=False)


# --- positions ---


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    return given(tmp_path_factory.mktemp("placed") / "x", positions=PLACES)


@pytest.fixture
def placed_copy(placed: Exploration, tmp_path: Path) -> Exploration:
    return open_exploration(shutil.copytree(placed.folder, tmp_path / "placed"))


def test_given_positions_are_kept_and_their_quality_is_measured(placed: Exploration, embedded: Exploration) -> None:
    np.testing.assert_array_equal(placed.positions, PLACES)
    kept = placed.manifest["stages"]["positions"]["neighbor_preservation"]
    assert 0.1 < kept < 0.45  # 15 of 60 at random are a quarter
    assert kept < embedded.manifest["stages"]["positions"]["neighbor_preservation"]
    assert "given positions" in placed._repr_html_()


def test_umap_is_not_run_for_given_positions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nomic_explore.projection._run_umap", lambda *_: pytest.fail("UMAP was run"))
    given(tmp_path / "x", positions=PLACES)


@pytest.mark.parametrize(
    "hand_over",
    [("east", "north"), ["east", "north"], "place", PLACES.tolist(), PLACES.astype(np.float64), "file"],
    ids=["two columns", "a list of two", "a column of pairs", "lists", "float64", "a file"],
)
def test_positions_come_from_columns_and_files(hand_over: Any, tmp_path: Path) -> None:
    table = pa.table({"text": TEXTS, "east": PLACES[:, 0], "north": PLACES[:, 1], "place": list(PLACES)})
    np.save(tmp_path / "places.npy", PLACES)
    hand_over = tmp_path / "places.npy" if isinstance(hand_over, str) and hand_over == "file" else hand_over
    made = explore(table, "text", MODEL, tmp_path / "x", positions=hand_over, show_progress=False)
    np.testing.assert_array_equal(made.positions, PLACES)


@pytest.mark.parametrize(
    ("positions", "message"),
    [
        (np.zeros((60, 3)), r"positions have shape \(60, 3\); expected \(n, 2\)"),
        (np.zeros((59, 2)), "positions has 59 rows, the source has 60"),
        (np.where(np.arange(60)[:, None] == 4, np.inf, PLACES), r"positions\[4\] is \[inf, inf\]"),
        (np.full((60, 2), np.nan), "positions hold no number"),
        (("x", "y"), "there is no column 'x'; there are text"),
        (("text", "text"), "column 'text' holds string; expected numbers"),
    ],
)
def test_positions_that_cannot_be_used_are_refused(positions: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        given(tmp_path / "x", positions=positions)


def test_rows_without_a_position_are_set_aside_and_counted(tmp_path: Path) -> None:
    places = PLACES.copy()
    places[9] = np.nan
    made = given(tmp_path / "x", positions=places)
    assert made.corpus.audit["no position"].rows.tolist() == [9]
    assert made.topics.layers[0][9] == -1
    again = explore(TEXTS, folder=made.folder, n_topics=4, show_progress=False)
    assert again.corpus.audit["no position"].rows.tolist() == [9]


def test_rows_with_the_same_text_keep_their_own_position(tmp_path: Path) -> None:
    made = given(tmp_path / "x", [*TEXTS, TEXTS[0]], np.vstack([VECTORS, VECTORS[:1]]), positions=[*PLACES, [5.0, 6.0]])
    np.testing.assert_array_equal(made.positions[[0, 60]], [PLACES[0], [5.0, 6.0]])


def test_given_positions_stay_when_other_options_change_or_rows_are_shuffled(placed_copy: Exploration) -> None:
    again = explore(TEXTS[::-1], folder=placed_copy.folder, n_topics=4, show_progress=False)
    np.testing.assert_array_equal(again.positions, PLACES[::-1])


def test_a_new_row_asks_for_positions_and_umap_can_take_over(placed_copy: Exploration) -> None:
    more = [*TEXTS, "one more owl"]
    with pytest.raises(
        ValueError, match=r"1 rows \(first: 60\) are new. Pass positions= for all rows, or projection='umap'"
    ):
        explore(more, folder=placed_copy.folder, encoder=MODEL, show_progress=False)
    made = explore(more, folder=placed_copy.folder, encoder=MODEL, projection="umap", show_progress=False)
    assert "given" not in made.manifest["stages"]["positions"]
    assert np.isfinite(made.positions).all()
    assert not np.isin(made.positions[:60], PLACES).any()


def test_given_positions_that_are_damaged_are_asked_for_again(placed_copy: Exploration) -> None:
    shutil.rmtree(next((placed_copy.folder / "tables").glob("positions*.lance")))
    with pytest.raises(ValueError, match="were given and are damaged now .* Pass positions= again"):
        explore(TEXTS, folder=placed_copy.folder, show_progress=False)
    again = explore(TEXTS, folder=placed_copy.folder, positions=PLACES, show_progress=False)
    np.testing.assert_array_equal(again.positions, PLACES)


def test_given_vectors_that_are_damaged_are_asked_for_again(brought_copy: Exploration) -> None:
    shutil.rmtree(next((brought_copy.folder / "tables").glob("vectors*.lance")))
    with pytest.raises(ValueError, match=r"60 of 60 texts have no stored vector.*Pass vectors= for all rows"):
        explore(TEXTS, folder=brought_copy.folder, show_progress=False)
    again = given(brought_copy.folder, vectors=VECTORS.astype(np.float64) * 7, model="text-embedding-3-small")
    np.testing.assert_allclose(again.vectors, VECTORS, atol=1e-6)


def test_a_subset_keeps_given_positions(placed_copy: Exploration, tmp_path: Path) -> None:
    part = placed_copy.subset([7, 3, 20], tmp_path / "part", show_progress=False)
    np.testing.assert_array_equal(part.positions, PLACES[[7, 3, 20]])
    moved = placed_copy.subset(range(20), tmp_path / "moved", projection="pca", show_progress=False)
    assert not np.isin(moved.positions, PLACES).any()


def test_positions_of_another_tool_are_recognized_and_it_is_said(capsys: Any, tmp_path: Path) -> None:
    table = pa.table({"text": TEXTS, "projection_x": PLACES[:, 0], "projection_y": PLACES[:, 1]})
    made = explore(table, "text", MODEL, tmp_path / "x", show_progress=True)
    np.testing.assert_array_equal(made.positions, PLACES)
    assert "written by embedding-atlas" in " ".join(capsys.readouterr().err.split())
    own = explore(table, "text", MODEL, tmp_path / "own", projection="pca", show_progress=False)
    assert "projection_x" in own.corpus.table.column_names


def test_our_own_parquet_opens_with_its_map(placed: Exploration, tmp_path: Path) -> None:
    path = placed.save_parquet(tmp_path / "map.parquet", vectors=True)
    made = explore(path, "text", vectors="vector", folder=tmp_path / "x", show_progress=False)
    np.testing.assert_array_equal(made.positions, PLACES)
    np.testing.assert_allclose(made.vectors, VECTORS, atol=1e-6)


# --- options of the projection ---


@pytest.mark.parametrize("options", [{"projection": "pca"}, {"min_dist": 0.5}, {"umap_neighbors": 5}])
def test_an_option_of_the_projection_makes_positions_anew_and_stays(
    options: dict[str, Any], brought_copy: Exploration
) -> None:
    before, positions = made_from(brought_copy), brought_copy.positions
    changed = explore(TEXTS, folder=brought_copy.folder, show_progress=False, **options)
    assert {name for name, digest in made_from(changed).items() if digest != before[name]} == {"positions"}
    assert not np.allclose(changed.positions, positions)
    again = explore(TEXTS, folder=brought_copy.folder, show_progress=False)
    assert made_from(again) == made_from(changed)


def test_stop_words_stand_in_no_name(brought_copy: Exploration) -> None:
    named = [name for layer in brought_copy.topics.names for name in layer]
    word = next(word for word in WORDS if any(word in name.lower() for name in named))
    changed = explore(TEXTS, folder=brought_copy.folder, stop_words=[word.upper()], show_progress=False)
    assert not [name for layer in changed.topics.names for name in layer if word in name.lower()]
    with pytest.raises(TypeError, match="stop_words"):
        explore(TEXTS, folder=brought_copy.folder, stop_words=word, show_progress=False)


# --- the command line ---


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_command_line_takes_vectors_positions_and_an_encoder(tmp_path: Path) -> None:
    table = pa.table({"text": TEXTS, "e": list(VECTORS), "u": PLACES[:, 0], "v": PLACES[:, 1]})
    pq.write_table(table, tmp_path / "a.parquet")
    options = ["--text", "text", "--vectors", "e", "--x", "u", "--y", "v", "--model", "ada", "--encoder", "hash:64"]
    result = run("build", tmp_path / "a.parquet", "--out", tmp_path / "x", *options)
    assert result.exit_code == 0, result.output
    assert "vectors: ada, 64 dimensions, given" in result.output
    assert "the given positions keep" in result.output
    made = open_exploration(tmp_path / "x")
    np.testing.assert_array_equal(made.positions, PLACES)
    assert made.search(TEXTS[5], n=1, mode="semantic")["row"].tolist() == [5]


def test_one_coordinate_alone_is_refused_on_the_command_line(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": TEXTS, "u": PLACES[:, 0]}), tmp_path / "a.parquet")
    result = run("build", tmp_path / "a.parquet", "--text", "text", "--out", tmp_path / "x", "--x", "u")
    assert (result.exit_code, "--x and --y go together" in result.output) == (2, True)
