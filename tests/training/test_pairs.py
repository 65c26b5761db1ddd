"""Pairs: made from columns, lines, neighbors, labels and verdicts; what is dropped is counted; no text is in both parts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nomic_explore import Exploration, build_graph, read_corpus
from nomic_explore.training.held_out import split_pairs
from nomic_explore.training.pairs import Pairs, join_pairs, make_pairs, pairs_from_columns, pairs_from_first_line
from nomic_explore.training.related_pairs import pairs_from_labels, pairs_from_neighbors
from nomic_explore.training.verdict_pairs import pairs_from_duplicates, pairs_from_topics

WORDS = st.sampled_from([f"text number {at}" for at in range(12)])


def test_each_kind_of_useless_pair_is_dropped_and_counted() -> None:
    queries = ["a title", None, "a title", "  ", "abc", "Same text!", "another"]
    documents = ["its body", "a body", "its body", "a body", "a body", "same  text", "other body"]
    pairs = make_pairs(queries, documents, "all")
    assert pairs.queries == ["a title", "another"]
    assert pairs.dropped == {"empty": 2, "repeated": 1, "too short": 1, "equal sides": 1}
    assert len(pairs) + sum(pairs.dropped.values()) == len(queries)


def test_the_same_pair_may_come_from_two_sources() -> None:
    assert len(make_pairs(["a title"] * 2, ["its body"] * 2, ["one", "two"])) == 2


def test_pairs_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 queries, 1 documents, 2 sources; expected as many of each"):
        make_pairs(["a", "b"], ["c"], "all")
    with pytest.raises(ValueError, match=r"pairs differ in length \(.*'negatives': 0"):
        Pairs(["a"], ["b"], np.array(["all"]), negatives=[])


@pytest.mark.parametrize("kind", ["dict", "pandas", "polars", "arrow", "corpus"])
def test_columns_of_any_frame_make_the_same_pairs(kind: str) -> None:
    import polars as pl
    import pyarrow as pa

    columns = {"title": ["Cats", None, "Dogs"], "body": ["They purr.", "None.", "They bark."], "site": ["a", "b", "c"]}
    makers = {"dict": dict, "pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.table}
    table = read_corpus(columns, text="title") if kind == "corpus" else makers[kind](columns)
    pairs = pairs_from_columns(table, "title", "body", source="site")
    assert list(zip(pairs.queries, pairs.documents, pairs.sources.tolist(), strict=True)) == [
        ("Cats", "They purr.", "a"),
        ("Dogs", "They bark.", "c"),
    ]
    assert pairs.dropped == {"empty": 1}
    assert pairs_from_columns(table, "title", "body").sources.tolist() == ["title/body"] * 2


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    with pytest.raises(KeyError, match="there is no column 'question'; there are title, body"):
        pairs_from_columns({"title": ["a"], "body": ["b"]}, "question", "body")


@pytest.mark.parametrize(
    ("text", "first", "rest"),
    [
        ("A title\n\nThe body. It goes on.", "A title", "The body. It goes on."),
        ("One sentence. Another one.", "One sentence.", "Another one."),
        ("Dr. Who travels. He has a box.", "Dr. Who travels.", "He has a box."),
        ("It is, e.g. in winter, cold. In summer it is not.", "It is, e.g. in winter, cold.", "In summer it is not."),
        ("貓坐在墊子上。狗在叫，叫得很響。", "貓坐在墊子上。", "狗在叫，叫得很響。"),
    ],
)
def test_a_text_is_cut_after_its_first_line_or_sentence(text: str, first: str, rest: str) -> None:
    pairs = pairs_from_first_line([text])
    assert (pairs.queries, pairs.documents) == ([first], [rest])


def test_neighbors_are_paired_once_if_each_is_near_the_other_and_they_are_no_duplicates() -> None:
    angles = np.radians([0, 20, 45, 90, 91, 180])
    graph = build_graph(np.stack([np.cos(angles), np.sin(angles)], axis=1), n_neighbors=2)
    texts = ["first text", "second", "third text of all", "fourth text", "fifth text", "sixth text"]
    pairs = pairs_from_neighbors(texts, graph, n_neighbors=1)
    assert (pairs.queries, pairs.documents) == (["second"], ["first text"])  # the shorter one asks
    assert pairs.dropped == {"near-duplicates": 1}  # the fourth and the fifth


def test_neighbors_need_one_text_for_each_row_of_the_graph() -> None:
    with pytest.raises(ValueError, match="texts has 2 rows"):
        pairs_from_neighbors(["one text", "two texts"], build_graph(np.eye(3)))


def test_texts_are_paired_within_their_label_and_each_is_asked_once() -> None:
    texts = ["red cat", "old cat", "new cat", "my train", "a train", "alone here", "no label", None, "red cat "]
    labels = ["cat", "cat", "cat", "train", "train", "house", None, "cat", "cat"]
    pairs = pairs_from_labels(texts, labels)
    assert sorted(pairs.queries) == sorted(pairs.documents) == sorted(texts[:5])
    of_text = dict(zip(texts, labels, strict=True))
    assert [of_text[document] for document in pairs.documents] == pairs.labels.tolist()
    assert pairs.dropped == {"without a label": 1, "alone with its label": 1, "empty": 1, "repeated": 1}
    assert len(pairs_from_labels(texts, labels, n_each=5)) == 3 * 2 + 2 * 1


@given(st.permutations(range(9)))
def test_the_order_of_the_texts_does_not_change_who_is_paired_with_whom(order: list[int]) -> None:
    texts, labels = [f"text number {at}" for at in range(9)], ["one", "two", "two"] * 3
    made = pairs_from_labels(texts, labels)
    again = pairs_from_labels([texts[at] for at in order], [labels[at] for at in order])
    assert set(zip(made.queries, made.documents, strict=True)) == set(zip(again.queries, again.documents, strict=True))


def test_another_seed_pairs_other_texts() -> None:
    texts = [f"text number {at}" for at in range(30)]
    one, two = (pairs_from_labels(texts, ["all"] * 30, seed=seed) for seed in (1, 2))
    assert set(zip(one.queries, one.documents, strict=True)) != set(zip(two.queries, two.documents, strict=True))


@given(st.lists(st.tuples(WORDS, WORDS), max_size=30), st.floats(0.0, 1.0), st.integers(0, 9))
def test_no_text_is_in_both_parts_of_a_split(sides: list[tuple[str, str]], share: float, seed: int) -> None:
    pairs = make_pairs([query for query, _ in sides], [document for _, document in sides], "all")
    train, held = split_pairs(pairs, share, seed=seed)
    assert not {*train.queries, *train.documents} & {*held.queries, *held.documents}
    between = train.dropped.get("share a text with the held-out", 0)
    assert len(train) + len(held) + between == len(pairs)


def test_a_share_of_each_source_is_held_out() -> None:
    titles = [f"title {at}" for at in range(100)]
    pairs = make_pairs(titles, [f"body {at}" for at in range(100)], ["large"] * 80 + ["small"] * 20)
    train, held = split_pairs(pairs, 0.1)
    assert np.unique(held.sources, return_counts=True)[1].tolist() == [8, 2]
    assert len(train) == 90
    assert split_pairs(pairs.take(np.arange(100)[::-1]), 0.1)[1].queries == held.queries[::-1]


def test_a_document_that_was_held_out_stays_so_when_the_corpus_grows() -> None:
    titles, bodies = [f"title {at}" for at in range(200)], [f"body {at}" for at in range(200)]
    small, large = (make_pairs(titles[:n], bodies[:n], "all") for n in (190, 200))
    assert len(set(split_pairs(small)[1].documents) - set(split_pairs(large)[1].documents)) <= 2


def test_pairs_are_equal_after_a_trip_through_pandas() -> None:
    pairs = Pairs(["a cat"], ["It purrs."], np.array(["pets"]), [["It barks."]], np.array(["cat"]))
    again = Pairs.from_pandas(pairs.to_pandas())
    assert again.to_pandas().equals(pairs.to_pandas())
    assert (again.negatives, again.labels.tolist()) == ([["It barks."]], ["cat"])


def test_joined_pairs_keep_their_sources_labels_and_what_was_dropped() -> None:
    labeled = pairs_from_labels(["red cat", "old cat", "none"], ["cat", "cat", None])
    plain = make_pairs(["a title", ""], ["its body", "body"], "papers")
    joined = join_pairs([plain, labeled])
    assert joined.sources.tolist() == ["papers", "labels", "labels"]
    assert joined.labels.tolist() == ["", "cat", "cat"]
    assert joined.dropped == {"empty": 1, "without a label": 1}
    assert len(join_pairs([])) == 0


def test_taking_no_pair_leaves_none() -> None:
    assert len(make_pairs(["a title"], ["its body"], "papers").take([])) == 0


def test_a_notebook_shows_how_many_pairs_each_source_has() -> None:
    assert "papers" in make_pairs(["a title"], ["its body"], "papers")._repr_html_()


def test_duplicates_belong_together_and_distinct_documents_are_hard_negatives(hashed_copy: Exploration) -> None:
    texts = hashed_copy.corpus.texts
    before = len(pairs_from_duplicates(hashed_copy))
    hashed_copy.duplicates.label([0, 2], "drop", other=4)
    hashed_copy.duplicates.label(0, "distinct", other=9)
    pairs = pairs_from_duplicates(hashed_copy)
    assert len(pairs) == before + 3  # a ring of three
    at = pairs.queries.index(texts[0])
    assert pairs.documents[at] in {texts[2], texts[4]}
    assert pairs.negatives is not None
    assert pairs.negatives[at] == [texts[9]]
    assert pairs.dropped["distinct from a document without duplicates"] == 1


def test_a_pair_marked_as_distinct_is_not_made_although_both_duplicate_a_third(hashed_copy: Exploration) -> None:
    texts = hashed_copy.corpus.texts
    hashed_copy.duplicates.label([0, 2], "drop", other=4)
    hashed_copy.duplicates.label(0, "distinct", other=2)
    pairs = pairs_from_duplicates(hashed_copy, n_each=2)
    made = set(zip(pairs.queries, pairs.documents, strict=True))
    assert (texts[0], texts[4]) in made
    assert not made & {(texts[0], texts[2]), (texts[2], texts[0])}
    assert pairs.dropped["marked as distinct"] == 2


def test_the_last_verdict_on_two_documents_counts(hashed_copy: Exploration) -> None:
    hashed_copy.duplicates.label(0, "distinct", other=4)
    hashed_copy.duplicates.label(0, "drop", other=4)
    assert pairs_from_duplicates(hashed_copy).negatives is None


def test_documents_of_merged_topics_belong_together(hashed_copy: Exploration) -> None:
    alone = set(pairs_from_topics(hashed_copy, layer=0).labels.tolist())
    hashed_copy.topics.merge(0, [0, 1], name="Both")
    pairs = pairs_from_topics(hashed_copy, layer=0)
    labels = set(pairs.labels.tolist())
    assert len(labels) == len(alone) - 1
    assert any(label.endswith(": Both") for label in labels)
    with pytest.raises(IndexError, match="layer=9; there are 3 layers of topics"):
        pairs_from_topics(hashed_copy, layer=9)
