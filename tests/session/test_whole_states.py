"""Readers see one whole state, the old one or the new one, whatever happens to a build; and what is damaged is noticed and mended."""

import contextlib
import itertools
import pickle
import random
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from manifests import edit_manifest
from typer.testing import CliRunner

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.cli.main import app
from nomic_explore.store.database import Store
from nomic_explore.store.errors import DamagedTableError
from nomic_explore.testing import HashEmbedder

WORDS = "river bank violin python garden engine".split()
TEXTS = [f"the {WORDS[n % 6]} of {WORDS[n * 5 % 6]} is number {n} of {n * 7 % 13}" for n in range(40)]
OPTIONS: dict[str, Any] = {"show_progress": False, "name": "texts"}

# Each way to build an exploration again: texts, and options of `explore`.
REBUILDS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "appended": ([*TEXTS, "one more river"], {}),
    "removed and changed": ([*TEXTS[5:], "another bank", "another violin"], {}),
    "re-ordered": (TEXTS[::-1], {}),
    "other options": (TEXTS, {"n_topics": 3, "min_dist": 0.4, "min_similarity": 0.95}),
    "another model": (TEXTS, {"model": HashEmbedder(32), "change_model": True}),
}


def contents(exploration: Exploration) -> list[Any]:
    """All that a reader can see, in a form that compares exactly."""
    return [
        exploration.corpus.texts,
        exploration.vectors.tobytes(),
        exploration.graph.neighbors.tobytes(),
        exploration.graph.similarities.tobytes(),
        exploration.positions.tobytes(),
        [layer.tolist() for layer in exploration.topics.layers],
        exploration.topics.names,
        exploration.duplicates.roles.tolist(),
        exploration.duplicates.keepers.tolist(),
    ]


def read(folder: Path) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a newer state is under way
        return contents(open_exploration(folder))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "old"
    explore(TEXTS, model=HashEmbedder(), folder=folder, **OPTIONS)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "folder"))


class Killed(BaseException):
    """What stands for the end of the process."""


def kill_at(monkeypatch: pytest.MonkeyPatch, place: int) -> Callable[[], int]:
    """Ends the process at the n-th write, before or after it; returns how many writes there were."""
    count = itertools.count()
    n_writes = [0]

    def guard(method: Callable[..., Any]) -> Callable[..., Any]:
        def write(*arguments: Any, **options: Any) -> Any:
            if next(count) == place:
                raise Killed
            result = method(*arguments, **options)
            n_writes[0] = after = next(count)
            if after == place:
                raise Killed
            return result

        return write

    for name in ("write_table", "append", "index_words", "write_manifest", "write_building", "end_building"):
        monkeypatch.setattr(Store, name, guard(getattr(Store, name)))
    return lambda: n_writes[0] + 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", REBUILDS)
def test_a_build_that_ends_at_any_write_leaves_the_old_state_or_the_new_one(
    kind: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, options = REBUILDS[kind]
    old, undisturbed = read(made), Path(shutil.copytree(made, tmp_path / "undisturbed"))
    with monkeypatch.context() as patched:
        n_writes = kill_at(patched, -1)
        explore(texts, folder=undisturbed, **OPTIONS, **options)
    new = read(undisturbed)
    assert n_writes() >= 8
    for place in range(0, n_writes(), 3):
        folder = Path(shutil.copytree(made, tmp_path / f"killed {place}"))
        with monkeypatch.context() as patched, pytest.raises(Killed):
            kill_at(patched, place)
            explore(texts, folder=folder, **OPTIONS, **options)
        assert read(folder) in (old, new), place
        explore(texts, folder=folder, **OPTIONS, **options)
        assert read(folder) == new, place
        shutil.rmtree(folder)


def test_an_interrupted_first_build_does_not_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched, pytest.raises(Killed):
        kill_at(patched, 11)
        explore(TEXTS, model=HashEmbedder(), folder=tmp_path / "x", **OPTIONS)
    with pytest.raises(ValueError, match=r"is not finished: .*topics.* missing. Run the command that builds it again"):
        open_exploration(tmp_path / "x")
    explore(TEXTS, model=HashEmbedder(), folder=tmp_path / "x", **OPTIONS)


def test_an_interrupted_rebuild_is_pointed_out_and_the_old_state_is_used(
    folder: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, options = REBUILDS["appended"]
    with monkeypatch.context() as patched, pytest.raises(Killed):
        kill_at(patched, 9)
        explore(texts, folder=folder, **OPTIONS, **options)
    with pytest.warns(UserWarning, match="is being built again, or that was interrupted. This is its last whole state"):
        opened = open_exploration(folder)
    assert contents(opened) == read(made)
    opened.tags.add([3], "kept")
    assert explore(texts, folder=folder, **OPTIONS).tags.rows("kept").tolist() == [3]


@pytest.mark.parametrize("kind", REBUILDS)
def test_an_open_exploration_reads_one_state_until_it_is_refreshed(kind: str, folder: Path, made: Path) -> None:
    texts, options = REBUILDS[kind]
    opened = open_exploration(folder)
    assert opened.corpus.texts == TEXTS  # a part is read before, the rest after
    built = explore(texts, folder=folder, **OPTIONS, **options)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert contents(opened) == read(made)
        opened.to_pandas()
    assert len([each for each in told if "refresh() takes the newer state" in str(each.message)]) == 1
    assert opened.refresh()
    assert contents(opened) == contents(built)
    assert not opened.refresh()


def test_a_table_is_removed_when_nobody_reads_it_any_more(folder: Path) -> None:
    opened, before = open_exploration(folder), set(Store(folder).table_names())
    texts, options = REBUILDS["removed and changed"]
    explore(texts, folder=folder, **OPTIONS, **options)
    assert before <= set(Store(folder).table_names())
    assert len(opened.graph) == len(TEXTS)
    del opened
    explore(texts, folder=folder, n_topics=3, **OPTIONS)
    left = set(Store(folder).table_names()) & before
    assert {name.partition("_")[0] for name in left} == {"vectors"}


def test_a_map_of_an_earlier_state_asks_to_be_shown_again(folder: Path) -> None:
    opened = open_exploration(folder)
    atlas = opened.map(panels=False)
    explore(REBUILDS["appended"][0], folder=folder, **OPTIONS)
    opened.refresh()
    with pytest.raises(ValueError, match="shows an earlier state of the exploration; show it again"):
        atlas.answers.answer("describe", {"point": 0})


def test_a_change_of_the_working_directory_is_harmless(
    folder: Path, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    opened = open_exploration("folder")
    monkeypatch.chdir("/")
    assert contents(opened) == read(made)
    assert contents(pickle.loads(pickle.dumps(opened))) == read(made)
    assert opened.search(TEXTS[4], n=1, mode="semantic")["row"].tolist() == [4]
    opened.tags.add([1], "seen")
    assert open_exploration(folder).tags.rows("seen").tolist() == [1]


def test_an_append_writes_no_stored_vector_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    appended: list[int] = []
    append = Store.append
    monkeypatch.setattr(
        Store, "append", lambda self, name, table: (appended.append(table.num_rows), append(self, name, table))[1]
    )
    explore([*TEXTS, "one more river", "one more bank"], folder=folder, **OPTIONS)
    assert appended == [2]


# --- damage ---


def flip(path: Path, place: float) -> None:
    """Flips one bit of a file."""
    content = bytearray(path.read_bytes())
    at = int(place * (len(content) * 8 - 1))
    content[at // 8] ^= 1 << at % 8
    path.write_bytes(bytes(content))


def files_of(folder: Path) -> Iterator[Path]:
    """The files that hold the state; the log of edits is another matter."""
    return (
        path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size and path.name != "lock"
    )


def check(folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", str(folder)])
    return result.exit_code, result.output


def test_check_finds_nothing_in_a_whole_folder(folder: Path) -> None:
    exit_code, output = check(folder)
    assert exit_code == 0
    assert {line.split()[0] for line in output.splitlines()} == {"ok"}
    assert "vectors of 40 texts" in output


def test_check_says_what_is_no_exploration(tmp_path: Path) -> None:
    assert check(tmp_path)[0] == 2
    assert check(tmp_path / "nowhere")[0] == 2


def damaged_copies(folder: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Copies of a folder with one bit flipped in each, one for each file."""
    chance = random.Random(3)
    for number, path in enumerate(files_of(folder)):
        copy = Path(shutil.copytree(folder, tmp_path / str(number)))
        flip(copy / path.relative_to(folder), chance.random())
        yield path.relative_to(folder).as_posix(), copy
        shutil.rmtree(copy)


@pytest.mark.slow
def test_a_flipped_bit_is_noticed_and_building_again_mends_it(made: Path, tmp_path: Path) -> None:
    whole = read(made)
    for name, copy in damaged_copies(made, tmp_path):
        is_harmless = False
        with contextlib.suppress(DamagedTableError, ValueError):
            is_harmless = read(copy) == whole
        exit_code, output = check(copy)
        assert exit_code == 3 or is_harmless, name
        if exit_code == 3:
            assert "damaged" in output
        explore(TEXTS, folder=copy, model=HashEmbedder(), **OPTIONS)
        assert read(copy) == whole, name
        assert check(copy)[0] == 0, name


def test_only_the_damaged_vectors_are_embedded_again(folder: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = next((folder / "tables").glob("vectors_*.lance/data/*"))
    content = bytearray(data.read_bytes())
    at = content.find(np.ascontiguousarray(open_exploration(made)._state.distinct_vectors[7]).tobytes()[:64])
    assert at > 0
    content[at + 5] ^= 8
    data.write_bytes(bytes(content))
    with pytest.raises(DamagedTableError, match="1 vectors are missing or not what was written"):
        _ = open_exploration(folder).vectors
    appended: list[int] = []
    append = Store.append
    monkeypatch.setattr(
        Store, "append", lambda self, name, table: (appended.append(table.num_rows), append(self, name, table))[1]
    )
    explore(TEXTS, folder=folder, **OPTIONS)
    assert appended == [1]
    assert read(folder) == read(made)


def test_a_table_that_is_gone_is_made_again_and_edits_stay(folder: Path, made: Path, capsys: Any) -> None:
    open_exploration(folder).tags.add([4], "kept")
    gone = next((folder / "tables").glob("graph_*.lance"))
    shutil.rmtree(gone)
    with pytest.raises(DamagedTableError, match="it makes again what can be made again, and keeps vectors and edits"):
        _ = open_exploration(folder).graph
    again = explore(TEXTS, folder=folder, name="texts", show_progress=True)
    assert " ".join(capsys.readouterr().err.split()).count(f"{gone.stem} damaged, made again") == 1
    assert contents(again) == read(made)
    assert again.tags.rows("kept").tolist() == [4]


def test_topics_that_are_made_again_keep_the_names_of_a_language_model(folder: Path) -> None:
    exploration = open_exploration(folder)
    exploration.topics.name_with(lambda evidence: (f"named {evidence.keywords[0]}", ""))
    names = exploration.topics.names
    assert any(name.startswith("named ") for layer in names for name in layer)
    shutil.rmtree(next((folder / "tables").glob("topic_tree_*.lance")))
    again = explore(TEXTS, folder=folder, name="texts", show_progress=False)
    assert again.topics.names == names


@pytest.mark.parametrize(
    "change",
    [
        lambda stages: stages["documents"].update(rows="many"),
        lambda stages: stages["graph"].update(recall=None),
        lambda stages: stages.update(topics=7),
        lambda stages: stages["vectors"].pop("provenance"),
        lambda stages: stages["positions"].pop("made_from"),
    ],
)
def test_a_manifest_with_impossible_values_is_refused(folder: Path, change: Callable[[Any], object]) -> None:
    with pytest.raises(ValueError, match="is damaged"):
        edit_manifest(folder, change)
    with pytest.raises(ValueError, match="is damaged"):
        open_exploration(folder)


def test_a_folder_that_an_earlier_version_left_mixed_is_refused(tmp_path: Path) -> None:
    golden = Path(__file__).parents[1] / "data" / "exploration-format1" / "exploration"
    folder = Path(shutil.copytree(golden, tmp_path / "old"))
    manifest = folder / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    vectors = open_exploration(folder).manifest["stages"]["vectors"]["made_from"]
    manifest.write_text(text.replace(vectors, "0" * len(vectors)), encoding="utf-8")
    with pytest.raises(ValueError, match="is a mixture: an earlier version was interrupted while it built the folder"):
        open_exploration(folder)
