"""`Leakage`: which test rows duplicate training rows, how certain that is, and whether the labels agree."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import check_choice
from nomic_explore.duplicates.crossing import Crossing
from nomic_explore.duplicates.describe import format_flags
from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.matches import KIND_NAMES
from nomic_explore.duplicates.pairs import KINDS
from nomic_explore.html_table import html_table

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.corpus import Corpus

_THRESHOLDS = np.round(np.arange(80, 101) / 100, 2)
_EVEN = 1e-6  # a cosine of 1 computed in float32 may lack as much


@dataclass(frozen=True, eq=False, repr=False)
class Leakage:
    """Test rows that duplicate training rows; pairs within one side do not count.

    Attributes:
        train: the corpus that holds the training rows; `train_rows` (a,) are their numbers.
        test: the corpus that holds the test rows, perhaps the same; `test_rows` (b,) are their numbers. Rows without text
            are in neither.
        label: the column compared; None compares none.
        min_similarity: cosine from which meaning alone flags a row for review.
        evidence: of the a + b rows, those of the training first.
        crossing: what each text of the test rows resembles.
    """

    train: "Corpus"
    test: "Corpus"
    train_rows: np.ndarray
    test_rows: np.ndarray
    label: str | None
    min_similarity: float
    evidence: Evidence
    crossing: Crossing

    def __repr__(self) -> str:
        leaks = self._leaks
        n, n_certain, n_conflicts = len(leaks), int(leaks["is_certain"].sum()), int(leaks["label_conflict"].sum())
        conflicts = f", {n_conflicts:,} with another label" if self.label else ""
        return (
            f"Leakage({len(self.test_rows):,} test rows, {len(self.train_rows):,} training rows: {n_certain:,} test rows "
            f"({_share(n_certain, len(self.test_rows)):.1%}) have a certain duplicate, {n - n_certain:,} flagged for review{conflicts})"
        )

    def _repr_html_(self) -> str:
        table = self.summary()
        counts = zip(table["kind"], table["n_certain"].tolist(), table["n_to_review"].tolist(), strict=True)
        caption = f"{len(self.test_rows):,} test rows compared with {len(self.train_rows):,} training rows"
        return html_table(caption, counts, ("", "certain duplicates", "flagged for review"))

    def to_pandas(self) -> "pd.DataFrame":
        """Returns one row per test row that leaks, in order of rows, with the training row it matches best.

        `row, train_row` (numbers in `test` and `train`), `kind`, `similarity` (cosine), `overlap` (Jaccard similarity of their character 5-grams), `flags`
        (what differs), `is_certain` (a duplicate; else flagged for review), `label, train_label, label_conflict`. Where several
        training rows hold the text, it is the first of them, with the same label where there is one.

        Example:
            >>> from nomic_explore import find_leakage
            >>> rows = {"text": ["a cat", "a dog", "A cat!"], "split": ["train", "train", "test"], "class": ["pet", "pet", "zoo"]}
            >>> leakage = find_leakage(rows, text="text", label="class", vectors=np.eye(2)[[0, 1, 0]])
            >>> leakage.to_pandas()[["row", "train_row", "kind"]].values.tolist()
            [[2, 0, 'normalised']]
        """
        return self._leaks.copy()

    def summary(self) -> "pd.DataFrame":
        """Returns for each kind of evidence how many test rows are certain duplicates, how many are flagged for review, and fractions.

        Example:
            >>> from nomic_explore import find_leakage
            >>> rows = {"text": ["a cat", "a dog", "A cat!"], "split": ["train", "train", "test"], "class": ["pet", "pet", "zoo"]}
            >>> leakage = find_leakage(rows, text="text", label="class", vectors=np.eye(2)[[0, 1, 0]])
            >>> leakage.summary()["n_certain"].tolist()
            [0, 1, 0, 0]
        """
        import pandas as pd

        leaks, n = self._leaks, len(self.test_rows)
        certain = leaks.loc[leaks["is_certain"], "kind"].value_counts().reindex(KINDS, fill_value=0).to_numpy()
        doubtful = leaks.loc[~leaks["is_certain"], "kind"].value_counts().reindex(KINDS, fill_value=0).to_numpy()
        info = {"kind": KINDS, "n_certain": certain, "n_to_review": doubtful}
        return pd.DataFrame({**info, "share_certain": certain / max(n, 1), "share_to_review": doubtful / max(n, 1)})

    def by_class(self) -> "pd.DataFrame":
        """Returns for each label of the test rows n_test, n_certain, n_to_review, n_conflicts, share_certain; most duplicates first.

        Raises:
            ValueError: no label was named.

        Example:
            >>> from nomic_explore import find_leakage
            >>> rows = {"text": ["a cat", "a dog", "A cat!"], "split": ["train", "train", "test"], "class": ["pet", "pet", "zoo"]}
            >>> leakage = find_leakage(rows, text="text", label="class", vectors=np.eye(2)[[0, 1, 0]])
            >>> leakage.by_class()[["label", "n_certain", "n_conflicts"]].values.tolist()
            [['zoo', 1, 1]]
        """
        import pandas as pd

        self._need_label("by_class()")
        labels = pd.Series(values_of(self.test, self.label, self.test_rows), dtype=object).fillna("")
        leaks = self._leaks.assign(label=self._leaks["label"].fillna(""))
        info = pd.DataFrame({"n_test": labels.value_counts(sort=False).sort_index()})
        info["n_certain"] = leaks[leaks["is_certain"]].groupby("label").size()
        info["n_to_review"] = leaks[~leaks["is_certain"]].groupby("label").size()
        info["n_conflicts"] = leaks.groupby("label")["label_conflict"].sum()
        info = info.fillna(0).astype("int64")
        info["share_certain"] = info["n_certain"] / info["n_test"]
        ordered = info.rename_axis("label").reset_index().sort_values("n_certain", ascending=False, kind="stable")
        return ordered.reset_index(drop=True)

    def conflicts(self) -> "pd.DataFrame":
        """Returns the rows of `to_pandas()` that are certain duplicates of a training row with another label, and both texts.

        Raises:
            ValueError: no label was named.

        Example:
            >>> from nomic_explore import find_leakage
            >>> rows = {"text": ["a cat", "a dog", "A cat!"], "split": ["train", "train", "test"], "class": ["pet", "pet", "zoo"]}
            >>> leakage = find_leakage(rows, text="text", label="class", vectors=np.eye(2)[[0, 1, 0]])
            >>> leakage.conflicts()[["text", "train_text"]].values.tolist()
            [['A cat!', 'a cat']]
        """
        self._need_label("conflicts()")
        leaks = self._leaks[self._leaks["label_conflict"]].reset_index(drop=True)
        return leaks.assign(
            text=[self.test.texts[row] for row in leaks["row"]],
            train_text=[self.train.texts[row] for row in leaks["train_row"]],
        )

    def curve(self) -> "pd.DataFrame":
        """Returns the share of test rows that leak, by the cosine from which meaning alone counts: 0.80, 0.81 ... 1.

        `n_certain` are those with a certain duplicate, whatever the threshold; `n_near` those with a training row at least so near;
        `n` those with either, and `share` is their share.

        Example:
            >>> from nomic_explore import find_leakage
            >>> rows = {"text": ["a cat", "a dog", "A cat!"], "split": ["train", "train", "test"], "class": ["pet", "pet", "zoo"]}
            >>> leakage = find_leakage(rows, text="text", label="class", vectors=np.eye(2)[[0, 1, 0]])
            >>> leakage.curve()["n_certain"].tolist()[:3]
            [1, 1, 1]
        """
        import pandas as pd

        document = self.evidence.document[len(self.train_rows) :]
        certain, nearest = self.crossing.is_certain[document], self.crossing.nearest[document]
        n_near = [int((nearest >= limit - _EVEN).sum()) for limit in _THRESHOLDS]
        n = [int((certain | (nearest >= limit - _EVEN)).sum()) for limit in _THRESHOLDS]
        info = {"threshold": _THRESHOLDS, "n_certain": int(certain.sum()), "n_near": n_near, "n": n}
        return pd.DataFrame({**info, "share": np.array(n) / max(len(document), 1)})

    def drop(self, from_: str = "train") -> "Corpus":
        """Returns one side without its certain duplicates; rows flagged for review stay.

        Args:
            from_: "train": the training rows that are no certain duplicate of any test row, for an honest training. "test": the
                test rows that have no certain duplicate in training, for an honest test.

        Raises:
            ValueError: it is neither.

        Example:
            >>> from nomic_explore import find_leakage
            >>> rows = {"text": ["a cat", "a dog", "A cat!"], "split": ["train", "train", "test"], "class": ["pet", "pet", "zoo"]}
            >>> leakage = find_leakage(rows, text="text", label="class", vectors=np.eye(2)[[0, 1, 0]])
            >>> leakage.drop("train").texts
            ['a dog']
        """
        if check_choice(from_, "from_", ("train", "test")) == "train":
            leaks = self.crossing.leaks[self.evidence.document[: len(self.train_rows)]]
            return self.train.take(self.train_rows[~leaks])
        leaks = self.crossing.is_certain[self.evidence.document[len(self.train_rows) :]]
        return self.test.take(self.test_rows[~leaks])

    @cached_property
    def _leaks(self) -> "pd.DataFrame":
        import pandas as pd

        crossing, pairs, n_train = self.crossing, self.evidence.pairs, len(self.train_rows)
        document = self.evidence.document[n_train:]
        places = np.flatnonzero(crossing.match[document] >= 0)
        leaking = document[places]
        pair = crossing.pair[leaking]
        is_scored = pair >= 0
        similarities, overlaps = np.ones((2, len(places)), dtype=np.float32)
        similarities[is_scored] = pairs.similarities[pair[is_scored]]
        overlaps[is_scored] = pairs.overlaps[pair[is_scored]]
        rows = self.test_rows[places]
        labels = values_of(self.test, self.label, rows)
        train_rows = self.train_rows[self._choose_training(crossing.match[leaking], labels)]
        train_labels, is_certain = values_of(self.train, self.label, train_rows), crossing.is_certain[leaking]
        differs = np.array([one != two for one, two in zip(labels, train_labels, strict=True)], dtype=bool)
        info = {
            "row": rows,
            "train_row": train_rows,
            "kind": np.array(KIND_NAMES, dtype=object)[crossing.kinds[leaking]],
            "similarity": similarities,
            "overlap": overlaps,
            "flags": np.array(format_flags(pairs, pair), dtype=object),
            "is_certain": is_certain,
            "label": pd.Series(labels, dtype=object),
            "train_label": pd.Series(train_labels, dtype=object),
            "label_conflict": is_certain & differs,
        }
        return pd.DataFrame(info)

    def _choose_training(self, match: np.ndarray, labels: list[object]) -> np.ndarray:
        """Returns (m,) the place of the training row of each document: the first with the label, else the first."""
        document = self.evidence.document[: len(self.train_rows)]
        known = values_of(self.train, self.label, self.train_rows)
        wanted = set(match.tolist())
        first: dict[int, int] = {}
        first_labeled: dict[tuple[int, object], int] = {}
        for place, number in enumerate(document.tolist()):
            if number in wanted:
                first.setdefault(number, place)
                first_labeled.setdefault((number, known[place]), place)
        chosen = zip(match.tolist(), labels, strict=True)
        return np.array([first_labeled.get(asked, first[asked[0]]) for asked in chosen], dtype=np.int64)

    def _need_label(self, asking: str) -> None:
        if self.label is None:
            raise ValueError(f"{asking} compares labels and none was named; call find_leakage(..., label='COLUMN').")


def values_of(corpus: "Corpus", column: str | None, rows: np.ndarray) -> list[object]:
    """Returns what some rows hold in a column; None throughout where there is none."""
    if column is None:
        return [None] * len(rows)
    return list(corpus.table[column].take(rows).to_pylist())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
