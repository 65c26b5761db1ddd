"""What a service did not take as it was: texts without a vector and texts that were cut; the folder remembers both."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.build.documents import Documents, index_corpus
from nomic_explore.corpus.given import set_aside
from nomic_explore.models.refused_texts import TextsRefused, excerpt
from nomic_explore.store.manifest import Manifest, digest

if TYPE_CHECKING:
    from nomic_explore.corpus import Corpus

NO_VECTOR, CUT = "no vector", "cut text"  # kinds of findings
_KEY = "refusals"  # in the manifest: by a digest of the provenance
_SHOWN_REASONS = 2


@dataclass
class Refusals:
    """The texts that a service did not take as they were, by content key.

    Attributes:
        refused: what the service answered.
        cut: how many characters of the text it was sent.
    """

    refused: dict[str, str] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)

    @classmethod
    def recall(cls, manifests: Iterable[Manifest], provenance: Mapping[str, object]) -> "Refusals":
        """Returns what the first of some manifests that knows vectors of this provenance says.

        Example:
            >>> Refusals.recall([{"stages": {}}], {"model": "a"})
            Refusals(refused={}, cut={})
        """
        name = digest(provenance)
        known: Mapping[str, Any] = next((all_[name] for m in manifests if name in (all_ := m.get(_KEY, {}))), {})
        return cls(dict(known.get("refused", {})), dict(known.get("cut", {})))

    def remember(self, manifest: Manifest, provenance: Mapping[str, object]) -> bool:
        """Writes them into a manifest; returns whether that changed it."""
        known = {name: dict(texts) for name, texts in (("refused", self.refused), ("cut", self.cut)) if texts}
        name, noted = digest(provenance), manifest.get(_KEY, {})
        if noted.get(name, {}) == known:
            return False
        manifest[_KEY] = {**noted, name: known}
        return True

    def note_cut(self, documents: Documents, rows: np.ndarray, cut_texts: Mapping[str, int]) -> None:
        """Adds those of some documents (k,) whose text was cut."""
        if cut_texts:
            texts = ((documents.keys[row], documents.texts[row]) for row in rows.tolist())
            self.cut |= {key: cut_texts[text] for key, text in texts if text in cut_texts}


def name_rows(error: TextsRefused, documents: Documents) -> TextsRefused:
    """Returns an error that speaks of rows of the corpus instead of distinct texts."""
    first, numbers = documents.distinct.first, documents.distinct.inverse.tolist()
    texts = ["" if number < 0 else documents.texts[number] for number in numbers]
    return TextsRefused.of({int(first[number]): reason for number, reason in error.reasons.items()}, texts)


def set_refused_aside(corpus: "Corpus", documents: Documents, refusals: Refusals) -> "tuple[Corpus, Documents]":
    """Returns the corpus without the texts that were refused, and its distinct texts; a finding says which they are.

    Args:
        corpus: n rows.
        documents: its distinct texts.
        refusals: what was refused.
    """
    rows = _rows_of(documents.row_keys, refusals.refused)
    if not len(rows):
        return corpus, documents
    reasons = Counter(refusals.refused[str(documents.row_keys[row])] for row in rows.tolist())
    answers = "; ".join(reason for reason, _ in reasons.most_common(_SHOWN_REASONS))
    more = f"; and {len(reasons) - _SHOWN_REASONS} other answers" if len(reasons) > _SHOWN_REASONS else ""
    message = (
        f"refused by the server and set aside: {answers}{more}. It begins with {excerpt(str(corpus.texts[rows[0]]))}; "
        "change_model=True (--change-model) asks again"
    )
    is_refused = np.zeros(len(corpus), dtype=bool)
    is_refused[rows] = True
    corpus = set_aside(corpus, is_refused, NO_VECTOR, message)
    return corpus, index_corpus(corpus)


def with_cut_texts(corpus: "Corpus", documents: Documents, refusals: Refusals) -> "Corpus":
    """Returns the corpus with a finding for the rows of whose text the service read the start alone."""
    rows = _rows_of(documents.row_keys, refusals.cut)
    if not len(rows):
        return corpus
    shortest = min(refusals.cut[str(documents.row_keys[row])] for row in rows.tolist())
    message = (
        f"longer than the server reads; the rest is not in the vector (at most {shortest:,} characters of one are)"
    )
    return corpus.with_finding(CUT, rows, message)


def _rows_of(row_keys: Sequence[str | None], keys: Mapping[str, object]) -> np.ndarray:
    """Returns the numbers (k,) of the rows whose text has one of these keys."""
    if not keys:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.fromiter((key in keys for key in row_keys), bool, len(row_keys)))
