"""`Leakage`: test rows that have a copy among the training rows, told by kind, by class and by threshold."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_choice
from nomic_explore.duplicates.crossing import Crossing
from nomic_explore.duplicates.evidence import Evidence
from nomic_explore.duplicates.grades import KINDS
from nomic_explore.duplicates.matches import KIND_NAMES

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.corpus import Corpus

_THRESHOLDS = np.round(np.arange(80, 101) / 100, 2)
_EVEN = 1e-6  # a cosine of 1 computed in float32 may lack as much


@dataclass(frozen=True, eq=False, repr=False)
class Leakage:
    """The test rows that have a copy among the training rows. Pairs within one side do not count.

    Attributes:
        train: the corpus that holds the training rows; `train_rows` (a,) are their numbers.
        test: the corpus that holds the test rows, perhaps the same; `test_rows` (b,) are their numbers. Rows without text
            are in neither.
        label: the column compared; None compares none.
        min_similarity: the cosine from which meaning alone asks for a look.
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
            f"({_share(n_certain, len(self.test_rows)):.1%}) have a certain copy, {n - n_certain:,} ask for a look{conflicts})"
        )

    def frame(self) -> "pd.DataFrame":
        """Returns one row per test row that leaks, in order of rows, beside the training row it resembles most.

        `row, train_row` (numbers in `test` and `train`), `kind`, `similarity` (cosine), `overlap` (of their letters), `flags`
        (what differs), `is_certain` (a copy; else to be looked at), `label, train_label, label_conflict`. Where several
        training rows hold the text, it is the first of them, with the same label where there is one.
        """
        return self._leaks.copy()

    def summary(self) -> "pd.DataFrame":
        """Returns for each kind of evidence how many test rows are certain copies, how many ask for a look, and shares."""
        import pandas as pd

        leaks, n = self._leaks, len(self.test_rows)
        certain = leaks.loc[leaks["is_certain"], "kind"].value_counts().reindex(KINDS, fill_value=0).to_numpy()
        doubtful = leaks.loc[~leaks["is_certain"], "kind"].value_counts().reindex(KINDS, fill_value=0).to_numpy()
        told = {"kind": KINDS, "n_certain": certain, "n_to_review": doubtful}
        return pd.DataFrame({**told, "share_certain": certain / max(n, 1), "share_to_review": doubtful / max(n, 1)})

    def by_class(self) -> "pd.DataFrame":
        """Returns for each label of the test rows n_test, n_certain, n_to_review, n_conflicts, share_certain; most copies first.

        Raises:
            ValueError: no label was named.
        """
        import pandas as pd

        self._need_label("by_class()")
        labels = pd.Series(values_of(self.test, self.label, self.test_rows), dtype=object).fillna("")
        leaks = self._leaks.assign(label=self._leaks["label"].fillna(""))
        told = pd.DataFrame({"n_test": labels.value_counts(sort=False).sort_index()})
        told["n_certain"] = leaks[leaks["is_certain"]].groupby("label").size()
        told["n_to_review"] = leaks[~leaks["is_certain"]].groupby("label").size()
        told["n_conflicts"] = leaks.groupby("label")["label_conflict"].sum()
        told = told.fillna(0).astype("int64")
        told["share_certain"] = told["n_certain"] / told["n_test"]
        ordered = told.rename_axis("label").reset_index().sort_values("n_certain", ascending=False, kind="stable")
        return ordered.reset_index(drop=True)

    def conflicts(self) -> "pd.DataFrame":
        """Returns the rows of `frame()` that are certain copies of a training row with another label, and both texts.

        Raises:
            ValueError: no label was named.
        """
        self._need_label("conflicts()")
        leaks = self._leaks[self._leaks["label_conflict"]].reset_index(drop=True)
        return leaks.assign(
            text=[self.test.texts[row] for row in leaks["row"]],
            train_text=[self.train.texts[row] for row in leaks["train_row"]],
        )

    def curve(self) -> "pd.DataFrame":
        """Returns the share of test rows that leak, by the cosine from which meaning alone counts: 0.80, 0.81 ... 1.

        `n_certain` are those with a certain copy, whatever the threshold; `n_near` those with a training row at least so near;
        `n` those with either, and `share` is their share.
        """
        import pandas as pd

        document = self.evidence.document[len(self.train_rows) :]
        certain, nearest = self.crossing.is_certain[document], self.crossing.nearest[document]
        n_near = [int((nearest >= limit - _EVEN).sum()) for limit in _THRESHOLDS]
        n = [int((certain | (nearest >= limit - _EVEN)).sum()) for limit in _THRESHOLDS]
        told = {"threshold": _THRESHOLDS, "n_certain": int(certain.sum()), "n_near": n_near, "n": n}
        return pd.DataFrame({**told, "share": np.array(n) / max(len(document), 1)})

    def drop(self, from_: str = "train") -> "Corpus":
        """Returns one side without its certain copies; what asks for a look stays.

        Args:
            from_: "train": the training rows that are no certain copy of any test row, for an honest training. "test": the
                test rows that have no certain copy in training, for an honest test.

        Raises:
            ValueError: it is neither.
        """
        if check_choice(from_, "from_", ("train", "test")) == "train":
            leaks = self.crossing.leaks[self.evidence.document[: len(self.train_rows)]]
            return self.train.take(self.train_rows[~leaks])
        leaks = self.crossing.is_certain[self.evidence.document[len(self.train_rows) :]]
        return self.test.take(self.test_rows[~leaks])

    @cached_property
    def _leaks(self) -> "pd.DataFrame":
        import pandas as pd

        from nomic_explore.duplicates.reasons import tell_flags

        crossing, pairs, n_train = self.crossing, self.evidence.pairs, len(self.train_rows)
        document = self.evidence.document[n_train:]
        places = np.flatnonzero(crossing.partner[document] >= 0)
        leaking = document[places]
        pair = crossing.pair[leaking]
        is_scored = pair >= 0
        similarities, overlaps = np.ones((2, len(places)), dtype=np.float32)
        similarities[is_scored] = pairs.similarities[pair[is_scored]]
        overlaps[is_scored] = pairs.overlaps[pair[is_scored]]
        rows = self.test_rows[places]
        labels = values_of(self.test, self.label, rows)
        train_rows = self.train_rows[self._choose_training(crossing.partner[leaking], labels)]
        train_labels, is_certain = values_of(self.train, self.label, train_rows), crossing.is_certain[leaking]
        differs = np.array([one != two for one, two in zip(labels, train_labels, strict=True)], dtype=bool)
        told = {
            "row": rows,
            "train_row": train_rows,
            "kind": np.array(KIND_NAMES, dtype=object)[crossing.kinds[leaking]],
            "similarity": similarities,
            "overlap": overlaps,
            "flags": np.array(tell_flags(pairs, pair), dtype=object),
            "is_certain": is_certain,
            "label": pd.Series(labels, dtype=object),
            "train_label": pd.Series(train_labels, dtype=object),
            "label_conflict": is_certain & differs,
        }
        return pd.DataFrame(told)

    def _choose_training(self, partner: np.ndarray, labels: list[Any]) -> np.ndarray:
        """Returns (m,) the place of the training row of each document: the first with the label, else the first."""
        document = self.evidence.document[: len(self.train_rows)]
        known = values_of(self.train, self.label, self.train_rows)
        wanted = set(partner.tolist())
        first: dict[int, int] = {}
        first_labelled: dict[tuple[int, Any], int] = {}
        for place, number in enumerate(document.tolist()):
            if number in wanted:
                first.setdefault(number, place)
                first_labelled.setdefault((number, known[place]), place)
        chosen = zip(partner.tolist(), labels, strict=True)
        return np.array([first_labelled.get(asked, first[asked[0]]) for asked in chosen], dtype=np.int64)

    def _need_label(self, asking: str) -> None:
        if self.label is None:
            raise ValueError(f"{asking} compares labels and none was named; call find_leakage(..., label='COLUMN').")


def values_of(corpus: "Corpus", column: str | None, rows: np.ndarray) -> list[Any]:
    """Returns what some rows hold in a column; None throughout where there is none."""
    if column is None:
        return [None] * len(rows)
    return list(corpus.table[column].take(rows).to_pylist())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
