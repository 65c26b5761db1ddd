"""An `Exploration`: every result of one corpus, read from its folder when it is asked for."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore import exports, records, search
from nomic_explore.checks import check_choice, check_positive
from nomic_explore.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.corpus import Corpus
    from nomic_explore.duplicates import Duplicates
    from nomic_explore.graph import NeighborGraph
    from nomic_explore.models import Embedder
    from nomic_explore.topics import Topics

STAGES = ("documents", "vectors", "graph", "positions", "topics", "duplicates")
_SEARCH_DEPTH = 100  # how deep each ranking is read before the two are merged
_DEPENDS_ON_MACHINE = {"dtype", "backend", "device", "versions"}
FRAME_COLUMNS = (
    "x",
    "y",
    "topic",
    "topic_name",
    "duplicate_group",
    "duplicate_role",
    "duplicate_of",
    "duplicate_kind",
    "duplicate_similarity",
)


def open_exploration(folder: str | Path) -> "Exploration":
    """Returns the exploration in a folder; reads nothing but its manifest yet.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: the folder is not an exploration, is damaged, or its build has not finished.
    """
    store = Store(folder)
    manifest = store.read_manifest()
    missing = [stage for stage in STAGES if stage not in manifest.get("stages", {})]
    if missing:
        raise ValueError(
            f"{store.folder} is not finished: {', '.join(missing)} missing. "
            "Run the command that builds it again; it goes on where it stopped."
        )
    return Exploration(store, manifest)


class Exploration:
    """The documents of a corpus with their vectors, map, topics and duplicates.

    Row i is row i of the input in every array and frame. Rows without text are there too, with no place (NaN), no
    topic (-1) and no vector (zeros). Made by `explore()` and `open_exploration()`.
    """

    def __init__(self, store: Store, manifest: dict[str, Any]) -> None:
        self._store = store
        self.manifest = manifest
        self._selected = np.zeros(0, dtype=np.int64)
        self._embedder: Embedder | None = None

    @property
    def folder(self) -> Path:
        """Where it lies on disk."""
        return self._store.folder

    @property
    def name(self) -> str:
        """What the corpus is called."""
        return str(self._record("documents")["name"])

    def __len__(self) -> int:
        return int(self._record("documents")["rows"])

    def __repr__(self) -> str:
        topics = " / ".join(map(str, self._record("topics")["layers"]))
        model = self._record("vectors")["provenance"]["model"]
        return f"Exploration({self.name!r}, {len(self):,} rows, {topics} topics, {model}, folder={str(self.folder)!r})"

    @cached_property
    def corpus(self) -> "Corpus":
        """The input table, its texts and its audit."""
        from nomic_explore.corpus import Audit, Corpus

        record = self._record("documents")
        table, ids, _ = self._documents
        texts = [self._texts[key] if key is not None else None for key in self._keys]
        return Corpus(table=table, texts=texts, ids=ids, name=record["name"], audit=Audit.from_json(record["audit"]))

    @cached_property
    def vectors(self) -> np.ndarray:
        """(n, d) float32, unit length; zeros where a row has no text."""
        return self._spread(self._distinct_vectors, 0.0)

    @cached_property
    def graph(self) -> "NeighborGraph":
        """For each row the nearest other texts, nearest first; copies of the row itself are not among them."""
        return records.read_graph(self._store, self._record("graph")).spread(self._index, self._first_rows)

    @cached_property
    def positions(self) -> np.ndarray:
        """(n, 2) float32: where each document lies on the map; NaN where a row has no text."""
        return self._spread(records.read_positions(self._store), np.nan)

    @cached_property
    def topics(self) -> "Topics":
        """The nested topics."""
        return records.read_topics(self._store).spread(self._index, len(self))

    @cached_property
    def duplicates(self) -> "Duplicates":
        """Copies, their groups and what to do with each; `duplicates.at(...)` decides again."""
        rows = np.flatnonzero(self._index >= 0)
        return records.read_duplicates(self._store, self._record("duplicates")).place(rows, len(self))

    def frame(self) -> "pd.DataFrame":
        """Returns one row per input row, in input order: the original columns and the results.

        Added are `x, y, topic, topic_name` (the finest layer), `duplicate_group` (-1: alone), `duplicate_role` (unique,
        keep, drop, review), `duplicate_of` (the row number of the kept row, NA if the row stays), `duplicate_kind`
        and `duplicate_similarity`. An input column of such a name is kept as `<name>_input`.
        """
        import pandas as pd

        return pd.DataFrame({name: _to_pandas(column) for name, column in self._columns().items()})

    def save_table(self, path: str | Path) -> Path:
        """Writes the rows of `frame()` as Parquet or CSV, by the ending of the path; dates stay dates.

        Raises:
            ValueError: the path ends in something else.
        """
        return exports.write_table(self._columns(), path)

    def search(self, query: str, n: int = 20, *, by: str = "both") -> "pd.DataFrame":
        """Returns the documents that fit a query best, best first; of identical texts the first row only.

        Args:
            query: words or a question.
            n: how many documents at most.
            by: "meaning" compares vectors (the query gets the prefix that belongs to the stored vectors), "words" asks
                the full-text index (BM25), "both" merges the two rankings.

        Returns:
            A frame: `row`, `id`, `score` (higher is better; comparable within one search only), `by` (where it was
            found: "meaning", "words" or "both"), `similarity` (cosine to the query; NaN in a search by words), `text`.

        Raises:
            ValueError: the query is blank, `by` is unknown, or the model's weights are not those of the vectors.
        """
        check_choice(by, "by", ("both", "meaning", "words"))
        check_positive(n, "n")
        if not isinstance(query, str) or not query.strip():
            raise ValueError(f"query={query!r}; expected some words to search for.")
        depth = max(n, _SEARCH_DEPTH)
        similarities = np.full(len(self._texts), np.nan, np.float32) if by == "words" else self._similarities_to(query)
        by_meaning = np.argsort(-similarities, kind="stable")[:depth] if by != "words" else np.zeros(0, np.int64)
        by_words = self._documents_with(query, depth) if by != "meaning" else np.zeros(0, np.int64)
        hits = search.fuse(by_meaning, by_words, n)
        documents = hits.pop("document").to_numpy()
        hits.insert(0, "row", self._first_rows[documents])
        return self._named(hits.assign(similarity=similarities[documents]))

    def neighbors(self, row: int, n: int = 10) -> "pd.DataFrame":
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

    def select(self, rows: Any) -> None:
        """Makes these rows the selection, as a lasso on the map does: row numbers or a mask with one value per row.

        Raises:
            IndexError: a row number lies outside the corpus.
        """
        chosen = np.asarray(rows)
        if chosen.dtype == bool:
            if chosen.shape != (len(self),):
                raise IndexError(f"the mask has shape {chosen.shape}; expected ({len(self)},): one value per row.")
            chosen = np.flatnonzero(chosen)
        chosen = np.unique(chosen.astype(np.int64))
        if len(chosen) and not (chosen[0] >= 0 and chosen[-1] < len(self)):
            raise IndexError(f"row {chosen[0] if chosen[0] < 0 else chosen[-1]}; expected 0 to {len(self) - 1}.")
        self._selected = chosen

    @property
    def selected(self) -> "pd.DataFrame":
        """The rows of `frame()` that are selected on the map."""
        return self.frame().iloc[self._selected]

    def map(self, *, panels: bool = True, height: int = 640) -> Any:
        """Returns the map as a widget: with search, topics, duplicates and reader beside it, or bare."""
        from nomic_explore.view import show_map

        return show_map(self, panels=panels, height=height)

    def save_html(self, path: str | Path, *, text_columns: Sequence[str] | None = None) -> Path:
        """Writes the map into one HTML file that opens by double-click and needs no network."""
        from nomic_explore.view import save_html

        return save_html(self, path, text_columns=text_columns)

    def save_png(self, path: str | Path, *, width: int = 1600, height: int = 1000, theme: str = "light") -> Path:
        """Writes a picture of the map with its topic names."""
        from nomic_explore.view import save_png

        return save_png(self, path, width=width, height=height, theme=theme)

    def _similarities_to(self, query: str) -> np.ndarray:
        """Returns the cosine of every distinct text to a query, embedded as the stored vectors ask for it."""
        record = self._record("vectors")
        made = record["provenance"]
        if self._embedder is None:
            from nomic_explore.models import Embedder

            embedder = Embedder(record["model"], dimensions=made["dimensions"])
            now = embedder.provenance(made["task"])
            changed = [key for key in made if now.get(key) != made[key] and key not in _DEPENDS_ON_MACHINE]
            if changed:
                raise ValueError(
                    f"{made['model']} is not what made the vectors of {self.folder}: {', '.join(changed)} changed. "
                    "Search by='words', or build the exploration again."
                )
            self._embedder = embedder
        vector = self._embedder.encode([query], self._embedder.query_task(made["task"]))[0]
        return self._distinct_vectors @ vector

    def _documents_with(self, query: str, depth: int) -> np.ndarray:
        """Returns the numbers of the distinct texts that hold words of the query, best first."""
        keys = self._store.search_words("texts", "text", query, depth)["key"].to_pylist()
        numbers = {key: number for number, key in enumerate(self._texts)}
        return np.array([numbers[key] for key in keys], dtype=np.int64)

    def _columns(self) -> dict[str, Any]:
        """Returns the columns of `frame()` as Arrow columns."""
        import pyarrow as pa

        topics, duplicates = self.topics, self.duplicates
        finest = topics.layers[-1]
        names = np.array([*topics.names[-1], None], dtype=object)
        stays = duplicates.keepers == np.arange(len(self))
        columns = {
            f"{name}_input" if name in FRAME_COLUMNS else name: column
            for name, column in zip(self.corpus.table.column_names, self.corpus.table.columns, strict=True)
        }
        results = {
            "x": pa.array(self.positions[:, 0]),
            "y": pa.array(self.positions[:, 1]),
            "topic": pa.array(finest),
            "topic_name": pa.array(names[finest], pa.string()),
            "duplicate_group": pa.array(duplicates.groups),
            "duplicate_role": pa.array(duplicates.roles.tolist(), pa.string()),
            "duplicate_of": pa.array(duplicates.keepers, pa.int64(), mask=stays),
            "duplicate_kind": pa.array(duplicates.kinds.tolist(), pa.string()),
            "duplicate_similarity": pa.array(duplicates.similarities),
        }
        return {**columns, **results}

    def _record(self, stage: str) -> dict[str, Any]:
        return self.manifest["stages"][stage]

    @cached_property
    def _documents(self) -> tuple[Any, list[str], list[str | None]]:
        return records.read_documents(self._store, self._record("documents")["columns"])

    @property
    def _keys(self) -> list[str | None]:
        return self._documents[2]

    @cached_property
    def _texts(self) -> dict[str, str]:
        """Content key -> text, in the order of the keys, which is the order of the stage tables."""
        return records.read_texts(self._store)

    @cached_property
    def _index(self) -> np.ndarray:
        """(n,) which distinct text each row holds; -1 where it holds none."""
        numbers = {key: number for number, key in enumerate(self._texts)}
        return np.array([-1 if key is None else numbers[key] for key in self._keys], dtype=np.int64)

    @cached_property
    def _first_rows(self) -> np.ndarray:
        """(n distinct texts,) the first row that holds each."""
        first = np.full(len(self._texts), len(self), dtype=np.int64)
        rows = np.flatnonzero(self._index >= 0)
        np.minimum.at(first, self._index[rows], rows)
        return first

    @cached_property
    def _distinct_vectors(self) -> np.ndarray:
        return records.read_vectors(self._store, self._record("vectors")["table"], list(self._texts))

    def _spread(self, values: np.ndarray, missing: float) -> np.ndarray:
        """Returns one row of `values` per input row."""
        spread = np.full((len(self), values.shape[1]), missing, dtype=np.float32)
        has_text = self._index >= 0
        spread[has_text] = values[self._index[has_text]]
        return spread

    def _named(self, hits: "pd.DataFrame") -> "pd.DataFrame":
        """Returns the hits with the id (after the row) and the text (last) of each row."""
        rows = hits["row"].to_numpy()
        named = hits.reset_index(drop=True)
        named.insert(1, "id", [self.corpus.ids[row] for row in rows])
        return named.assign(text=[self.corpus.texts[row] for row in rows])


def _to_pandas(column: Any) -> Any:
    """Returns a column for pandas; whole numbers and booleans stay what they are where some are null."""
    import pandas as pd
    import pyarrow as pa

    if not column.null_count:
        return column.to_pandas()
    nullable = {pa.bool_(): pd.BooleanDtype()}
    for bits in (8, 16, 32, 64):
        nullable[getattr(pa, f"int{bits}")()] = getattr(pd, f"Int{bits}Dtype")()
        nullable[getattr(pa, f"uint{bits}")()] = getattr(pd, f"UInt{bits}Dtype")()
    return column.to_pandas(types_mapper=nullable.get)
