import json
import pickle
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from manifests import edit_manifest

from nomic_explore import Embedder, Exploration, explore, open_exploration
from nomic_explore.store.database import Store
from nomic_explore.testing import HashEmbedder

ROOT = Path(__file__).parents[2]
LESSON = ROOT / "data" / "lesson_sentences.csv"
RESULTS = ["x", "y", "topic", "topic_name", "topic_assignment", "topic_strength", "duplicate_group", "duplicate_role"]


def test_the_frame_has_a_row_for_each_input_row_in_input_order(lesson: Exploration) -> None:
    frame, source = lesson.to_pandas(), pd.read_csv(LESSON)
    assert frame["text"].tolist() == source["text"].tolist()
    assert list(frame.columns) == [
        *source.columns.map({"topic": "topic_input"}.get).where(source.columns == "topic", source.columns),
        *RESULTS,
        "duplicate_of",
        "duplicate_kind",
        "duplicate_similarity",
        "tags",
        "pinned",
    ]
    assert np.isfinite(frame[["x", "y"]]).all(axis=None)
    assert (frame["topic"] >= 0).mean() >= 0.95


def test_every_dropped_row_names_a_kept_row(lesson: Exploration) -> None:
    frame = lesson.to_pandas()
    dropped = frame[frame["duplicate_role"] == "drop"]
    assert len(dropped)
    assert (frame.loc[dropped["duplicate_of"].astype(int), "duplicate_role"] == "keep").all()
    assert frame.loc[frame["duplicate_role"] != "drop", "duplicate_of"].isna().all()


def test_search_by_meaning_needs_none_of_the_words(lesson: Exploration) -> None:
    hits = lesson.search("a telescope that looks at distant galaxies", n=5, mode="semantic")
    assert list(hits.columns) == ["row", "id", "score", "found_by", "similarity", "text"]
    assert hits["similarity"].is_monotonic_decreasing
    assert len(hits) == 5


def test_search_by_words_finds_the_document_that_holds_them(lesson: Exploration) -> None:
    row = int(np.argmax([len(text or "") for text in lesson.corpus.texts]))
    rarest = max(str(lesson.corpus.texts[row]).split(), key=len).strip(".,;:!?")
    assert row in lesson.search(rarest, mode="keyword")["row"].tolist()


def test_both_ways_of_searching_are_merged(lesson: Exploration) -> None:
    row = 10
    hits = lesson.search(str(lesson.corpus.texts[row]), n=3)
    assert hits["row"][0] == row
    assert hits["found_by"][0] == "hybrid"


@pytest.mark.parametrize(("query", "mode"), [("  ", "hybrid"), ("word", "magic")])
def test_a_search_that_makes_no_sense_is_refused(lesson: Exploration, query: str, mode: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        lesson.search(query, mode=mode)


def test_neighbors_are_the_nearest_other_texts(lesson: Exploration) -> None:
    similarities = lesson.vectors @ lesson.vectors[7]
    similarities[7] = -1
    found = lesson.neighbors(7, n=5)
    np.testing.assert_allclose(found["similarity"], np.sort(similarities)[::-1][:5], atol=1e-5)
    assert len(lesson.neighbors(7, n=80)) == 80
    with pytest.raises(IndexError, match="expected 0 to"):
        lesson.neighbors(10**6)


def test_the_selection_arrives_as_a_frame(lesson: Exploration) -> None:
    lesson.select([5, 3, 5])
    assert lesson.selected.index.tolist() == [3, 5]
    lesson.select(np.arange(len(lesson)) == 4)
    assert lesson.selected.index.tolist() == [4]
    lesson.select([])
    assert lesson.selected.empty
    with pytest.raises(IndexError, match="expected 0 to"):
        lesson.select([-1])
    with pytest.raises(IndexError, match="one value per row"):
        lesson.select([True, False])


def test_shuffled_rows_give_the_permuted_result(tmp_path: Path) -> None:
    source = pd.read_csv(LESSON).head(120)
    order = np.random.default_rng(1).permutation(len(source))
    straight = explore(source, "text", folder=tmp_path / "a", model=HashEmbedder(), show_progress=False).to_pandas()
    shuffled = explore(
        source.iloc[order].reset_index(drop=True),
        "text",
        folder=tmp_path / "b",
        model=HashEmbedder(),
        show_progress=False,
    ).to_pandas()
    for column in ("x", "y", "topic", "topic_name", "duplicate_role"):
        assert shuffled[column].tolist() == straight[column].iloc[order].tolist(), column


def test_rows_without_text_stay_in_the_frame_and_off_the_map(tmp_path: Path) -> None:
    texts = pd.DataFrame({"text": ["one cat sat", None, "a dog ran", "  ", "one cat sat"], "n": [1, 2, None, 4, 5]})
    exploration = explore(texts, "text", folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    frame = exploration.to_pandas()
    assert frame["x"].isna().tolist() == [False, True, False, True, False]
    assert frame["topic"].tolist()[1] == -1
    assert frame["duplicate_role"].tolist() == ["keep", "unique", "unique", "unique", "drop"]
    assert frame["duplicate_of"].tolist()[4] == 0
    assert exploration.neighbors(1).empty
    assert not exploration.vectors[1].any()


@pytest.mark.parametrize("n", [1, 2, 3, 10])
def test_a_handful_of_documents_is_enough(tmp_path: Path, n: int) -> None:
    texts = [f"document number {row} about {'trains' if row % 2 else 'soup'}" for row in range(n)]
    exploration = explore(texts, folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    assert np.isfinite(exploration.positions).all()
    assert len(exploration.to_pandas()) == n


def test_identical_documents_are_one_place(tmp_path: Path) -> None:
    exploration = explore(["the same words"] * 30, folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    assert len(np.unique(exploration.positions, axis=0)) == 1
    assert (exploration.duplicates.roles == "drop").sum() == 29


def test_a_second_run_makes_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, folder = pd.read_csv(LESSON).head(60), tmp_path / "x"
    explore(source, "text", folder=folder, model=HashEmbedder(), show_progress=False)
    before = (folder / "manifest.json").read_bytes()
    monkeypatch.setattr(Store, "write_table", lambda *_: pytest.fail("a table was written again"))
    monkeypatch.setattr(Store, "append", lambda *_: pytest.fail("vectors were made again"))
    explore(source, "text", folder=folder, model=HashEmbedder(), show_progress=False)
    assert (folder / "manifest.json").read_bytes() == before


def test_an_added_row_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, folder = pd.read_csv(LESSON)[["text"]].head(60), tmp_path / "x"
    explore(source, "text", folder=folder, model=HashEmbedder(), show_progress=False)
    appended: list[int] = []
    append = Store.append

    def count(store: Store, name: str, table: object) -> None:
        appended.append(table.num_rows)  # type: ignore[attr-defined]
        append(store, name, table)

    monkeypatch.setattr(Store, "append", count)
    changed = source.copy()
    changed.loc[3, "text"] = "A row that was changed."
    changed.loc[60] = ["A row that was added."]
    exploration = explore(changed, "text", folder=folder, model=HashEmbedder(), show_progress=False)
    assert sum(appended) == 2
    assert exploration.to_pandas()["text"].tolist() == changed["text"].tolist()


def test_another_model_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    explore(["one text", "another text"], folder=folder, model=HashEmbedder(), show_progress=False)
    path = folder / "manifest.json"
    edit_manifest(folder, lambda stages: stages["vectors"]["provenance"].update(model="some-other-model"))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"was made with some-other-model .* Choose another folder"):
        explore(["one text", "another text"], model="minilm", folder=folder, show_progress=False)
    assert path.read_bytes() == before
    explore(["one text", "another text"], model="minilm", folder=folder, change_model=True, show_progress=False)
    assert json.loads(path.read_text())["stages"]["vectors"]["provenance"]["model"] == "minilm"


def test_another_corpus_is_refused(tmp_path: Path) -> None:
    explore(["one text", "another text"], folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    with pytest.raises(ValueError, match="holds another corpus"):
        explore(["nothing in common"], folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)


def test_an_unfinished_folder_says_how_to_go_on(tmp_path: Path) -> None:
    explore(["one text", "another text"], folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    edit_manifest(tmp_path / "x", lambda stages: stages.pop("topics"))
    with pytest.raises(ValueError, match=r"is not finished: topics missing. Run the command"):
        open_exploration(tmp_path / "x")


def test_a_corpus_of_blanks_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="null or blank|no text"):
        explore([" ", ""], folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    assert not (tmp_path / "x").exists()


KILLED = """
import os, signal, sys
from nomic_explore import explore
from nomic_explore.store import vector_tables
from nomic_explore.models import local
limit, write = int(sys.argv[2]), vector_tables.append_vectors
def append(*arguments):
    global limit
    write(*arguments)
    limit -= 1
    if limit == 0:
        os.kill(os.getpid(), signal.SIGKILL)
vector_tables.append_vectors = append
local._CHUNK_TOKENS["cpu"] = 1500
words = "the old train crosses a wide valley while rain falls on the roofs of quiet villages and nobody looks up ".split()
texts = [" ".join(words[(row * step) % len(words)] for step in range(20)) + f" {row}" for row in range(200)]
explore(texts, folder=sys.argv[1], show_progress=False)
"""


@pytest.mark.slow
def test_a_killed_build_goes_on_to_the_same_vectors(tmp_path: Path) -> None:
    for folder, limits in (("killed", (1, 1, 0)), ("whole", (0,))):
        for limit in limits:
            ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / folder), str(limit)], check=False)
            assert ended.returncode == (-signal.SIGKILL if limit else 0)
    killed, whole = open_exploration(tmp_path / "killed"), open_exploration(tmp_path / "whole")
    np.testing.assert_array_equal(killed.vectors, whole.vectors)
    np.testing.assert_array_equal(killed.positions, whole.positions)


def test_an_exploration_can_be_moved(lesson: Exploration, tmp_path: Path) -> None:
    shutil.copytree(lesson.folder, tmp_path / "moved")
    pd.testing.assert_frame_equal(open_exploration(tmp_path / "moved").to_pandas(), lesson.to_pandas())


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_saved_table_holds_the_frame(lesson: Exploration, tmp_path: Path, suffix: str) -> None:
    path = lesson.save_table(tmp_path / f"rows.{suffix}")
    read = pd.read_parquet(path) if suffix == "parquet" else pd.read_csv(path, keep_default_na=False)
    assert read["text"].tolist() == lesson.to_pandas()["text"].tolist()
    assert read["topic"].tolist() == lesson.to_pandas()["topic"].tolist()
    with pytest.raises(ValueError, match=r"expected .parquet, .csv or .jsonl"):
        lesson.save_table(tmp_path / "rows.xlsx")


def test_options_that_are_left_out_stay_those_of_the_folder(tmp_path: Path) -> None:
    texts = [f"{subject} number {row}" for row in range(12) for subject in ("trains run", "soup boils")]
    build: dict[str, Any] = {"model": HashEmbedder(), "folder": tmp_path / "x", "show_progress": False}
    made = explore(texts, n_topics=2, n_layers=1, seed=7, **build)
    stages = made.manifest["stages"]
    again = explore(texts, **build)
    assert (again.options.n_topics, again.options.n_layers, again.options.seed) == (2, 1, 7)
    assert again.manifest["stages"] == stages
    assert explore(texts, seed=8, **build).options.n_topics == 2


LONG = [f"matter {n} was discussed at length, " * 60 + f"and in the end it was about {n * n}." for n in range(12)]


@pytest.fixture(scope="module")
def averaged(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """Long texts, embedded in windows and in float32; tests must not change its folder."""
    folder = tmp_path_factory.mktemp("averaged") / "whole"
    model = Embedder("minilm", dtype="float32", long_text="mean")
    return explore(LONG, model=model, folder=folder, name="long", show_progress=False)


@pytest.mark.parametrize("model", [None, "minilm"])
def test_a_folder_keeps_the_format_and_the_windows_of_its_model(
    averaged: Exploration, tmp_path: Path, model: str | None
) -> None:
    folder = shutil.copytree(averaged.folder, tmp_path / "copy")
    grown = explore([*LONG, "one more"], model=model, folder=folder, name="long", show_progress=False)
    provenance = averaged.manifest["stages"]["vectors"]["provenance"]
    assert grown.manifest["stages"]["vectors"]["provenance"] == provenance
    assert (grown.options.dtype, grown.options.long_text) == ("float32", "mean")
    np.testing.assert_array_equal(grown.vectors[:12], averaged.vectors)
    assert len(grown.search("matter 3", n=2)) == 2


def test_a_subset_keeps_the_format_and_the_windows_of_its_model(averaged: Exploration, tmp_path: Path) -> None:
    part = averaged.subset(range(10), tmp_path / "part", show_progress=False)
    assert (part.options.dtype, part.options.long_text) == ("float32", "mean")
    grown = explore([*LONG[:10], "one more"], folder=part.folder, show_progress=False)
    provenance = averaged.manifest["stages"]["vectors"]["provenance"]
    assert grown.manifest["stages"]["vectors"]["provenance"] == provenance


def test_an_exploration_is_pickled_as_its_folder(averaged: Exploration) -> None:
    averaged.to_pandas()
    loaded = pickle.loads(pickle.dumps(averaged))
    assert type(loaded) is Exploration
    assert loaded.folder == averaged.folder.absolute()
    assert loaded.topics.names == averaged.topics.names


def test_a_keep_policy_makes_nothing_anew_when_the_same_build_runs_again(tmp_path: Path) -> None:
    texts = [
        "The engine needs less fuel on long flights",
        "the engine needs less fuel on long flights!",
        "A recipe for bread",
    ]
    build: dict[str, Any] = {"model": HashEmbedder(), "folder": tmp_path / "x", "show_progress": False}
    made = explore(texts, keep="shortest", **build)
    again = explore(texts, keep="shortest", **build)
    assert again.manifest["stages"] == made.manifest["stages"]
