"""Hard negatives: the nearest wrong documents, none that is right or nearly so, as many for every pair."""

import numpy as np
import pytest
from test_filtering import synthetic_pairs

from nomic_explore.models.encoder import Encoder
from nomic_explore.testing import HashEmbedder
from nomic_explore.training.hard_negatives import mine_hard_negatives
from nomic_explore.training.pairs import Pairs, make_pairs


def embed_by(similarities: dict[str, float]) -> Encoder:
    """An encoder in two dimensions whose queries lie at 1 and whose documents have these cosines to them."""

    class Cosines:
        def encode_query(self, texts: list[str]) -> np.ndarray:
            return np.array([[1.0, 0.0]] * len(texts))

        def encode(self, texts: list[str]) -> np.ndarray:
            cosines = np.array([similarities.get(text, 0.5) for text in texts])
            return np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1)

    return Cosines()


SIMILARITIES = {"right": 0.8, "also right": 0.79, "hard": 0.7, "harder": 0.75, "far off": 0.1, "farther": 0.05}
PAIRS = make_pairs([f"query {at}" for at in range(6)], list(SIMILARITIES), "all")


def test_the_hardest_that_are_not_nearly_as_similar_as_the_right_one_are_taken() -> None:
    mined, report = mine_hard_negatives(PAIRS, embed_by(SIMILARITIES), n_negatives=2, n_candidates=3)
    assert mined.negatives is not None
    assert mined.negatives[0] == ["harder", "hard"]
    assert report.loc[0, ["n_mined", "n_too_similar", "n_random"]].tolist() == [2, 1, 0]
    assert report.loc[0, "similarity"] == pytest.approx(0.8)


def test_random_documents_fill_up_and_are_no_refused_candidates() -> None:
    mined, report = mine_hard_negatives(PAIRS, embed_by(SIMILARITIES), n_negatives=4, n_candidates=3)
    assert mined.negatives is not None
    assert mined.negatives[0][:2] == ["harder", "hard"]
    assert sorted(mined.negatives[0][2:]) == ["far off", "farther"]
    assert report.loc[0, ["n_mined", "n_too_similar", "n_random", "n_repeated"]].tolist() == [2, 1, 2, 0]


def test_too_few_documents_are_repeated_and_counted() -> None:
    mined, report = mine_hard_negatives(PAIRS, embed_by(SIMILARITIES), n_negatives=7, n_candidates=3)
    assert mined.negatives is not None
    assert mined.negatives[0][4:] == mined.negatives[0][:3]
    assert report.loc[0, ["n_mined", "n_random", "n_repeated"]].tolist() == [2, 2, 3]


def test_a_stricter_margin_never_refuses_fewer() -> None:
    pairs = synthetic_pairs(60)
    refused = [
        mine_hard_negatives(pairs, HashEmbedder(), margin=margin)[1]["n_too_similar"].to_numpy()
        for margin in (1.0, 0.9, 0.5)
    ]
    assert (refused[0] <= refused[1]).all()
    assert (refused[1] <= refused[2]).all()


def test_below_zero_the_margin_lies_below_the_similarity_too() -> None:
    cosines = {"right": -0.5, "above": -0.49, "below": -0.6}
    pairs = Pairs(["query", "other", "third"], list(cosines), np.array(["all"] * 3))
    mined, _ = mine_hard_negatives(pairs, embed_by(cosines), n_negatives=1)
    assert mined.negatives is not None
    assert mined.negatives[0] == ["below"]


def test_every_pair_gets_as_many_and_never_its_own_document() -> None:
    pairs = synthetic_pairs(60)
    pairs = Pairs(pairs.queries, pairs.documents[:50] + pairs.documents[:10], pairs.sources)
    mined, report = mine_hard_negatives(pairs, HashEmbedder())
    assert mined.negatives is not None
    for document, negatives in zip(mined.documents, mined.negatives, strict=True):
        assert len(negatives) == 7
        assert document not in negatives
    assert (report[["n_given", "n_mined", "n_random", "n_repeated"]].sum(axis=1) == 7).all()


def test_mined_negatives_are_the_nearest_by_a_plain_sort() -> None:
    pairs = synthetic_pairs(60)
    mined, report = mine_hard_negatives(pairs, HashEmbedder())
    scores = HashEmbedder().encode(pairs.queries) @ HashEmbedder().encode(pairs.documents).T
    assert mined.negatives is not None
    for row, negatives in enumerate(mined.negatives):
        order = [at for at in np.argsort(-scores[row], kind="stable").tolist() if at != row][:20]
        by_hand = [pairs.documents[at] for at in order if scores[row, at] < 0.95 * scores[row, row]][:7]
        assert negatives[: report.loc[row, "n_mined"]] == by_hand


def test_documents_of_an_equal_query_or_of_the_same_label_are_no_negatives() -> None:
    documents = ["right", "hard", "harder", "far off"]
    labels = np.array(["one", "", "one", ""])
    pairs = Pairs(["same", "same", "other", "third"], documents, np.array(["all"] * 4), labels=labels)
    mined, _ = mine_hard_negatives(pairs, embed_by(SIMILARITIES), n_negatives=1)
    assert mined.negatives is not None
    assert mined.negatives[0] == ["far off"]


def test_negatives_come_from_the_same_source() -> None:
    pairs = Pairs(PAIRS.queries, PAIRS.documents, np.array(["one", "two"] * 3))
    mined, _ = mine_hard_negatives(pairs, embed_by(SIMILARITIES), n_negatives=2)
    source_of = dict(zip(pairs.documents, pairs.sources.tolist(), strict=True))
    assert mined.negatives is not None
    for source, negatives in zip(mined.sources.tolist(), mined.negatives, strict=True):
        assert {source_of[text] for text in negatives} == {source}


def test_negatives_that_people_judged_stay_first_and_are_not_mined_again() -> None:
    given = [["harder"], *([] for _ in range(5))]
    pairs = Pairs(PAIRS.queries, PAIRS.documents, PAIRS.sources, given)
    mined, report = mine_hard_negatives(pairs, embed_by(SIMILARITIES), n_negatives=2, n_candidates=3)
    assert mined.negatives is not None
    assert mined.negatives[0] == ["harder", "hard"]
    assert report.loc[0, ["n_given", "n_mined"]].tolist() == [1, 1]
    assert given[0] == ["harder"]


def test_a_pair_without_any_other_document_is_dropped_and_counted() -> None:
    pairs = Pairs(["query 0", "query 1"], ["right", "right"], np.array(["all"] * 2))
    mined, report = mine_hard_negatives(pairs, embed_by(SIMILARITIES))
    assert (len(mined), mined.dropped) == (0, {"without a negative": 2})
    assert len(report) == 2


def test_the_seed_draws_the_random_ones() -> None:
    pairs = synthetic_pairs(60)
    drawn = [mine_hard_negatives(pairs, HashEmbedder(), n_candidates=1, seed=seed)[0].negatives for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="n_negatives=0; expected a whole number of at least 1"):
        mine_hard_negatives(PAIRS, HashEmbedder(), n_negatives=0)
    with pytest.raises(ValueError, match=r"margin=1.5; expected a number from 0 to 1"):
        mine_hard_negatives(PAIRS, HashEmbedder(), margin=1.5)
