"""Consistency filtering: planted wrong pairs are found, right ones stay, and ranks are those of a plain count."""

import numpy as np
import pytest

from nomic_explore.testing import HashEmbedder
from nomic_explore.training import filtering
from nomic_explore.training.filtering import deal_blocks, filter_pairs
from nomic_explore.training.pairs import Pairs, make_pairs


def synthetic_pairs(n: int, *, seed: int = 0, source: str = "synthetic") -> Pairs:
    """Pairs as titles and abstracts are: the query holds four words of its document and one of everybody's."""
    rng = np.random.default_rng(seed)
    common = [f"common{at}" for at in range(30)]
    queries, documents = [], []
    for at in range(n):
        own = [f"word{at % 40}", *(f"rare{number}" for number in rng.integers(0, 4 * n, 5))]
        documents.append(" ".join([*own, *rng.choice(common, 5)]))
        queries.append(" ".join([*own[:4], rng.choice(common)]))
    return make_pairs(queries, documents, source)


def plant_wrong(pairs: Pairs, share: float, seed: int = 1) -> tuple[Pairs, np.ndarray]:
    """Returns pairs of which a share has each the document of another, and (n,) bool which these are."""
    rows = np.random.default_rng(seed).choice(len(pairs), round(share * len(pairs)), replace=False)
    documents = list(pairs.documents)
    for row, other in zip(rows.tolist(), np.roll(rows, 1).tolist(), strict=True):
        documents[row] = pairs.documents[other]
    return Pairs(pairs.queries, documents, pairs.sources), np.isin(np.arange(len(pairs)), rows)


def test_wrong_pairs_are_found_and_right_ones_stay() -> None:
    pairs, is_wrong = plant_wrong(synthetic_pairs(600), 0.1)
    kept, report = filter_pairs(pairs, HashEmbedder(256))
    is_kept = report["is_kept"].to_numpy()
    assert is_kept[is_wrong].mean() <= 0.2
    assert is_kept[~is_wrong].mean() >= 0.9
    assert kept.queries == [query for query, stays in zip(pairs.queries, is_kept.tolist(), strict=True) if stays]
    assert kept.dropped == {"beyond rank 2": int((~is_kept).sum())}


def test_the_rank_counts_the_distinct_documents_that_are_more_similar() -> None:
    pairs = synthetic_pairs(60)
    pairs = Pairs(pairs.queries, pairs.documents[:40] + pairs.documents[:20], pairs.sources)
    _, report = filter_pairs(pairs, HashEmbedder())
    queries, documents = HashEmbedder().encode(pairs.queries), HashEmbedder().encode(sorted(set(pairs.documents)))
    own = [sorted(set(pairs.documents)).index(document) for document in pairs.documents]
    scores = queries @ documents.T
    by_hand = [1 + int((row > row[column]).sum()) for row, column in zip(scores, own, strict=True)]
    assert report["rank"].tolist() == by_hand
    assert set(report["n_documents"]) == {40}
    np.testing.assert_allclose(report["similarity"], scores[np.arange(60), own], atol=1e-6)


def test_small_pieces_of_the_product_give_the_same_ranks(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, _ = plant_wrong(synthetic_pairs(80), 0.2)
    whole = filter_pairs(pairs, HashEmbedder())[1]
    monkeypatch.setattr(filtering, "_BLOCK", 7 * 80)
    assert filter_pairs(pairs, HashEmbedder())[1]["rank"].tolist() == whole["rank"].tolist()


def test_sources_are_searched_apart() -> None:
    both = Pairs(["red cat"] * 2, ["a cat", "red cat"], np.array(["one", "two"]))
    assert filter_pairs(both, HashEmbedder(), n_best=1)[1]["rank"].tolist() == [1, 1]
    together = Pairs(both.queries, both.documents, np.array(["one", "one"]))
    assert filter_pairs(together, HashEmbedder(), n_best=1)[1]["rank"].tolist() == [2, 1]


def test_a_source_larger_than_the_sample_is_dealt_into_equal_blocks() -> None:
    sources = np.array(["large"] * 25 + ["small"] * 3)
    blocks = deal_blocks(sources, 10, seed=1)
    assert [len(rows) for rows in blocks] == [9, 8, 8, 3]
    assert sorted(np.concatenate(blocks).tolist()) == list(range(28))
    _, report = filter_pairs(synthetic_pairs(25), HashEmbedder(), sample=10)
    assert sorted(set(report["n_documents"])) == [8, 9]


def test_documents_of_the_same_label_are_no_rivals() -> None:
    pairs = Pairs(["red cat"] * 2, ["a cat", "red cat"], np.array(["all"] * 2), labels=np.array(["cats", "cats"]))
    assert filter_pairs(pairs, HashEmbedder(), n_best=1)[1]["rank"].tolist() == [1, 1]


def test_queries_and_documents_get_the_tasks_of_a_search() -> None:
    asked: list[str] = []

    class Listening(HashEmbedder):
        def encode_chunks(self, texts, task="clustering", done=None):
            asked.append(task)
            return super().encode_chunks(texts, task, done)

    filter_pairs(synthetic_pairs(5), Listening())
    assert asked == ["search_query", "search_document"]


def test_a_function_may_embed() -> None:
    kept, _ = filter_pairs(synthetic_pairs(5), lambda texts: HashEmbedder().encode(texts), show_progress=True)
    assert len(kept) == 5


def test_no_pair_is_no_error() -> None:
    kept, report = filter_pairs(make_pairs([], [], "none"), HashEmbedder())
    assert (len(kept), len(report)) == (0, 0)


@pytest.mark.parametrize("option", ["n_best", "sample"])
def test_a_number_out_of_range_is_refused(option: str) -> None:
    with pytest.raises(ValueError, match=f"{option}=0; expected a whole number of at least 1"):
        filter_pairs(synthetic_pairs(5), HashEmbedder(), **{option: 0})
