"""That a user who decides on kinds and on groups needs few keys, and changes no wrong row."""

import sys
from pathlib import Path

from nomic_explore import explore
from nomic_explore.testing import HashEmbedder

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "benchmarks"))
from review_keys import Reviewer, count_wrong, plant


def test_a_hundred_pairs_are_reviewed_with_few_keys_and_no_wrong_row(tmp_path: Path) -> None:
    planted = plant(100)
    made = explore(planted.texts, folder=tmp_path / "made", model=HashEmbedder(), show_progress=False)
    before = made.duplicates.roles.tolist()
    assert len(made.duplicates.undecided()) == 100
    reviewer = Reviewer(made, planted)
    reviewer.review()
    assert made.duplicates.undecided().empty
    assert count_wrong(made, planted) == 0
    n_keys = sum(reviewer.keys.values())
    assert n_keys <= 25
    while made.undo():
        pass
    assert made.duplicates.roles.tolist() == before
