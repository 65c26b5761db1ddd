"""How many keys a scripted user needs to review planted pairs, with verdicts on kinds and on groups.

`python benchmarks/review_keys.py` (25 s). Pairs whose numbers, names or negations differ are of one truth each, so one
decision on their kind is right for all; the texts of a group are all duplicates or all distinct, so one decision on a pair
is right for its group. The user asks what the screen asks and presses what the screen listens to. `--pairs` says how many
pairs are planted (default 1,000).
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nomic_explore import Exploration, explore
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.data.map_data import make_map_data
from nomic_explore.view.requests.answers import Answers

GROUP = 6  # texts of a planted group
WORDS = 14  # of a text


@dataclass
class Planted:
    """Texts, and for each the family that it belongs to and whether the texts of a family are duplicates of one another."""

    texts: list[str] = field(default_factory=list)
    families: list[int] = field(default_factory=list)
    are_duplicates: dict[int, bool] = field(default_factory=dict)

    def add(self, texts: list[str], *, are_duplicates: bool) -> None:
        """Adds a family of texts."""
        family = len(self.are_duplicates)
        self.texts += texts
        self.families += [family] * len(texts)
        self.are_duplicates[family] = are_duplicates


def plant(n_pairs: int, seed: int = 0) -> Planted:
    """Returns texts with about so many pairs to review: 30 % numbers, 20 % names, 20 % negations, 30 % words in groups."""
    rng = np.random.default_rng(seed)
    letters = "bcdfghjklmnprstvz"

    def make_word() -> str:
        return "".join(f"{rng.choice(list(letters))}{rng.choice(list('aeiou'))}" for _ in range(3))

    def make_words(n: int) -> list[str]:
        return [make_word() for _ in range(n)]

    planted = Planted()
    for _ in range(round(0.3 * n_pairs)):
        start = " ".join(make_words(WORDS))
        planted.add([f"{start} {number} meters" for number in rng.choice(900, 2, replace=False)], are_duplicates=False)
    for _ in range(round(0.2 * n_pairs)):
        start = " ".join(make_words(WORDS))
        names = [f"with {make_word().capitalize()} of {make_word().capitalize()}" for _ in range(2)]
        planted.add([f"{start} {name} {start[:20]}" for name in names], are_duplicates=False)
    for _ in range(round(0.2 * n_pairs)):
        start, end = " ".join(make_words(WORDS)), " ".join(make_words(4))
        planted.add([f"{start} is {end}", f"{start} is not {end}"], are_duplicates=False)
    for number in range(round(0.3 * n_pairs / (GROUP - 1))):
        start = " ".join(make_words(WORDS))
        texts = [f"{start} {make_word()} {make_word()}" for _ in range(GROUP)]
        planted.add(texts, are_duplicates=number % 2 == 0)
    return planted


class Reviewer:
    """A user who knows the truth, looks at pairs in the order of the screen and counts keys.

    Args:
        exploration: of the planted texts, in their order.
        planted: the texts and the truth.
    """

    def __init__(self, exploration: Exploration, planted: Planted) -> None:
        self.answers, self.planted = Answers(exploration, make_map_data(exploration)), planted
        self.keys: Counter[str] = Counter()

    def ask(self, question: str, **request: Any) -> Mapping[str, Any]:
        """Returns the answer to a question of the screen."""
        return self.answers.answer(question, request)

    def truth(self, row: int, other: int) -> str:
        """Returns the right verdict on two rows."""
        one, two = self.planted.families[row], self.planted.families[other]
        return "drop" if one == two and self.planted.are_duplicates[one] else "distinct"

    def review(self) -> None:
        """Decides until nothing is left: kinds that are of one truth, then group by group."""
        kinds = self.ask("groups", show="review")["differences"]
        for kind in kinds:
            pairs = self.ask("review_queue", differences=kind["differences"])["pairs"]
            verdicts = {self.truth(pair["row"], pair["other"]) for pair in pairs}
            if len(verdicts) == 1 and len(pairs) > 2:
                shown = self.ask("batch", differences=kind["differences"])
                verdict = verdicts.pop()
                self.ask("judge_batch", differences=kind["differences"], nPairs=shown["nPairs"], verdict=verdict)
                self.keys["a"] += 1
                self.keys[verdict] += 1
        while pairs := self.ask("review_queue")["pairs"]:
            group = [pair for pair in pairs if pair["group"] == pairs[0]["group"]]
            self.decide(group)

    def decide(self, group: list[dict[str, int]]) -> None:
        """Gives a verdict on the first pair of a group, and the same on the rest of it if that is right."""
        first, *rest = [{"row": pair["row"], "other": pair["other"]} for pair in group]
        verdict = self.truth(**first)
        is_one_truth = all(self.truth(**pair) == verdict for pair in rest)
        self.ask("judge", pairs=[first], verdict=verdict)
        self.keys[verdict] += 1
        if rest and is_one_truth:
            self.ask("judge", pairs=rest, verdict=verdict, isGroup=True)
            self.keys["g"] += 1


def count_wrong(exploration: Exploration, planted: Planted) -> int:
    """Returns how many rows are not as the truth says: one text of each family of duplicates stays, and all others do."""
    families = np.array(planted.families)
    n_kept = np.bincount(families[exploration.duplicates.roles != "drop"], minlength=len(planted.are_duplicates))
    sizes = np.bincount(families)
    wanted = np.where([planted.are_duplicates[family] for family in range(len(sizes))], 1, sizes)
    return int(np.abs(n_kept - wanted).sum())


def main() -> int:
    """Plants pairs, reviews them and prints the keys."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1_000)
    planted = plant(parser.parse_args().pairs)
    with tempfile.TemporaryDirectory() as folder:
        made = explore(planted.texts, folder=Path(folder) / "made", model=HashEmbedder(), show_progress=False)
        n_pairs = len(made.duplicates.undecided())
        reviewer = Reviewer(made, planted)
        reviewer.review()
        n_keys = sum(reviewer.keys.values())
        print(f"{n_pairs:,} pairs to review, {n_keys:,} keys {dict(reviewer.keys)}")
        print(f"{count_wrong(made, planted):,} rows are not as they should be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
