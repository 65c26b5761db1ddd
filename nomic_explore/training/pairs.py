"""Pairs: what a contrastive model learns from, two texts that belong together; made from any corpus."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from nomic_explore.checks import check_texts
from nomic_explore.corpus import Corpus
from nomic_explore.corpus.frames import table_from_frame
from nomic_explore.corpus.nested_fields import column_names, find_column
from nomic_explore.duplicates.normalize import normalize
from nomic_explore.html_table import html_table

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

MIN_CHARACTERS = 4  # a title of two Chinese words says what a document is about, "yes" does not
# Where a sentence may end; behind an abbreviation the next word is mostly in lower case.
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?![a-z])|(?<=[。！？])\s*")


@dataclass(frozen=True, eq=False, repr=False)
class Pairs:
    """n pairs of texts that belong together: a query and its document.

    Attributes:
        queries: n strings, such as titles or questions.
        documents: n strings, such as bodies or answers.
        sources: (n,) str, where each pair comes from; pairs are compared, filtered and put into batches only with those of
            their source, so that no model learns to tell sources apart.
        negatives: for each pair, documents that do not belong to its query; None if there are none.
        labels: (n,) str; texts of all pairs with one label belong together, so that none is a negative of another. "" is a
            pair of its own. None: every pair is.
        dropped: how many pairs were left out on the way, by the reason.

    Raises:
        ValueError: the attributes differ in length.

    Example:
        >>> Pairs(["a cat"], ["It purrs."], np.array(["pets"]))
        Pairs(1 pair from 1 source)
    """

    queries: list[str]
    documents: list[str]
    sources: np.ndarray
    negatives: list[list[str]] | None = None
    labels: np.ndarray | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {"queries": len(self.queries), "documents": len(self.documents), "sources": len(self.sources)}
        lengths |= {} if self.negatives is None else {"negatives": len(self.negatives)}
        lengths |= {} if self.labels is None else {"labels": len(self.labels)}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"pairs differ in length ({lengths}); entry i of each must be of pair i.")

    def __len__(self) -> int:
        return len(self.queries)

    def __repr__(self) -> str:
        n_sources = len(set(self.sources.tolist()))
        dropped = ", ".join(f"{count:,} {reason}" for reason, count in self.dropped.items())
        pairs, sources = "pair" if len(self) == 1 else "pairs", "source" if n_sources == 1 else "sources"
        return f"Pairs({len(self):,} {pairs} from {n_sources} {sources}{f'; dropped: {dropped}' if dropped else ''})"

    def _repr_html_(self) -> str:
        return html_table(repr(self), Counter(self.sources.tolist()).most_common(), ("source", "pairs"))

    def take(self, rows: Sequence[int] | np.ndarray) -> "Pairs":
        """Returns these pairs, (m,) row numbers or an (n,) bool mask, in this order.

        Example:
            >>> make_pairs(["a cat", "a dog"], ["It purrs.", "It barks."], "pets").take([1]).documents
            ['It barks.']
        """
        chosen = np.arange(len(self))[np.asarray(rows, dtype=None if len(rows) else np.int64)].tolist()
        return replace(
            self,
            queries=[self.queries[row] for row in chosen],
            documents=[self.documents[row] for row in chosen],
            sources=self.sources[chosen],
            negatives=None if self.negatives is None else [self.negatives[row] for row in chosen],
            labels=None if self.labels is None else self.labels[chosen],
        )

    def to_pandas(self) -> "pd.DataFrame":
        """Returns the columns `query`, `document`, `source`, and `negatives` and `label` if there are any.

        Example:
            >>> list(make_pairs(["a cat"], ["It purrs."], "pets").to_pandas().columns)
            ['query', 'document', 'source']
        """
        import pandas as pd

        columns: dict[str, object] = {"query": self.queries, "document": self.documents, "source": self.sources}
        columns |= {} if self.negatives is None else {"negatives": self.negatives}
        columns |= {} if self.labels is None else {"label": self.labels}
        return pd.DataFrame(columns)

    @classmethod
    def from_pandas(cls, frame: "pd.DataFrame") -> "Pairs":
        """Returns the pairs of a frame such as `to_pandas()` makes; as they are, nothing is left out.

        Raises:
            KeyError: a column is missing.
            TypeError: a query or a document is not a string.

        Example:
            >>> Pairs.from_pandas(make_pairs(["a cat"], ["It purrs."], "pets").to_pandas()).queries
            ['a cat']
        """
        queries, documents = (check_texts(frame[name].tolist(), name) for name in ("query", "document"))
        negatives = [list(given) for given in frame["negatives"]] if "negatives" in frame else None
        labels = frame["label"].to_numpy(dtype=str) if "label" in frame else None
        return cls(queries, documents, frame["source"].to_numpy(dtype=str), negatives, labels)


def make_pairs(
    queries: Sequence[str | None],
    documents: Sequence[str | None],
    sources: str | Sequence[str],
    *,
    labels: Sequence[str] | None = None,
    min_characters: int = MIN_CHARACTERS,
) -> Pairs:
    """Returns pairs of texts, without those that teach nothing; `dropped` counts them.

    Dropped is a pair of which a side is empty (None or blank) or too short, whose sides are equal but for case, spaces and
    punctuation, or that repeats an earlier pair of its source.

    Args:
        queries: n texts.
        documents: n texts.
        sources: where they come from, one name for all or n names.
        labels: n strings; see `Pairs`.
        min_characters: the least length of either side.

    Raises:
        ValueError: the lengths differ.

    Example:
        >>> make_pairs(["a cat", "", "a dog"], ["It purrs.", "It barks.", "A dog!"], "pets")
        Pairs(1 pair from 1 source; dropped: 1 empty, 1 equal sides)
    """
    named = [sources] * len(queries) if isinstance(sources, str) else [str(source) for source in sources]
    if not len(queries) == len(documents) == len(named):
        raise ValueError(
            f"{len(queries)} queries, {len(documents)} documents, {len(named)} sources; expected as many of each."
        )
    sides = [
        ((query or "").strip(), (document or "").strip()) for query, document in zip(queries, documents, strict=True)
    ]
    kept, seen = [], set()
    dropped: Counter[str] = Counter()
    for row, (query, document) in enumerate(sides):
        shortest = min(len(query), len(document))
        if shortest < min_characters:
            dropped["too short" if shortest else "empty"] += 1
        elif normalize(query) == normalize(document):
            dropped["equal sides"] += 1
        elif (query, document, named[row]) in seen:
            dropped["repeated"] += 1
        else:
            seen.add((query, document, named[row]))
            kept.append(row)
    return Pairs(
        [sides[row][0] for row in kept],
        [sides[row][1] for row in kept],
        np.array([named[row] for row in kept], dtype=str),
        labels=None if labels is None else np.array([labels[row] for row in kept], dtype=str),
        dropped=dict(dropped),
    )


def pairs_from_columns(
    table: "Corpus | pa.Table | pd.DataFrame | pl.DataFrame | Mapping[str, Sequence[object]]",
    query: str,
    document: str,
    source: str | None = None,
    *,
    min_characters: int = MIN_CHARACTERS,
) -> Pairs:
    """Returns pairs of two columns: title and body, question and answer.

    Args:
        table: a corpus, any frame, or a dict of columns.
        query: the name of the column of queries; fields inside a column are "column.field".
        document: the name of the column of documents.
        source: the name of the column that says where a row comes from; None: one source, named after the two columns.
        min_characters: as in `make_pairs`, which says what is dropped.

    Raises:
        KeyError: there is no such column.

    Example:
        >>> pairs_from_columns({"title": ["Cats", None], "body": ["They purr.", "They bark."]}, "title", "body")
        Pairs(1 pair from 1 source; dropped: 1 empty)
    """
    arrow = table.table if isinstance(table, Corpus) else table_from_frame(table)[0]
    queries, documents = _read_texts(arrow, query), _read_texts(arrow, document)
    sources = f"{query}/{document}" if source is None else [value or "" for value in _read_texts(arrow, source)]
    return make_pairs(queries, documents, sources, min_characters=min_characters)


def _read_texts(table: "pa.Table", name: str) -> list[str | None]:
    import pyarrow as pa

    column = find_column(table, name)
    if column is None:
        raise KeyError(f"there is no column {name!r}; there are {', '.join(column_names(table))}.")
    return cast("list[str | None]", column.cast(pa.string()).to_pylist())


def pairs_from_first_line(
    texts: Sequence[str | None], source: str = "first line", *, min_characters: int = MIN_CHARACTERS
) -> Pairs:
    r"""Returns pairs of the first line of each text and the rest; of a text of one line, of its first sentence and the rest.

    A text that is a single sentence has no rest and is counted as empty.

    Args:
        texts: n strings; None for none.
        source: what to call their source.
        min_characters: as in `make_pairs`; a first sentence goes on until it has so many, as after "Dr. ".

    Example:
        >>> pairs = pairs_from_first_line(["Cats\nThey purr.", "Dogs bark. They run.", "Nothing else."])
        >>> pairs.queries, pairs.documents, pairs.dropped
        (['Cats', 'Dogs bark.'], ['They purr.', 'They run.'], {'empty': 1})
    """
    parts = [_cut_first((text or "").strip(), min_characters) for text in texts]
    return make_pairs([first for first, _ in parts], [rest for _, rest in parts], source, min_characters=min_characters)


def _cut_first(text: str, min_characters: int) -> tuple[str, str]:
    line, _, rest = text.partition("\n")
    if rest:
        return line, rest
    ends = (found for found in _SENTENCE_END.finditer(text) if found.start() >= min_characters)
    end = next(ends, None)
    return (text[: end.start()], text[end.end() :]) if end else (text, "")


def join_pairs(parts: Iterable[Pairs]) -> Pairs:
    """Returns the pairs of several corpora as one, and what was dropped from all of them; each keeps its sources.

    Example:
        >>> cats, dogs = make_pairs(["cats"], ["They purr."], "cats"), make_pairs(["dogs"], ["They bark."], "dogs")
        >>> join_pairs([cats, dogs])
        Pairs(2 pairs from 2 sources)
    """
    listed = list(parts)
    has_negatives, has_labels = (
        any(getattr(part, name) is not None for part in listed) for name in ("negatives", "labels")
    )
    dropped: Counter[str] = sum((Counter(part.dropped) for part in listed), Counter())
    labels = [np.full(len(part), "") if part.labels is None else part.labels for part in listed]
    return Pairs(
        [query for part in listed for query in part.queries],
        [document for part in listed for document in part.documents],
        np.concatenate([part.sources for part in listed]) if listed else np.array([], dtype=str),
        [given for part in listed for given in part.negatives or [[] for _ in range(len(part))]]
        if has_negatives
        else None,
        np.concatenate(labels) if has_labels else None,
        dict(dropped),
    )
