"""How an exploration is searched: by meaning, by words, by columns, and for more of the same."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.checks import check_choice, check_positive
from nomic_explore.search import ranking
from nomic_explore.search.query import Query, meets, parse_query

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.models import Embedder

_SEARCH_DEPTH = 100  # how deep each ranking is read before the two are merged
_DEPENDS_ON_MACHINE = {"dtype", "backend", "device", "versions"}
_BY = {"semantic": "meaning", "keyword": "words", "hybrid": "both"}


class Searching:
    """The part of an `Exploration` that finds documents."""

    _embedder: Any

    def search(
        self: Any, query: str, n: int = 20, *, by: str = "both", minus: Sequence[int] | np.ndarray = ()
    ) -> "pd.DataFrame":
        """Returns the documents that fit a query best, best first; of identical texts the first row only.

        A query may hold conditions on columns, `cats year:2010..2015 topic_name:animals`, and may be nothing else; see
        `parse_query`. Columns are those of `frame()`, and `id`.

        Args:
            query: words or a question, and conditions.
            n: how many documents at most.
            by: "meaning" compares vectors (the query gets the prefix that belongs to the stored vectors), "words" asks
                the full-text index (BM25), "both" merges the two rankings.
            minus: rows to stay away from; they weigh on the ranking by meaning and are not found themselves.

        Returns:
            A frame: `row`, `id`, `score` (higher is better; comparable within one search only), `by` (where it was
            found: "meaning", "words", "both", or "column"), `similarity` (cosine to the query; NaN in a search by words
            or columns alone), `text`.

        Raises:
            ValueError: the query is blank, `by` is unknown, or the model's weights are not those of the vectors.
        """
        check_choice(by, "by", ("both", "meaning", "words"))
        check_positive(n, "n")
        if not isinstance(query, str) or not query.strip():
            raise ValueError(f"query={query!r}; expected some words to search for.")
        asked = parse_query(query, self._column_names())
        words, allowed = asked.words, self._meeting(asked)
        if not words:
            return self._listed(np.flatnonzero(allowed)[:n])
        documents = self._documents_in(allowed)
        documents[self._documents_of(minus)] = False
        depth = max(n, _SEARCH_DEPTH) if not asked.conditions else len(documents)
        similarities = np.full(len(self._texts), np.nan, np.float32)
        by_meaning = by_words = np.zeros(0, np.int64)
        if by != "words":
            similarities = self._distinct_vectors @ self._moved(self._query_vector(words), minus)
            by_meaning = ranking.rank_by_similarity(similarities, documents, max(n, _SEARCH_DEPTH))
        if by != "meaning":
            by_words = self._documents_with(words, depth)
            by_words = by_words[documents[by_words]][: max(n, _SEARCH_DEPTH)]
        hits = ranking.fuse(by_meaning, by_words, n).rename(columns={"found_by": "by"}).replace({"by": _BY})
        found = hits.pop("document").to_numpy()
        hits.insert(0, "row", self._rows_among(allowed)[found])
        return self._named(hits.assign(similarity=similarities[found]))

    def like(
        self: Any, rows: Sequence[int] | np.ndarray, n: int = 20, *, minus: Sequence[int] | np.ndarray = ()
    ) -> "pd.DataFrame":
        """Returns the documents most like some examples and least like others; the examples are not among them.

        Args:
            rows: examples of what is wanted.
            n: how many documents at most.
            minus: examples of what is not.

        Returns:
            A frame as from `search`, found by "meaning".

        Raises:
            ValueError: there is no example with text.
            IndexError: there is no such row.
        """
        import pandas as pd

        check_positive(n, "n")
        wanted = self._documents_of(rows)
        if not len(wanted):
            raise ValueError("like() needs at least one example with text; select some documents first.")
        similarities = self._distinct_vectors @ self._moved(
            ranking.to_unit(self._distinct_vectors[wanted].mean(axis=0)), minus
        )
        others = np.ones(len(similarities), dtype=bool)
        others[wanted] = others[self._documents_of(minus)] = False
        best = ranking.rank_by_similarity(similarities, others, n)
        scores = similarities[best]
        hits = pd.DataFrame({"row": self._first_rows[best], "score": scores, "by": "meaning", "similarity": scores})
        return self._named(hits)

    def rows_matching(self: Any, query: str) -> np.ndarray:
        """Returns the rows that meet every condition of a query and hold all of its words, ascending.

        Raises:
            ValueError: the query is blank.
        """
        if not query.strip():
            raise ValueError(f"query={query!r}; expected words or conditions such as year:2010.")
        asked = parse_query(query, self._column_names())
        matching = self._meeting(asked)
        if asked.words:
            holds = np.zeros(len(self._texts) + 1, dtype=bool)  # the last entry, reached by -1, is no text
            holds[self._documents_with(asked.words, len(self._texts), all_words=True)] = True
            matching &= holds[self._index]
        return np.flatnonzero(matching)

    def neighbors(self: Any, row: int, n: int = 10) -> "pd.DataFrame":
        """Returns the documents nearest in meaning to a row: row, id, similarity, text; nearest first.

        Raises:
            IndexError: there is no such row.
        """
        import pandas as pd

        check_positive(n, "n")
        if not 0 <= row < len(self):
            raise IndexError(f"row={row}; expected 0 to {len(self) - 1}.")
        if n <= self.graph.neighbors.shape[1] or self._index[row] < 0:
            rows, similarities = self.graph.neighbors[row, :n], self.graph.similarities[row, :n]
        else:
            scores = self._distinct_vectors @ self._distinct_vectors[self._index[row]]
            scores[self._index[row]] = -np.inf
            best = np.argsort(-scores, kind="stable")[: min(n, len(scores) - 1)]
            rows, similarities = self._first_rows[best], scores[best]
        found = pd.DataFrame({"row": rows.astype(np.int64), "similarity": similarities})
        return self._named(found[found["row"] >= 0])

    def _column_names(self: Any) -> list[str]:
        """Returns the names that conditions may use: those of `frame()`, and `id`."""
        from nomic_explore.exploration import FRAME_COLUMNS

        given = self.corpus.table.column_names
        return ["id", *(f"{name}_input" if name in FRAME_COLUMNS else name for name in given), *FRAME_COLUMNS]

    def _meeting(self: Any, query: Query) -> np.ndarray:
        """Returns a mask (n,) of the rows that meet all conditions."""
        import pyarrow as pa

        allowed = np.ones(len(self), dtype=bool)
        if not query.conditions:
            return allowed
        columns = {"id": pa.array(self.corpus.ids, pa.string()), **self._columns()}
        for condition in query.conditions:
            allowed &= meets(condition, columns[condition.column])
        return allowed

    def _documents_in(self: Any, allowed: np.ndarray) -> np.ndarray:
        """Returns a mask of the distinct texts that some allowed row holds."""
        documents = np.zeros(len(self._texts), dtype=bool)
        documents[self._index[allowed & (self._index >= 0)]] = True
        return documents

    def _rows_among(self: Any, allowed: np.ndarray) -> np.ndarray:
        """Returns for each distinct text the first allowed row that holds it."""
        first = np.full(len(self._texts), len(self), dtype=np.int64)
        rows = np.flatnonzero(allowed & (self._index >= 0))
        np.minimum.at(first, self._index[rows], rows)
        return first

    def _documents_of(self: Any, rows: Any) -> np.ndarray:
        """Returns the distinct texts (k,) of rows."""
        documents = np.unique(self._index[self._rows_of(rows)])
        return documents[documents >= 0]

    def _listed(self: Any, rows: np.ndarray) -> "pd.DataFrame":
        """Returns rows as hits without a ranking."""
        import pandas as pd

        nothing = np.full(len(rows), np.nan)
        return self._named(pd.DataFrame({"row": rows, "score": nothing, "by": "column", "similarity": nothing}))

    def _moved(self: Any, vector: np.ndarray, minus: Any) -> np.ndarray:
        """Returns a unit vector, moved away from the mean of some examples."""
        return ranking.move_away(vector, self._distinct_vectors[self._documents_of(minus)])

    def _query_vector(self: Any, query: str) -> np.ndarray:
        """Returns a query's vector, embedded as the stored vectors ask for it."""
        model = self._model()
        return model.encode([query], model.query_task(self._record("vectors")["provenance"]["task"]))[0]

    def _model(self: Any) -> "Embedder":
        """Returns the model that made the vectors, loaded once.

        Raises:
            ValueError: its weights or settings are others now.
        """
        if self._embedder is None:
            from nomic_explore.models import Embedder

            record = self._record("vectors")
            made = record["provenance"]
            embedder = Embedder(record["model"], dimensions=made["dimensions"])
            now = embedder.provenance(made["task"])
            changed = [key for key in made if now.get(key) != made[key] and key not in _DEPENDS_ON_MACHINE]
            if changed:
                raise ValueError(
                    f"{made['model']} is not what made the vectors of {self.folder}: {', '.join(changed)} changed. "
                    "Build the exploration again; until then, search by='words'."
                )
            self._embedder = embedder
        return self._embedder

    def _documents_with(self: Any, query: str, depth: int, *, all_words: bool = False) -> np.ndarray:
        """Returns the numbers of the distinct texts that hold words of the query, best first."""
        found = self._store.search_words("texts", "text", query, depth, all_words=all_words)
        numbers = {key: number for number, key in enumerate(self._texts)}
        return np.array([numbers[key] for key in found["key"].to_pylist()], dtype=np.int64)

    def _named(self: Any, hits: "pd.DataFrame") -> "pd.DataFrame":
        """Returns the hits with the id (after the row) and the text (last) of each row."""
        rows = hits["row"].to_numpy()
        named = hits.reset_index(drop=True)
        named.insert(1, "id", [self.corpus.ids[row] for row in rows])
        return named.assign(text=[self.corpus.texts[row] for row in rows])
