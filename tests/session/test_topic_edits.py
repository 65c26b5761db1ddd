import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_edits import ListStore

from nomic_explore import Exploration, Topics, explore, open_exploration
from nomic_explore.corpus.distinct import DistinctTexts
from nomic_explore.session import Session
from nomic_explore.session.snapshot import Snapshot
from nomic_explore.session.state import State, StoredDocuments
from nomic_explore.testing import HashEmbedder
from nomic_explore.topics.edits import gather_rows, merge_topics, move_rows, split_by_tree, split_topic
from nomic_explore.topics.hierarchy import cut_tree, grow_tree
from nomic_explore.topics.relabel import RowContents

WORDS = ("trains rails", "buses roads", "soup onions", "bread flour", "violin strings", "drums rhythm")


def make_topics(finest: list[int], parents: list[list[int]], groups: np.ndarray | None = None) -> Topics:
    """Topics of rows by their finest label; `parents` lists for each layer but the first those of its topics."""
    layers = [np.array(finest, dtype=np.int32)]
    for parent in reversed(parents):
        layers.insert(0, np.where(layers[0] >= 0, np.array(parent, dtype=np.int32)[layers[0]], -1).astype(np.int32))
    names = [[f"{at}.{topic}" for topic in range(int(labels.max()) + 1)] for at, labels in enumerate(layers)]
    n = len(finest)
    groups = np.arange(n, dtype=np.int32) if groups is None else groups
    return Topics(
        layers=tuple(layers),
        names=tuple(names),
        keywords=tuple([[name, "shared"] for name in own] for own in names),
        weights=tuple([[1.0, 0.5] for _ in own] for own in names),
        parents=tuple(np.array(own, dtype=np.int32) for own in [[-1] * len(names[0]), *parents]),
        exemplars=tuple(
            [np.flatnonzero(labels == topic)[:2].tolist() for topic in range(len(own))]
            for labels, own in zip(layers, names, strict=True)
        ),
        descriptions=tuple(["said"] * len(own) for own in names),
        confidence=tuple(np.full(len(own), 0.5, dtype=np.float32) for own in names),
        assignment=np.where(layers[-1] >= 0, "soft", "none"),
        strength=np.full(n, 0.25, dtype=np.float32),
        groups=groups,
        merges=np.array([[0, row] for row in range(1, int(groups.max()) + 1)], dtype=np.int32).reshape(-1, 2),
    )


def make_contents(n: int, vectors: np.ndarray | None = None) -> RowContents:
    """Row i is about word i // 2 and lies on a circle."""
    turn = np.arange(n) * 2 * np.pi / n
    unit = np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32) if vectors is None else vectors
    texts = [f"{WORDS[row // 2 % len(WORDS)]} {row}" for row in range(n)]
    return RowContents(np.arange(n), texts, lambda: unit)


# Twelve rows: two coarse topics, four in the middle, six fine ones of two rows each.
TREE = make_topics([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], [[0, 0, 1, 1], [0, 0, 1, 2, 3, 3]])
CONTENTS = make_contents(12)


def labels_of(topics: Topics) -> list[list[int]]:
    return [labels.tolist() for labels in topics.layers]


def check(topics: Topics) -> None:
    """The laws that all topics obey."""
    n_layers = len(topics.layers)
    for at, labels in enumerate(topics.layers):
        numbers = np.unique(labels[labels >= 0])
        assert numbers.tolist() == list(range(len(topics.names[at])))
        assert len(set(topics.names[at])) == len(numbers)
        for column in (topics.keywords, topics.weights, topics.exemplars, topics.descriptions, topics.confidence):
            assert len(column[at]) == len(numbers)
        for keywords, weights in zip(topics.keywords[at], topics.weights[at], strict=True):
            assert len(keywords) == len(weights)
        for topic, rows in enumerate(topics.exemplars[at]):
            assert rows
            assert (labels[rows] == topic).all()
        assert topics.parents[at].dtype == labels.dtype == np.int32
        if at:
            has_topic = labels >= 0
            assert topics.parents[at][labels[has_topic]].tolist() == topics.layers[at - 1][has_topic].tolist()
            assert (topics.layers[at - 1][~has_topic] < 0).all()
    assert ((topics.assignment == "none") == (topics.layers[-1] < 0)).all()
    assert sum(1 for _ in topics.tree().walk()) == 1 + sum(map(len, topics.names))
    assert len(topics.to_pandas()) == sum(len(topics.names[at]) for at in range(n_layers))


# --- one change of a tree --------------------------------------------------------------------------------------------


def test_merged_topics_take_the_place_of_the_largest_and_keep_their_children() -> None:
    merged = merge_topics(TREE, 1, [3, 0], CONTENTS, "both")
    check(merged)
    assert labels_of(merged) == [
        [0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 1, 2, 2, 0, 0, 0, 0],
        TREE.layers[2].tolist(),
    ]
    assert merged.names[1] == ["both", "1.1", "1.2"]
    assert merged.parents[2].tolist() == [0, 0, 1, 2, 0, 0]
    assert (merged.keywords[1][0], merged.weights[1][0]) == (["1.0", "shared"], [1.0, 1.0])
    assert merged.exemplars[1][0] == [0, 8, 1]
    assert merged.descriptions[1] == ["", "said", "said"]
    assert np.isnan(merged.confidence[1]).tolist() == [True, False, False]


def test_a_coarser_topic_left_without_documents_is_gone() -> None:
    merged = merge_topics(TREE, 1, [0, 1, 2, 3], CONTENTS)
    check(merged)
    assert (merged.names[0], merged.names[1]) == (["0.0"], ["1.0"])
    assert merged.names[2] == TREE.names[2]


def test_a_split_parts_the_children_that_cross_it() -> None:
    parts = np.array([0, 1, 1, 0, 0, 0])  # of rows 0 to 5: row 1 and row 2 leave
    split = split_topic(TREE, 0, 0, parts, CONTENTS)
    check(split)
    assert labels_of(split) == [
        [0, 2, 2, 0, 0, 0, 1, 1, 1, 1, 1, 1],
        [0, 4, 4, 0, 1, 1, 2, 2, 3, 3, 3, 3],
        [0, 6, 7, 1, 2, 2, 3, 3, 4, 4, 5, 5],
    ]
    assert split.names[0][:2] == ["0.0", "0.1"]
    assert split.descriptions[0] == ["said", "said", ""]
    assert split.parents[1].tolist() == [0, 0, 1, 1, 2]


def test_parts_are_numbered_by_size_and_named_by_what_sets_them_apart() -> None:
    parts = np.array([2, 2, 1, 0, 0, 0])
    split = split_topic(TREE, 0, 1, parts, CONTENTS, "the rest")
    assert split.layers[0].tolist()[6:] == [2, 2, 3, 1, 1, 1]
    assert split.names[0][1] == "the rest"
    assert any(word in split.names[0][2].lower() for word in ("bread", "flour"))
    assert any(word in split.names[0][3].lower() for word in ("violin", "strings"))


def test_the_tree_parts_a_topic_where_it_parted_last() -> None:
    line = np.array([[0.0], [0.1], [5.0], [9.0], [9.1], [20.0]])
    topics = make_topics([0, 0, 0, 0, 0, 1, 0], [], groups=np.array([0, 1, 2, 3, 4, 5, 2], dtype=np.int32))
    topics = type(topics)(**{**vars(topics), "merges": grow_tree(line)[0]})
    assert split_by_tree(topics, 0, 0, 2).tolist() == [0, 0, 1, 1, 1, 1]
    assert split_by_tree(topics, 0, 0, 99).tolist() == [0, 1, 2, 3, 4, 2]
    assert split_by_tree(topics, 0, 1, 2).tolist() == [0]
    assert cut_tree(topics.merges, 2).tolist() == [0, 0, 0, 0, 0, 1]


def test_moved_documents_join_the_nearest_child_and_leave_nothing_empty() -> None:
    moved = move_rows(TREE, np.array([6, 7]), 0, 0, CONTENTS)
    check(moved)
    assert labels_of(moved) == [
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1],
        [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],
        [0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4],
    ]
    assert moved.names[2] == ["2.0", "2.1", "2.2", "2.4", "2.5"]
    assert moved.assignment.tolist() == ["soft"] * 6 + ["core"] * 2 + ["soft"] * 4
    assert moved.strength.tolist() == [0.25] * 6 + [1.0] * 2 + [0.25] * 4
    back = move_rows(moved, np.array([7]), 2, 4, CONTENTS)
    assert [labels[7] for labels in back.layers] == [1, 2, 4]


def test_gathered_documents_are_one_topic_and_whoever_was_with_them_is_not_in_it() -> None:
    gathered = gather_rows(TREE, np.array([0, 1, 2, 4]), 1, "mine", CONTENTS)
    check(gathered)
    assert labels_of(gathered)[1] == [0, 0, 0, 4, 0, 1, 2, 2, 3, 3, 3, 3]
    assert gathered.names[1][0] == "mine"
    assert gathered.layers[0].tolist() == TREE.layers[0].tolist()
    assert gather_rows(gathered, np.array([0, 1, 2, 4]), 1, "mine", CONTENTS) is gathered
    few = gather_rows(TREE, np.array([8, 0]), 1, "1.3", CONTENTS)
    check(few)
    assert labels_of(few)[1] == [4, 0, 0, 0, 1, 1, 2, 2, 4, 3, 3, 3]
    assert few.names[1] == ["1.0", "1.1", "1.2", "1.3 (2)", "1.3"]
    assert labels_of(few)[0] == [0] * 6 + [1] * 2 + [0] + [1] * 3


def test_gathering_documents_without_a_topic_gives_them_one() -> None:
    lonely = make_topics([0, 0, 1, 1, -1, -1], [[0, 1]])
    contents = make_contents(6)
    for rows, layer in (([4, 5], 0), ([4, 5], 1), ([3, 4], 1), ([3, 4], 0)):
        gathered = gather_rows(lonely, np.array(rows), layer, "mine", contents)
        check(gathered)
        number = gathered.names[layer].index("mine")
        assert np.flatnonzero(gathered.layers[layer] == number).tolist() == rows


def test_a_change_leaves_its_argument_as_it_was() -> None:
    before = TREE.to_pandas().to_dict(), labels_of(TREE), TREE.assignment.tolist()
    merge_topics(TREE, 1, [0, 1], CONTENTS, "x")
    split_topic(TREE, 0, 0, np.array([0, 1, 0, 1, 0, 1]), CONTENTS)
    move_rows(TREE, np.array([0]), 2, 5, CONTENTS)
    gather_rows(TREE, np.array([0, 11]), 2, "x", CONTENTS)
    assert (TREE.to_pandas().to_dict(), labels_of(TREE), TREE.assignment.tolist()) == before


# --- any changes, on a desk without a disk ---------------------------------------------------------------------------


class Desk(Session):
    """A session of which there is only what editing its topics needs."""

    def __init__(self, store: ListStore, computed: Topics, contents: RowContents, ids: list[str]) -> None:
        state = State(Snapshot(store, {"stages": {"documents": {"rows": len(contents.index)}}}))  # type: ignore[arg-type]
        texts = dict(zip(map(str, range(len(contents.texts))), contents.texts, strict=True))
        vars(state).update(  # results that would be read from disk
            computed_topics=computed,
            distinct=DistinctTexts(np.arange(len(texts)), contents.index),
            distinct_vectors=contents.read_vectors(),
            texts=texts,
            documents=StoredDocuments(None, ids, []),
        )
        super().__init__(state)


@st.composite
def trees(draw: st.DrawFn) -> Topics:
    finest = draw(st.lists(st.integers(-1, 5), min_size=4, max_size=14))
    _, finest = np.unique([-1, *finest], return_inverse=True)
    finest = finest[1:] - 1
    n_fine = int(finest.max()) + 1
    if not n_fine:
        finest, n_fine = finest + 1, 1
    parents = []
    for _ in range(draw(st.integers(0, 2))):
        drawn = draw(st.lists(st.integers(0, 2), min_size=n_fine, max_size=n_fine))
        parents.insert(0, np.unique(drawn, return_inverse=True)[1].tolist())
        n_fine = max(parents[0]) + 1
    return make_topics(finest.tolist(), parents)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["merge", "split", "part", "move", "lock", "unlock", "rename", "undo", "redo"]),
        st.integers(0, 2),
        st.lists(st.integers(0, 13), min_size=1, max_size=5),
    ),
    max_size=8,
)


def act(desk: Desk, kind: str, layer: int, numbers: list[int]) -> None:
    """Does it; what the corpus does not allow is refused with a ValueError and changes nothing."""
    layer %= len(desk.topics.layers)
    n_topics = len(desk.topics.names[layer])
    topic, rows = numbers[0] % n_topics, sorted({number % len(desk) for number in numbers})
    has_text = [row for row in rows if desk._state.distinct.inverse[row] >= 0]
    doing = {
        "merge": lambda: desk.topics.merge(layer, [number % n_topics for number in numbers]),
        "split": lambda: desk.topics.split(layer, topic, 2 + numbers[-1] % 2),
        "part": lambda: desk.topics.split(layer, topic, rows=desk.topics.documents(topic, layer)[: len(numbers)]),
        "move": lambda: desk.topics.move(has_text, layer, topic),
        "lock": lambda: desk.topics.lock(layer, topic),
        "unlock": lambda: desk.topics.unlock(layer, topic),
        "rename": lambda: desk.topics.rename(layer, topic, f"name {numbers[-1]}"),
        "undo": desk.undo,
        "redo": desk.redo,
    }
    locked = locked_sets(desk)
    refused = "expected"
    try:
        doing[kind]()
    except ValueError as error:
        refused = str(error)
    assert any(words in refused for words in ("is locked", "expected", "already")), refused
    if kind not in ("lock", "unlock", "undo", "redo"):
        assert locked_sets(desk) == locked


def locked_sets(desk: Desk) -> list[tuple[int, str, tuple[str, ...]]]:
    topics, ids = desk.topics.current, desk._state.ids
    return sorted(
        (layer, topics.names[layer][topic], tuple(sorted(ids[row] for row in topics.documents(topic, layer))))
        for layer, topic in desk.topics.locked
    )


def said(topics: Topics) -> tuple[object, ...]:
    """All of the topics; NaN is equal to itself."""
    return (
        labels_of(topics),
        str(topics.to_pandas().to_dict("list")),
        topics.assignment.tolist(),
        topics.strength.tolist(),
    )


def names_by_id(desk: Desk) -> dict[str, tuple[str, ...]]:
    topics, ids = desk.topics.current, desk._state.ids
    paths = zip(
        *(np.array([*names, ""])[labels] for labels, names in zip(topics.layers, topics.names, strict=True)),
        strict=True,
    )
    return {ids[row]: tuple(map(str, path)) for row, path in enumerate(paths)}


@given(trees(), ACTS)
@settings(deadline=None, max_examples=60)
def test_whatever_is_changed_the_layers_nest_and_undo_restores_exactly(
    computed: Topics, acts: list[tuple[str, int, list[int]]]
) -> None:
    n = len(computed.assignment)
    desk = Desk(ListStore(), computed, make_contents(n), [f"id {row:02}" for row in range(n)])
    steps = [said(desk.topics.current)]
    for kind, layer, numbers in acts:
        if kind in ("undo", "redo"):
            continue
        n_edits = len(desk._state.log)
        act(desk, kind, layer, numbers)
        check(desk.topics.current)
        if len(desk._state.log) > n_edits:
            steps.append(said(desk.topics.current))
    for before in steps[-2::-1]:
        assert desk.undo()
        assert said(desk.topics.current) == before
    assert desk.undo() is None
    for after in steps[1:]:
        assert desk.redo()
        assert said(desk.topics.current) == after


@given(trees(), ACTS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_a_shuffled_corpus_gets_the_same_changes(
    computed: Topics, acts: list[tuple[str, int, list[int]]], random: object
) -> None:
    n = len(computed.assignment)
    contents, ids, store = make_contents(n), [f"id {row:02}" for row in range(n)], ListStore()
    desk = Desk(store, computed, contents, ids)
    for one in acts:
        act(desk, *one)
    order = np.array(random.sample(range(n), n))  # type: ignore[attr-defined]
    shuffled_contents = RowContents(contents.index[order], contents.texts, contents.read_vectors)
    shuffled = Desk(store, computed._to_rows(order, n), shuffled_contents, [ids[row] for row in order])
    check(shuffled.topics.current)
    assert names_by_id(shuffled) == names_by_id(desk)
    assert locked_sets(shuffled) == locked_sets(desk)


@given(trees(), trees(), ACTS)
@settings(deadline=None, max_examples=60)
def test_other_topics_of_another_corpus_take_what_they_can_and_keep_what_is_locked(
    computed: Topics, others: Topics, acts: list[tuple[str, int, list[int]]]
) -> None:
    n, store = len(computed.assignment), ListStore()
    desk = Desk(store, computed, make_contents(n), [f"id {row:02}" for row in range(n)])
    for one in acts:
        act(desk, *one)
    m = len(others.assignment)
    contents = make_contents(m)
    index = np.where(others.layers[-1] >= 0, contents.index, -1)
    anew = Desk(
        store, others, RowContents(index, contents.texts, contents.read_vectors), [f"id {row:02}" for row in range(m)]
    )
    check(anew.topics.current)
    here = {f"id {row:02}" for row in np.flatnonzero(index >= 0)}
    if len(others.layers) >= len(computed.layers):
        expected = [(layer, tuple(sorted(here & set(ids)))) for layer, _, ids in locked_sets(desk)]
        assert sorted((layer, ids) for layer, _, ids in locked_sets(anew)) == sorted(one for one in expected if one[1])


@given(trees(), st.lists(st.tuples(st.booleans(), ACTS), max_size=4))
@settings(deadline=None, max_examples=40)
def test_two_notebooks_find_the_same_topics_after_a_refresh(
    computed: Topics, turns: list[tuple[bool, list[tuple[str, int, list[int]]]]]
) -> None:
    n, store = len(computed.assignment), ListStore()
    desks = [Desk(store, computed, make_contents(n), [f"id {row:02}" for row in range(n)]) for _ in range(2)]
    for is_second, acts in turns:
        for one in acts:
            act(desks[is_second], *one)
    for desk in desks:
        desk.refresh()
    assert said(desks[0].topics.current) == said(desks[1].topics.current)
    check(desks[0].topics.current)


# --- explorations ----------------------------------------------------------------------------------------------------

TEXTS = [f"{WORDS[row % 6]} number {row // 6} of {WORDS[row % 6].split()[0]}" for row in range(90)]


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an exploration of six subjects that nobody has edited."""
    return explore(
        TEXTS, folder=tmp_path_factory.mktemp("subjects") / "x", n_topics=9, model=HashEmbedder(), show_progress=False
    ).folder


@pytest.fixture
def small(untouched: Path, tmp_path: Path) -> Exploration:
    return open_exploration(shutil.copytree(untouched, tmp_path / "x"))


def test_every_change_is_described_and_can_be_undone_and_done_again(small: Exploration) -> None:
    finest = len(small.topics.layers) - 1
    names = list(small.topics.names[finest])
    members = small.topics.documents(0, finest)
    acts = {
        "merged 2 topics into 'Mine'": lambda: small.topics.merge(finest, [names[3], 4], "Mine"),
        f"split topic {names[0]!r} into 3": lambda: small.topics.split(finest, 0, 3),
        f"split 1 document from topic {names[1]!r}": lambda: small.topics.split(
            finest, 1, rows=small.topics.documents(1, finest)[:1]
        ),
        "moved 2 documents to topic 'Mine'": lambda: small.topics.move(members[:2], finest, "Mine"),
        "locked topic 'Mine'": lambda: small.topics.lock(finest, "Mine"),
        "unlocked topic 'Mine'": lambda: small.topics.unlock(finest, "Mine"),
    }
    states = [(said(small.topics.current), small.topics.locked)]
    for change in acts.values():
        change()
        check(small.topics.current)
        states.append((said(small.topics.current), small.topics.locked))
    for description, before in zip(reversed(acts), states[-2::-1], strict=True):
        assert small.undo() == description
        again = open_exploration(small.folder)
        assert (
            (said(small.topics.current), small.topics.locked)
            == before
            == (said(again.topics.current), again.topics.locked)
        )
    for description, after in zip(acts, states[1:], strict=True):
        assert small.redo() == description
        assert (said(small.topics.current), small.topics.locked) == after


def test_changes_are_seen_in_the_frame_and_by_listeners(small: Exploration) -> None:
    told: list[int] = []
    small.on_change(lambda: told.append(len(small.topics.names[-1])))
    finest, n_topics = len(small.topics.layers) - 1, len(small.topics.names[-1])
    small.topics.merge(finest, [0, 1], "Mine")
    frame = small.to_pandas()
    assert told == [n_topics - 1]
    assert (frame["topic_name"] == "Mine").sum() == len(small.topics.documents("Mine"))
    row = int(frame.index[frame["topic_name"] != "Mine"][0])
    small.topics.move(row, finest, "Mine")
    moved = small.to_pandas().loc[row]
    assert (moved["topic_name"], moved["topic_assignment"], moved["topic_strength"]) == ("Mine", "core", 1.0)


def test_without_changes_the_computed_topics_are_shown_and_no_vector_is_read(
    small: Exploration, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nomic_explore.store import vector_tables

    monkeypatch.setattr(vector_tables, "read_vectors", lambda *_: pytest.fail("vectors were read"))
    assert small.topics.current is small._state.computed_topics
    small.topics.lock(0, 0)
    small.topics.merge(len(small.topics.layers) - 1, np.flatnonzero(small.topics.current.parents[-1] == 0).tolist()[:2])
    assert small.topics.locked == [(0, 0)]
    check(small.topics.current)


def test_what_changes_nothing_is_not_written(small: Exploration) -> None:
    small.topics.lock(0, 0)
    n_edits = len(small._state.log)
    small.topics.lock(0, small.topics.names[0][0])
    small.topics.unlock(0, 1)
    small.topics.move(small.topics.documents(0, 0), 0, 0)
    assert len(small._state.log) == n_edits


def test_a_given_name_follows_its_topic_through_a_merge_and_a_split(small: Exploration) -> None:
    finest = len(small.topics.layers) - 1
    small.topics.rename(finest, 0, "Mine")
    members = set(small.topics.documents("Mine"))
    small.topics.split(finest, "Mine")
    assert set(small.topics.documents("Mine")) < members
    small.undo()
    small.topics.merge(finest, [0, 3])
    assert set(small.topics.documents("Mine")) > members
    small.topics.rename(finest, small.topics.find("Mine")[1], "Yours")
    assert set(small.topics.documents("Yours")) > members
    assert sum("Mine" in names for names in small.topics.names) == 0


def test_a_locked_topic_is_left_as_it_is(small: Exploration) -> None:
    finest = len(small.topics.layers) - 1
    fine = int(np.bincount(small.topics.current.parents[-1]).argmax())
    fine, other = np.flatnonzero(small.topics.current.parents[-1] == fine)[:2].tolist()
    coarse = int(small.topics.current.parents[-1][fine])
    members, name = small.topics.documents(fine), small.topics.names[-1][fine]
    outside = next(row for row in range(90) if small.topics.layers[-1][row] not in (fine, other))
    small.topics.lock(finest, fine)
    for change in (
        lambda: small.topics.merge(finest, [fine, other]),
        lambda: small.topics.split(finest, fine),
        lambda: small.topics.rename(finest, fine, "Mine"),
        lambda: small.topics.move([outside], finest, fine),
        lambda: small.topics.move(members[:1], finest, other),
        lambda: small.topics.split(finest - 1, coarse, rows=members[:1]),
    ):
        with pytest.raises(ValueError, match=rf"is locked; topics\.unlock\({finest}, {fine}\) first"):
            change()
    assert small.topics.locked == [(finest, fine)]
    small.topics.unlock(finest, name)
    small.topics.merge(finest, [fine, other])
    assert small.topics.locked == []


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda x: x.topics.merge(0, [0]), ValueError, "expected two or more different topics of layer 0"),
        (lambda x: x.topics.merge(0, [1, 1]), ValueError, "expected two or more different topics"),
        (lambda x: x.topics.merge(0, 1), ValueError, "expected two or more different topics"),
        (lambda x: x.topics.merge(0, [0, 99]), IndexError, "topic=99; expected 0 to"),
        (lambda x: x.topics.merge(9, [0, 1]), IndexError, "layer=9; expected 0 to"),
        (lambda x: x.topics.merge(True, [0, 1]), IndexError, "layer=True; expected its number"),
        (lambda x: x.topics.merge(0, [0, 0.5]), IndexError, "topic=0.5; expected its number or its name"),
        (lambda x: x.topics.merge(0, [0, "no"]), KeyError, "no topic named 'no'"),
        (lambda x: x.topics.merge(0, [0, 1], ""), ValueError, "is not a valid name of a topic"),
        (lambda x: x.topics.merge(1, [0, 1], x.topics.names[1][2]), ValueError, "Topic 2 of layer 1 is called"),
        (lambda x: x.topics.split(0, 0, 1), ValueError, "into=1; expected a whole number of at least 2"),
        (lambda x: x.topics.split(0, 0, 91), ValueError, "into=91; topic .* expected at least 91 different documents"),
        (lambda x: x.topics.split(0, 0, rows=[]), ValueError, "rows are empty; expected some documents of topic"),
        (lambda x: x.topics.split(0, 0, rows=range(90)), ValueError, "of 90 rows, row .* lie outside topic"),
        (lambda x: x.topics.split(0, 0, rows=x.topics.documents(0, 0)), ValueError, "expected a part of them"),
        (lambda x: x.topics.split(0, 0, rows=[90]), IndexError, "row 90 is outside the corpus"),
        (lambda x: x.topics.move([], 0, 0), ValueError, "rows are empty; expected some documents to move"),
        (lambda x: x.topics.lock("x", 0), IndexError, "layer='x'; expected its number"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    small: Exploration, change: object, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        change(small)  # type: ignore[operator]
    assert len(small._state.log) == 0


def test_a_row_without_text_cannot_be_moved(tmp_path: Path) -> None:
    exploration = explore([*TEXTS[:12], None], folder=tmp_path / "x", model=HashEmbedder(), show_progress=False)
    with pytest.raises(ValueError, match="row 12 has no text, so no topic can hold it"):
        exploration.topics.move([3, 12], 0, 0)


def test_changes_last_when_a_grown_and_shuffled_corpus_is_built_again(lesson: Exploration, tmp_path: Path) -> None:
    texts, folder = lesson.corpus.texts, tmp_path / "x"
    exploration = explore(texts[:-30], folder=folder, model=HashEmbedder(), show_progress=False)
    exploration.topics.merge(0, [0, 1], "Both")
    other = int(np.flatnonzero(exploration.topics.layers[0] > 0)[0])
    exploration.topics.move([other], 0, "Both")
    both = {texts[row] for row in exploration.topics.documents("Both")}
    order = np.random.default_rng(0).permutation(len(texts))
    anew = explore([texts[row] for row in order], folder=folder, model=HashEmbedder(), show_progress=False)
    check(anew.topics.current)
    found = {texts[row] for row in order[anew.topics.documents("Both")]}
    assert len(both & found) > 0.5 * len(both | found)
    assert texts[other] in found


def test_a_locked_topic_keeps_its_documents_and_name_when_topics_are_made_anew(small: Exploration) -> None:
    finest = len(small.topics.layers) - 1
    small.topics.rename(finest, 2, "Mine")
    small.topics.move([0, 1, 2, 3], finest, "Mine")
    small.topics.lock(finest, "Mine")
    small.topics.lock(0, 1)
    locked = locked_sets(small)
    for options in ({"seed": 7}, {"n_topics": 4}, {"n_topics": 20, "seed": 3}):
        anew = explore(small.corpus, folder=small.folder, model=HashEmbedder(), show_progress=False, **options)
        check(anew.topics.current)
        held = locked_sets(anew)
        if len(anew.topics.layers) > finest:
            assert held == locked
        assert set(locked[-1][2]) in [set(ids) for _, _, ids in held]


def test_two_notebooks_see_each_others_changes_after_a_refresh(small: Exploration) -> None:
    other, finest = open_exploration(small.folder), len(small.topics.layers) - 1
    assert not other.refresh()
    small.topics.merge(finest, [0, 1], "Left")
    other.topics.lock(finest, 5)
    assert small.refresh()
    assert other.refresh()
    assert said(small.topics.current) == said(other.topics.current)
    assert small.topics.locked == other.topics.locked != []
    assert "Left" in other.topics.names[finest]
    assert other.undo().startswith("locked topic")
