import shutil
import subprocess
import sys
import weakref
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.session import edit_log
from nomic_explore.session.edit_log import EditLog
from nomic_explore.session.edits import PALETTE
from nomic_explore.testing import HashEmbedder

TEXTS = [f"{subject} {verb} {row}" for row in range(10) for subject, verb in (("trains", "run"), ("soup", "boils"))]


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small exploration that nobody has edited."""
    return explore(
        TEXTS, folder=tmp_path_factory.mktemp("small") / "x", model=HashEmbedder(), show_progress=False
    ).folder


@pytest.fixture
def small(untouched: Path, tmp_path: Path) -> Exploration:
    return open_exploration(shutil.copytree(untouched, tmp_path / "x"))


def again(exploration: Exploration) -> Exploration:
    """The same exploration in another notebook."""
    return open_exploration(exploration.folder)


def everything(exploration: Exploration) -> tuple[object, ...]:
    tagged = {name: exploration.tags[name].tolist() for name in exploration.tags}
    tags = exploration.tags.to_pandas().to_dict()
    return (tags, tagged, exploration.pins.rows.tolist(), dict(exploration.views), exploration.topics.names)


# --- tags ------------------------------------------------------------------------------------------------------------


def test_a_tag_lasts_and_is_seen_in_the_frame(small: Exploration) -> None:
    small.tags.add([2, 5], "spam")
    small.tags.add(5, " ham ", color="#ABCDEF")
    small.pins.add([7])
    for exploration in (small, again(small)):
        frame = exploration.to_pandas()
        assert frame["tags"][5] == ["spam", "ham"]
        assert frame["tags"].map(len).sum() == 3
        assert frame.index[frame["pinned"]].tolist() == [7]
        expected = {"tag": ["spam", "ham"], "color": [PALETTE[0], "#abcdef"], "documents": [2, 1]}
        assert exploration.tags.to_pandas().to_dict("list") == expected
    assert small.tags.rows("spam").dtype == np.int64


def test_colours_differ_until_the_palette_is_used_up(small: Exploration) -> None:
    for number in range(9):
        small.tags.create(f"tag {number}")
    assert small.tags.to_pandas()["color"].tolist() == [*PALETTE, PALETTE[0]]
    small.tags.delete("tag 3")
    small.tags.create("tag 9")
    assert small.tags.to_pandas()["color"].tolist()[-1] == PALETTE[3]


def test_renaming_a_tag_keeps_its_place_and_renaming_it_onto_another_merges_them(small: Exploration) -> None:
    small.tags.add([1, 2], "a")
    small.tags.add([2, 3], "b")
    small.tags.rename("a", "c")
    assert small.tags.to_pandas()["tag"].tolist() == ["c", "b"]
    small.tags.rename("c", "b")
    assert small.tags.to_pandas().to_dict("list") == {"tag": ["b"], "color": [PALETTE[1]], "documents": [3]}
    assert small.undo() == "merged tag 'c' into 'b'"
    assert small.tags.rows("c").tolist() == [1, 2]


def test_what_changes_nothing_is_not_written(small: Exploration) -> None:
    small.tags.add([1, 2], "a", color="#000000")
    small.pins.add(3)
    small.views["v"] = {"zoom": 2}
    told: list[int] = []
    small.on_change(lambda: told.append(1))
    small.tags.add([2], "a", color="#000000")
    small.tags.remove([5], "a")
    small.tags.create("a")
    small.tags.rename("a", "a")
    small.tags.recolor("a", "#000000")
    small.pins.add([3])
    small.pins.remove([4])
    small.views["v"] = {"zoom": 2}
    small.topics.rename(0, 0, small.topics.names[0][0])
    small.topics.rename(0, 0, "")
    assert told == []
    assert small.undo() == "saved view 'v'"


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\nb", "a\x00", "\ud800", 3, None])
def test_a_name_that_cannot_be_shown_is_refused(small: Exploration, name: str) -> None:
    for act in (
        lambda: small.tags.add([1], name),
        lambda: small.tags.create(name),
        lambda: small.views.update({name: {}}),
    ):
        with pytest.raises(ValueError, match="expected 1 to 80 characters|one line of text"):
            act()


@pytest.mark.parametrize("color", ["red", "#12345", "#12345g", "#1234567", 3])
def test_only_hexadecimal_colours_are_taken(small: Exploration, color: str) -> None:
    small.tags.create("a")
    for act in (lambda: small.tags.add([1], "a", color=color), lambda: small.tags.recolor("a", color)):
        with pytest.raises(ValueError, match="expected one like '#e69f00'"):
            act()


def test_an_unknown_name_is_answered_with_those_known(small: Exploration) -> None:
    with pytest.raises(ValueError, match="There is no tag 'a'; there is none yet"):
        small.tags.rows("a")
    small.tags.create("b")
    small.views["w"] = {}
    for act in (
        lambda: small.tags.remove([1], "a"),
        lambda: small.tags.rename("a", "c"),
        lambda: small.tags.recolor("a", "#000000"),
        lambda: small.tags.delete("a"),
        lambda: small.tags.rows("a"),
    ):
        with pytest.raises(ValueError, match="There is no tag 'a'; there are: 'b'"):
            act()
    with pytest.raises(KeyError, match="There is no view 'a'; there are: 'w'"):
        del small.views["a"]


# --- rows ------------------------------------------------------------------------------------------------------------


def test_rows_come_in_every_shape_that_a_frame_gives(small: Exploration) -> None:
    frame = small.to_pandas()
    chosen = frame[frame.index.isin([9, 4, 6])]
    mask = frame.index.isin([4, 6, 9])
    hits = small.search("trains", n=3)
    for rows, expected in (
        ([9, 4, 6, 4], [9, 4, 6]),
        (np.int32(4), [4]),
        (range(4, 6), [4, 5]),
        (mask, [4, 6, 9]),
        (mask.tolist(), [4, 6, 9]),
        (pd.Series(mask).astype("boolean"), [4, 6, 9]),
        (pd.Series(mask).sort_index(ascending=False), [4, 6, 9]),
        (pd.Series([4, 9], dtype="Int64"), [4, 9]),
        (chosen, [4, 6, 9]),
        (chosen.index, [4, 6, 9]),
        (frame.iloc[:0], []),
        ([], []),
        (hits, hits["row"].tolist()),
    ):
        assert small._state.rows_of(rows).tolist() == expected


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        ([20], IndexError, "row 20 is outside the corpus; expected 0 to 19"),
        ([-1], IndexError, "row -1 is outside the corpus"),
        ([True], IndexError, r"the mask has shape \(1,\); expected \(20,\)"),
        ([0.5], TypeError, "rows hold 0.5.*; expected row numbers, ids, a mask"),
        (["a"], IndexError, "no row has the id 'a'; expected ids such as"),
        ([[1, 2]], TypeError, "expected row numbers"),
        (pd.Series([1, None], dtype="Int64"), TypeError, "expected row numbers"),
        (pd.DataFrame({"text": ["a"]}, index=["x"]), IndexError, "no row has the id 'x'"),
    ],
)
def test_rows_that_are_none_are_refused(small: Exploration, rows: object, error: type[Exception], words: str) -> None:
    for act in (small.pins.add, small.select, lambda rows: small.tags.add(rows, "a")):
        with pytest.raises(error, match=words):
            act(rows)
    assert small.tags.to_pandas().empty


# --- pins and views --------------------------------------------------------------------------------------------------


def test_pins_keep_their_order(small: Exploration) -> None:
    small.pins.add([7, 3])
    small.pins.add([5, 7])
    assert small.pins.rows.tolist() == [7, 3, 5]
    small.pins.remove(3)
    assert again(small).pins.rows.tolist() == [7, 5]


def test_a_saved_view_comes_back_and_cannot_be_changed_by_its_reader(small: Exploration) -> None:
    view = {"center": (0.5, 1), "filters": {"topic": ["a"]}}
    small.views["mine"] = view
    small.views["mine"]["filters"]["topic"].append("b")
    view["center"] = None
    for exploration in (small, again(small)):
        assert exploration.views == {"mine": {"center": [0.5, 1], "filters": {"topic": ["a"]}}}


@pytest.mark.parametrize("view", [[1], "x", {"a": np.zeros(2)}, {"a": float("nan")}, {"a": "\ud800"}])
def test_a_view_that_json_cannot_hold_is_refused(small: Exploration, view: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="the view"):
        small.views["mine"] = view
    assert small.views == {}


# --- undo and redo ---------------------------------------------------------------------------------------------------


def test_every_kind_of_edit_can_be_undone_and_done_again(small: Exploration) -> None:
    name = small.topics.names[0][0]
    acts = {
        "tagged 3 documents 'a'": lambda: small.tags.add([1, 2, 3], "a"),
        "took tag 'a' from 1 document": lambda: small.tags.remove([1], "a"),
        "created tag 'b'": lambda: small.tags.create("b"),
        "renamed tag 'a' to 'c'": lambda: small.tags.rename("a", "c"),
        "gave tag 'b' the color #123456": lambda: small.tags.recolor("b", "#123456"),
        "merged tag 'c' into 'b'": lambda: small.tags.rename("c", "b"),
        "deleted tag 'b'": lambda: small.tags.delete("b"),
        f"renamed topic {name!r} to 'Mine'": lambda: small.topics.rename(0, 0, "Mine"),
        "took the name 'Mine' back": lambda: small.topics.rename(0, 0, ""),
        "pinned 2 documents": lambda: small.pins.add([4, 2]),
        "unpinned 1 document": lambda: small.pins.remove([4]),
        "saved view 'v'": lambda: small.views.update(v={"zoom": 1}),
        "deleted view 'v'": lambda: small.views.pop("v"),
    }
    states = [everything(small)]
    for act in acts.values():
        act()
        states.append(everything(small))
    for description, before in zip(reversed(acts), states[-2::-1], strict=True):
        assert small.undo() == description
        assert everything(small) == before == everything(again(small))
    assert small.undo() is None
    for description, after in zip(acts, states[1:], strict=True):
        assert small.redo() == description
        assert everything(small) == after == everything(again(small))
    assert small.redo() is None


def test_a_new_edit_leaves_nothing_to_redo(small: Exploration) -> None:
    small.tags.create("a")
    small.undo()
    small.tags.create("b")
    assert small.redo() is None
    assert small.tags.to_pandas()["tag"].tolist() == ["b"]


def test_undo_leaves_the_edits_of_another_notebook_alone(small: Exploration) -> None:
    other = again(small)
    small.tags.add([1, 2], "a")
    other.refresh()
    other.tags.add([2, 3], "a")
    small.refresh()
    assert small.undo() == "tagged 2 documents 'a'"
    assert small.undo() is None
    other.refresh()
    assert small.tags.rows("a").tolist() == other.tags.rows("a").tolist() == [2, 3]


def test_edits_of_an_earlier_session_are_undone_after_those_of_this_one(small: Exploration) -> None:
    small.tags.add([1, 2], "a")
    small.pins.add([4])
    later = again(small)
    later.tags.add([3], "b")
    assert later.undo() == "tagged 1 document 'b'"
    assert later.undo() == "pinned 1 document"
    assert later.undo() == "tagged 2 documents 'a'"
    assert later.undo() is None
    assert later.redo() == "tagged 2 documents 'a'"
    assert again(small).undo() == "tagged 2 documents 'a'"


def test_undo_in_an_open_notebook_spares_what_another_wrote_after_it_was_opened(small: Exploration) -> None:
    first, second = again(small), again(small)
    first.tags.add([1], "a")
    second.refresh()
    assert second.undo() is None
    assert second.tags.rows("a").tolist() == [1]


class ListStore:
    """A store that keeps one table in memory."""

    def __init__(self) -> None:
        self.tables: list[pa.Table] = []
        self.folder = self.root = Path(mkdtemp())
        weakref.finalize(self, shutil.rmtree, self.folder)

    def table_names(self) -> list[str]:
        return ["edits"] if self.tables else []

    def append(self, _: str, table: pa.Table) -> None:
        self.tables.append(table)

    def read_table(self, _: str) -> pa.Table:
        return pa.concat_tables(reversed(self.tables))  # rows of a table come in no particular order

    def count_rows(self, _: str) -> int:
        return len(self.tables)

    def merge_files(self, _: str) -> None: ...

    def manifest_stamp(self) -> tuple[int, int]:
        return (0, 0)


NAMES = st.sampled_from(["a", "b", "c"])
ROWS = st.lists(st.integers(0, 5), unique=True).map(lambda rows: np.array(rows, dtype=np.int64))
COLORS = st.sampled_from([None, "#000000", "#ffffff"])
ACTS = st.one_of(
    st.tuples(st.just("tag"), ROWS, st.fixed_dictionaries({"name": NAMES, "color": COLORS})),
    st.tuples(st.sampled_from(["untag", "create_tag", "delete_tag"]), ROWS, st.fixed_dictionaries({"name": NAMES})),
    st.tuples(
        st.just("rename_tag"), ROWS, st.fixed_dictionaries({"name": NAMES, "new": NAMES, "merges": st.booleans()})
    ),
    st.tuples(st.just("color_tag"), ROWS, st.fixed_dictionaries({"name": NAMES, "color": st.just("#123456")})),
    st.tuples(st.sampled_from(["pin", "unpin"]), ROWS, st.just({})),
    st.tuples(st.just("save_view"), ROWS, st.fixed_dictionaries({"name": NAMES, "view": st.just({"zoom": 1})})),
    st.tuples(st.just("delete_view"), ROWS, st.fixed_dictionaries({"name": NAMES})),
    st.tuples(
        st.just("rename_topic"),
        ROWS,
        st.just({"name": "x", "old": "y", "layer": 0, "size": 1, "n_rows": 20, "replaces": []}),
    ),
    st.sampled_from(["undo", "redo"]),
)


def contents(log: EditLog) -> tuple[object, ...]:
    state = log.state
    tags = [(name, tag.color, tag.mask.tolist()) for name, tag in state.tags.items()]
    return (tags, list(state.pinned), list(state.views.items()), list(state.renames))


def do(log: EditLog, act: object) -> None:
    if isinstance(act, str):
        getattr(log, act)()
    else:
        kind, rows, details = act
        log.add(kind, rows, **details)


@given(st.lists(ACTS, max_size=25))
@settings(deadline=None)
def test_undoing_all_restores_the_start_and_redoing_all_the_end(acts: list[object]) -> None:
    log = EditLog(ListStore(), list("uvwxyz"))
    start = contents(log)
    for act in acts:
        do(log, act)
    while log.redo() is not None:
        pass
    end = contents(log)
    steps = [end]
    while log.undo() is not None:
        steps.append(contents(log))
    assert steps[-1] == start
    while log.redo() is not None:
        steps.pop()
        assert contents(log) == steps[-1]
    assert contents(log) == end


@given(st.lists(st.tuples(st.integers(0, 1), ACTS), max_size=25))
@settings(deadline=None)
def test_all_who_read_a_log_find_the_same_state(acts: list[tuple[int, object]]) -> None:
    store = ListStore()
    logs = [EditLog(store, list("uvwxyz")) for _ in range(2)]
    for number, act in acts:
        do(logs[number], act)
    for log in logs:
        log.refresh()
    assert contents(logs[0]) == contents(logs[1]) == contents(EditLog(store, list("uvwxyz")))
    shuffled = EditLog(store, list("zyxwvu")).state
    assert {name: tag.mask.tolist()[::-1] for name, tag in shuffled.tags.items()} == {
        name: tag.mask.tolist() for name, tag in logs[0].state.tags.items()
    }


# --- the log ---------------------------------------------------------------------------------------------------------


def test_two_notebooks_see_both_their_edits_after_a_refresh(small: Exploration) -> None:
    other = again(small)
    assert not other.refresh()
    small.tags.add([1], "a")
    other.tags.add([2], "b")
    assert other.tags.to_pandas()["tag"].tolist() == ["b"]
    assert small.refresh()
    assert other.refresh()
    assert not small.refresh()
    assert everything(small) == everything(other)
    assert set(small.tags.to_pandas()["tag"]) == {"a", "b"}


TAGGING = """
import sys
from nomic_explore import open_exploration
exploration = open_exploration(sys.argv[1])
len(exploration.tags)
print("ready", flush=True)
sys.stdin.readline()
for number in range(25):
    exploration.tags.add([number % 20], f"{sys.argv[2]} {number}")
"""


def test_processes_that_write_at_once_lose_nothing(small: Exploration) -> None:
    command = [sys.executable, "-c", TAGGING, str(small.folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([*command, name], **pipes) for name in ("left", "right")]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        process.communicate()
        assert process.returncode == 0
    expected = {f"{name} {number}" for name in ("left", "right") for number in range(25)}
    assert set(small.tags.to_pandas()["tag"]) == expected
    assert sorted(path.name for path in (small.folder / "tables").iterdir() if path.suffix != ".lance") == []


def test_a_log_that_another_process_makes_at_the_same_moment_is_kept(
    small: Exploration, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = again(small)
    assert small.tags.to_pandas().empty
    assert other.tags.to_pandas().empty
    other.tags.create("theirs")
    with monkeypatch.context() as patch:
        patch.setattr(small._state.store, "table_names", lambda: [])
        small.tags.create("mine")
    assert set(again(small).tags.to_pandas()["tag"]) == {"theirs", "mine"}


def test_an_append_is_tried_again_when_another_came_first(small: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    small.tags.create("a")
    table = type(small._state.store._open("edits"))
    add, refused = table.add, iter(["lance error: Retryable commit conflict", "lance error: Too large"])

    def refuse(self: object, *arguments: object, **named: object) -> object:
        if (words := next(refused, None)) is not None:
            raise RuntimeError(words)
        return add(self, *arguments, **named)

    monkeypatch.setattr(table, "add", refuse)
    with pytest.raises(RuntimeError, match="Too large"):
        small.tags.create("b")
    assert small.tags.to_pandas()["tag"].tolist() == ["a"]
    small.tags.create("c")
    assert again(small).tags.to_pandas()["tag"].tolist() == ["a", "c"]


def test_a_folder_that_may_not_be_written_keeps_what_it_has(small: Exploration) -> None:
    small.tags.add([1], "a")
    small.folder.chmod(0o555)
    try:
        with pytest.raises(PermissionError, match="is read-only"):
            small.tags.add([2], "a")
        with pytest.raises(PermissionError, match="is read-only"):
            small.undo()
        assert small.tags.rows("a").tolist() == again(small).tags.rows("a").tolist() == [1]
    finally:
        small.folder.chmod(0o755)
    assert small.undo() == "tagged 1 document 'a'"


def test_a_folder_that_is_gone_is_not_made_anew(small: Exploration) -> None:
    small.tags.create("a")
    shutil.rmtree(small.folder)
    with pytest.raises(FileNotFoundError, match="No folder"):
        small.tags.create("b")
    with pytest.raises(ValueError, match="'edits' of .* cannot be read"):
        small.refresh()
    assert not small.folder.exists()


def test_many_edits_make_few_files(small: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_log, "_MERGE_EVERY", 10)
    for number in range(35):
        small.tags.create(str(number))
    assert small._state.store._open("edits").stats()["fragment_stats"]["num_fragments"] < 10
    assert again(small).tags.to_pandas()["tag"].tolist() == [str(number) for number in range(35)]


def test_edits_keep_their_order_when_clocks_stand_still_or_differ(
    small: Exploration, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        year_now = 2100

        @classmethod
        def now(cls, zone: object = None) -> datetime:
            return datetime(cls.year_now, 1, 1, tzinfo=zone)  # type: ignore[arg-type]

    monkeypatch.setattr(edit_log, "datetime", Clock)
    small.tags.add([1, 2], "a")
    small.tags.remove([1], "a")
    Clock.year_now = 2000
    other = again(small)
    other.tags.delete("a")
    other.tags.add([3], "a")
    assert again(small).tags.rows("a").tolist() == [3]
    times = small._state.store.read_table("edits")["time"].to_pylist()
    assert len(set(times)) == 4
    assert sorted(times)[0] == "2100-01-01T00:00:00.000+00:00"


def test_a_kind_of_edit_from_a_later_version_is_passed_over(small: Exploration) -> None:
    EditLog(small._state.store, small.corpus.ids).add("draw_arrow", np.array([1]), start=3)
    small.tags.create("a")
    assert again(small).tags.to_pandas()["tag"].tolist() == ["a"]


def test_listeners_are_told_of_every_change_until_they_leave(small: Exploration) -> None:
    other, told = again(small), []
    leave = small.on_change(lambda: told.append(len(small.tags)))
    small.tags.create("a")
    small.undo()
    small.redo()
    other.tags.create("b")
    small.refresh()
    small.refresh()
    assert told == [1, 0, 1, 2]
    leave()
    leave()
    small.tags.create("c")
    assert told == [1, 0, 1, 2]


# --- what lasts when the exploration is built again ------------------------------------------------------------------


def test_tags_stay_with_their_documents_when_the_input_is_shuffled_and_cut(small: Exploration) -> None:
    small.tags.add([3, 4, 19], "a")
    small.pins.add([19, 3])
    order = np.random.default_rng(0).permutation(19)
    shuffled = explore([TEXTS[row] for row in order], folder=small.folder, model=HashEmbedder(), show_progress=False)
    texts = shuffled.corpus.texts
    assert {texts[row] for row in shuffled.tags.rows("a")} == {TEXTS[3], TEXTS[4]}
    assert [texts[row] for row in shuffled.pins.rows] == [TEXTS[3]]
    whole = explore(TEXTS, folder=small.folder, model=HashEmbedder(), show_progress=False)
    assert whole.tags.rows("a").tolist() == [3, 4, 19]
    assert whole.pins.rows.tolist() == [19, 3]


def test_a_topic_keeps_its_name_when_topics_are_made_anew(lesson: Exploration, tmp_path: Path) -> None:
    folder = shutil.copytree(lesson.folder, tmp_path / "x")
    exploration = open_exploration(folder)
    coarse = exploration.topics.to_pandas().query("layer == 0")
    topic = int(coarse.loc[coarse["size"].idxmax(), "topic"])
    members = set(np.flatnonzero(exploration.topics.layers[0] == topic))
    exploration.topics.rename(0, topic, "Mine")
    anew = explore(exploration.corpus, folder=folder, seed=7, n_neighbors=20, show_progress=False)
    places = [(layer, names.index("Mine")) for layer, names in enumerate(anew.topics.names) if "Mine" in names]
    assert len(places) == 1
    found = set(np.flatnonzero(anew.topics.layers[places[0][0]] == places[0][1]))
    assert len(found & members) > 0.5 * len(members)
    assert anew.to_pandas()["topic_name"].notna().all()


def test_a_renamed_topic_is_shown_by_its_name_everywhere(small: Exploration) -> None:
    finest = len(small.topics.layers) - 1
    computed = small.topics.names[finest][0]
    small.topics.rename(finest, 0, " Mine ")
    assert small.topics.names[finest][0] == "Mine"
    assert (small.to_pandas().query("topic == 0")["topic_name"] == "Mine").all()
    small.topics.rename(finest, 0, "Yours")
    small.topics.rename(finest, 0, "")
    assert small.topics.names[finest][0] == computed
    small.undo()
    small.undo()
    assert again(small).topics.names[finest][0] == "Mine"


def test_a_topic_that_is_not_there_or_a_name_that_is_taken_is_refused(lesson: Exploration) -> None:
    for layer, topic, words in (
        (9, 0, "layer=9; expected 0 to"),
        (0, 99, "topic=99; expected 0 to"),
        (0, True, "topic=True"),
    ):
        with pytest.raises(IndexError, match=words):
            lesson.topics.rename(layer, topic, "x")
    with pytest.raises(ValueError, match="Topic 1 of layer 0 is called .* already"):
        lesson.topics.rename(0, 0, lesson.topics.names[0][1])
    with pytest.raises(ValueError, match="expected 0 to 80 characters"):
        lesson.topics.rename(0, 0, "x" * 81)


@pytest.fixture
def renamed(lesson: Exploration, tmp_path: Path) -> Iterator[Exploration]:
    """The lesson with its first coarse topic called "Mine"."""
    exploration = open_exploration(shutil.copytree(lesson.folder, tmp_path / "x"))
    exploration.topics.rename(0, 0, "Mine")
    return exploration


def shown_names(exploration: Exploration, layers: tuple[np.ndarray, ...]) -> list[str]:
    """All topic names as they would be if the topics had these layers; their computed names are "0", "1" …"""
    from nomic_explore.topics.tracking import rename_topics

    names = tuple([str(topic) for topic in range(int(labels.max()) + 1)] for labels in layers)
    topics = replace(exploration._state.computed_topics, layers=layers, names=names)
    return [name for layer in rename_topics(topics, exploration._state.edits.renames).names for name in layer]


def test_a_name_finds_its_topic_among_others_and_sleeps_without_it(renamed: Exploration) -> None:
    labels = renamed.topics.layers[0]
    members = np.flatnonzero(labels == 0)
    assert shown_names(renamed, ((labels + 1) % 3, labels)).count("Mine") == 1
    partly, fewer = np.ones_like(labels), np.ones_like(labels)
    partly[members[: int(0.8 * len(members))]] = 0
    fewer[members[: int(0.3 * len(members))]] = 0
    fewer[members[int(0.3 * len(members)) :]] = np.arange(len(members) - int(0.3 * len(members))) % 3 + 2
    assert shown_names(renamed, (partly,)) == ["Mine", "1"]
    assert "Mine" not in shown_names(renamed, (fewer,))
    assert "Mine" not in shown_names(renamed, (np.full_like(labels, -1), np.arange(len(labels), dtype=np.int32)))
    assert shown_names(renamed, (labels,))[0] == "Mine"


def test_a_topic_that_is_its_parents_only_child_gets_its_own_name(renamed: Exploration) -> None:
    labels = renamed.topics.layers[0]
    n_topics = int(labels.max()) + 1
    names = shown_names(renamed, (labels, labels))
    assert [names[0], names[n_topics]] == ["Mine", "0"]


def test_a_given_name_that_is_computed_for_another_topic_stays_unique(renamed: Exploration) -> None:
    renamed.topics.rename(0, 0, "1")
    assert shown_names(renamed, (renamed.topics.layers[0],))[:2] == ["1", "1 (2)"]


# --- parts of an exploration -----------------------------------------------------------------------------------------


def test_a_saved_table_holds_the_rows_asked_for(small: Exploration, tmp_path: Path) -> None:
    small.tags.add([5], "a")
    read = pd.read_parquet(small.save_table(tmp_path / "rows.parquet", rows=[5, 2]))
    assert read["text"].tolist() == [TEXTS[5], TEXTS[2]]
    assert [list(tags) for tags in read["tags"]] == [["a"], []]
    read = pd.read_csv(small.save_table(tmp_path / "rows.csv", rows=np.arange(20) == 5))
    assert read["tags"].tolist() == ['["a"]']
    assert read["pinned"].tolist() == [False]


def test_a_subset_takes_vectors_and_tags_along_and_embeds_nothing(
    small: Exploration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nomic_explore.models import Embedder

    small.tags.add([5, 6, 8], "a", color="#123456")
    small.tags.add([1], "b")
    monkeypatch.setattr(Embedder, "encode_chunks", lambda *_, **__: pytest.fail("a text was embedded again"))
    rows = [8, 5, 4, 2, 11, 13]
    part = small.subset(rows, tmp_path / "part", name="part", n_neighbors=3, show_progress=False)
    np.testing.assert_array_equal(part.vectors, small.vectors[rows])
    assert part.corpus.ids == [small.corpus.ids[row] for row in rows]
    assert part.manifest["stages"]["vectors"]["provenance"] == small.manifest["stages"]["vectors"]["provenance"]
    assert part.name == "part"
    assert part.manifest["stages"]["graph"]["n_neighbors"] == 3
    assert part.tags.to_pandas().to_dict("list") == {"tag": ["a"], "color": ["#123456"], "documents": [2]}
    assert part.tags.rows("a").tolist() == [0, 1]
    assert part.undo() is None
    part.tags.delete("a")
    same = small.subset(rows, tmp_path / "part", name="part", n_neighbors=3, show_progress=False)
    assert same.tags.to_pandas().empty
    assert small.tags.to_pandas()["tag"].tolist() == ["a", "b"]


def test_vectors_made_on_another_machine_are_taken_over_too(small: Exploration, tmp_path: Path) -> None:
    small.manifest["stages"]["vectors"]["provenance"]["dtype"] = "of another machine"
    part = small.subset([1, 2, 3], tmp_path / "part", show_progress=False)
    np.testing.assert_array_equal(part.vectors, small.vectors[1:4])
    assert part.manifest["stages"]["vectors"]["provenance"]["dtype"] == "of another machine"


def test_a_subset_of_nothing_or_onto_itself_is_refused(small: Exploration, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none of the 0 rows has a text"):
        small.subset([], tmp_path / "part")
    assert not (tmp_path / "part").exists()
    with pytest.raises(ValueError, match="choose another folder for a part of it"):
        small.subset([1], small.folder)
