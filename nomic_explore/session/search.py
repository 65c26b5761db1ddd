"""Search in an exploration: by meaning, by words, by columns, and for more of the same."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.checks import Rows, check_choice, check_positive
from nomic_explore.search import ranking
from nomic_explore.search.conditions import has_value, meets
from nomic_explore.search.query import Condition, Query, parse_query
from nomic_explore.session.columns import column_names, make_columns

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.session.state import State

MODES = ("hybrid", "semantic", "keyword")
_SEARCH_DEPTH = 100  # how deep each ranking is read before the two are merged


class Search:
    """What finds documents of one exploration; see `Session.search`, `more_like`, `query` and `neighbors`."""

    def __init__(self, state: "State") -> None:
        self._state = state

    def search(self, query: str, n: int, mode: str, negative: Rows) -> "pd.DataFrame":
        """Returns the documents that fit a query best, best first."""
        check_choice(mode, "mode", MODES)
        check_positive(n, "n")
        if not isinstance(query, str) or not query.strip():
            raise ValueError(f"query={query!r}; expected some words to search for.")
        state = self._state
        asked = parse_query(query, self._column_names())
        words, allowed = asked.words, self._meeting(asked)
        if not words:
            return self._without_ranking(np.flatnonzero(allowed)[:n])
        documents = self._documents_in(allowed)
        documents[self._documents_of(negative)] = False
        depth = max(n, _SEARCH_DEPTH) if not asked.conditions else len(documents)
        similarities, bm25 = np.full(len(state.distinct), np.nan, np.float32), np.zeros(len(state.distinct), np.float32)
        semantic = keyword = np.zeros(0, np.int64)
        if mode != "keyword":
            vector = state.model.embed_query(words)
            similarities = state.distinct_vectors @ self._moved_away(vector, negative)
            semantic = ranking.rank_by_similarity(similarities, documents, max(n, _SEARCH_DEPTH))
        if mode != "semantic":
            keyword, scores = self._documents_with(words, depth)
            bm25[keyword] = np.where(documents[keyword], scores, 0.0)
            keyword = keyword[documents[keyword]][: max(n, _SEARCH_DEPTH)]
        hits = ranking.rank_matches(ranking.Matches(similarities, bm25, semantic, keyword), mode, n)
        numbers = hits.pop("document").to_numpy()
        hits.insert(0, "row", state.distinct.first_among(allowed)[numbers])
        return self._with_texts(hits.assign(similarity=similarities[numbers]))

    def more_like(self, rows: Rows, n: int, negative: Rows) -> "pd.DataFrame":
        """Returns the documents most similar to some examples and least to others."""
        import pandas as pd

        check_positive(n, "n")
        state = self._state
        wanted = self._documents_of(rows)
        if not len(wanted):
            raise ValueError("more_like() needs at least one example with text; select some documents first.")
        mean = ranking.to_unit(state.distinct_vectors[wanted].mean(axis=0))
        similarities = state.distinct_vectors @ self._moved_away(mean, negative)
        others = np.ones(len(similarities), dtype=bool)
        others[wanted] = others[self._documents_of(negative)] = False
        best = ranking.rank_by_similarity(similarities, others, n)
        scores = similarities[best]
        hits = {"row": state.distinct.first[best], "score": scores, "found_by": "semantic", "similarity": scores}
        return self._with_texts(pd.DataFrame(hits))

    def query(self, query: str) -> np.ndarray:
        """Returns the rows that meet every condition of a query and hold all of its words, ascending."""
        if not query.strip():
            raise ValueError(f"query={query!r}; expected words or conditions such as year:2010.")
        distinct = self._state.distinct
        asked = parse_query(query, self._column_names())
        matching = self._meeting(asked)
        if asked.words:
            holds = np.zeros(len(distinct) + 1, dtype=bool)  # the last entry, reached by -1, is no text
            holds[self._documents_with(asked.words, len(distinct), all_words=True)[0]] = True
            matching &= holds[distinct.inverse]
        return np.flatnonzero(matching)

    def neighbors(self, row: int | str, n: int) -> "pd.DataFrame":
        """Returns the documents most similar to a row."""
        import pandas as pd

        check_positive(n, "n")
        state = self._state
        row = int(state.rows_of([row])[0])
        number = state.distinct.inverse[row]
        if n <= state.graph.neighbors.shape[1] or number < 0:
            rows, similarities = state.graph.neighbors[row, :n], state.graph.similarities[row, :n]
        else:
            scores = state.distinct_vectors @ state.distinct_vectors[number]
            scores[number] = -np.inf
            best = np.argsort(-scores, kind="stable")[: min(n, len(scores) - 1)]
            rows, similarities = state.distinct.first[best], scores[best]
        near = pd.DataFrame({"row": rows.astype(np.int64), "similarity": similarities})
        return self._with_texts(near[near["row"] >= 0])

    def _column_names(self) -> list[str]:
        """Returns the names that conditions may use: those of `to_pandas()`, and `id`."""
        return ["id", *column_names(self._state)]

    def _meeting(self, query: Query) -> np.ndarray:
        """Returns a mask (n,) of the rows that meet all conditions; only the columns that they name are computed."""
        import pyarrow as pa

        allowed = np.ones(len(self._state), dtype=bool)
        names = {condition.column for condition in query.conditions}
        columns = make_columns(self._state, names)
        if "id" in names:
            columns = {"id": pa.array(self._state.ids, pa.string()), **columns}
        for condition in query.conditions:
            allowed &= (
                self._meets_tags(condition)
                if condition.column == "tags"
                else meets(condition, columns[condition.column])
            )
        return allowed

    def _meets_tags(self, condition: Condition) -> np.ndarray:
        """Returns a mask (n,) of the rows that meet a condition on tags: those people gave, and those of an input column."""
        given = make_columns(self._state, {"tags", "tags_input"})
        if "tags_input" not in given:
            return meets(condition, given["tags"])
        wanted = replace(condition, negated=False)
        if condition.is_missing:
            fits: np.ndarray = ~has_value(given["tags"]) & meets(wanted, given["tags_input"])
        else:
            fits = meets(wanted, given["tags"]) | meets(wanted, given["tags_input"])
        return ~fits if condition.negated else fits

    def _documents_in(self, allowed: np.ndarray) -> np.ndarray:
        """Returns a mask of the distinct texts that some allowed row holds."""
        distinct = self._state.distinct
        documents = np.zeros(len(distinct), dtype=bool)
        documents[distinct.inverse[allowed & distinct.has_text]] = True
        return documents

    def _documents_of(self, rows: Rows) -> np.ndarray:
        """Returns the distinct texts (k,) of rows."""
        documents = np.unique(self._state.distinct.inverse[self._state.rows_of(rows)])
        return documents[documents >= 0]

    def _documents_with(self, query: str, depth: int, *, all_words: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Returns the numbers of the distinct texts that hold words of the query, best first, and their BM25."""
        found = self._state.tables("documents").search_words("texts", "text", query, depth, all_words=all_words)
        numbers = {key: number for number, key in enumerate(self._state.texts)}
        documents = np.array([numbers[key] for key in found["key"].to_pylist()], dtype=np.int64)
        return documents, found["_score"].to_numpy()

    def _moved_away(self, vector: np.ndarray, negative: Rows) -> np.ndarray:
        """Returns a unit vector, moved away from the mean of some examples."""
        return ranking.move_away(vector, self._state.distinct_vectors[self._documents_of(negative)])

    def _without_ranking(self, rows: np.ndarray) -> "pd.DataFrame":
        """Returns rows as hits without a ranking."""
        import pandas as pd

        nothing = np.full(len(rows), np.nan)
        hits = pd.DataFrame({"row": rows, "score": nothing, "found_by": "column", "similarity": nothing})
        return self._with_texts(hits)

    def _with_texts(self, hits: "pd.DataFrame") -> "pd.DataFrame":
        """Returns the hits with the id (after the row) and the text (last) of each row."""
        rows, corpus = hits["row"].to_numpy(), self._state.corpus
        named = hits.reset_index(drop=True)
        named.insert(1, "id", [corpus.ids[row] for row in rows])
        return named.assign(text=[corpus.texts[row] for row in rows])
