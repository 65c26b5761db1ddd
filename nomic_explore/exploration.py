"""An `Exploration`: every result of one corpus, read from its folder when it is asked for."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.files import write_table
from nomic_explore.session.assigning import Assigning
from nomic_explore.session.duplicates import Reviewing
from nomic_explore.session.peer_columns import write_parquet_for_peers
from nomic_explore.session.search import Searching
from nomic_explore.session.tags import Annotations
from nomic_explore.session.topic_names import TopicNaming
from nomic_explore.session.topics import TopicEditing
from nomic_explore.store import tables
from nomic_explore.store.database import Store
from nomic_explore.topics.tracking import rename_topics

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.corpus import Corpus
    from nomic_explore.graph import NeighborGraph
    from nomic_explore.models import Embedder
    from nomic_explore.topics import Topics

STAGES = ("documents", "vectors", "graph", "positions", "topics", "duplicates")
FRAME_COLUMNS = (
    "x",
    "y",
    "topic",
    "topic_name",
    "topic_assignment",
    "topic_strength",
    "duplicate_group",
    "duplicate_role",
    "duplicate_of",
    "duplicate_kind",
    "duplicate_similarity",
    "tags",
    "pinned",
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


class Exploration(Searching, Annotations, TopicEditing, Assigning, TopicNaming, Reviewing):
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
        return tables.read_graph(self._store, self._record("graph"))._to_rows(self._index, self._first_rows)

    @cached_property
    def positions(self) -> np.ndarray:
        """(n, 2) float32: where each document lies on the map; NaN where a row has no text."""
        return self._spread(tables.read_positions(self._store), np.nan)

    @cached_property
    def topics(self) -> "Topics":
        """The nested topics as people changed them: merged, split, moved, locked and renamed."""
        return rename_topics(self._edited_topics, self._edit_log.state.renames)

    @cached_property
    def _computed_topics(self) -> "Topics":
        return self._with_names(tables.read_topics(self._store))._to_rows(self._index, len(self))

    def frame(self) -> "pd.DataFrame":
        """Returns one row per input row, in input order: the original columns and the results.

        Added are `x, y, topic, topic_name` (the finest layer), `topic_assignment` (core, soft, none), `topic_strength`
        (0 to 1), `duplicate_group` (-1: alone), `duplicate_role` (unique, keep, drop, review), `duplicate_of` (the row
        number of the kept row, NA if the row stays), `duplicate_kind`, `duplicate_similarity`, `tags` (a list of
        strings) and `pinned`. An input column of such a name is kept as `<name>_input`.
        """
        import pandas as pd

        columns = self._columns()
        listed = {"tags": pd.Series(columns["tags"].to_pylist(), dtype=object)}  # lists: Arrow would make arrays
        return pd.DataFrame({name: _to_pandas(column) for name, column in columns.items()} | listed)

    def save_table(self, path: str | Path, rows: Any = None) -> Path:
        """Writes rows of `frame()` as Parquet or CSV, by the ending of the path; dates stay dates.

        Args:
            path: where to.
            rows: which rows, in this order, in any form that `select` takes; None is all of them.

        Raises:
            ValueError: the path ends in something else.
        """
        columns = self._columns()
        if rows is not None:
            chosen = self._rows_of(rows)
            columns = {name: column.take(chosen) for name, column in columns.items()}
        return write_table(columns, path)

    def save_parquet(self, path: str | Path) -> Path:
        """Writes the rows of `frame()` as Parquet, with what other map tools read.

        Added are `neighbors` (struct of `ids`: row numbers, the row itself first, and `distances`: 1 - similarity), as
        embedding-atlas takes in `--neighbors`, and `topic_layer_0`, `topic_layer_1` ... (names of topics, the finest
        layer first, "Unlabelled" where a row has none), as datamapplot takes its label layers. Rows without a place
        are there too, so that row numbers fit: their `x` and `y` are null, their neighbors -1 at distance 1.

        Raises:
            ValueError: the path does not end in .parquet.
        """
        return write_parquet_for_peers(self._columns(), self.graph, self.topics, path)

    def select(self, rows: Any) -> None:
        """Makes these rows the selection, as a lasso on the map does.

        Args:
            rows: row numbers, a mask with one value per row, rows of `frame()`, or hits of a search.

        Raises:
            TypeError: they are no such thing.
            IndexError: a row number lies outside the corpus.
        """
        self._selected = np.sort(self._rows_of(rows))

    @property
    def selected(self) -> "pd.DataFrame":
        """The rows of `frame()` that are selected on the map."""
        return self.frame().iloc[self._selected]

    def subset(self, rows: Any, folder: str | Path, **arguments: Any) -> "Exploration":
        """Returns a new exploration of these rows in a folder of its own; their vectors and tags come along.

        Args:
            rows: which rows, in this order, in any form that `select` takes.
            folder: where it shall lie.
            arguments: for `explore()`, such as `n_topics`; and `name`.

        Raises:
            ValueError: no row has a text, or the folder holds something else.
        """
        from nomic_explore.build.subset import make_subset

        return make_subset(self, self._rows_of(rows), folder, **arguments)

    def map(self, *, panels: bool = True, height: int = 640, **look: Any) -> Any:
        """Returns the map as a widget, with search, filters, topics, tags and the reader beside it, or bare.

        `look` goes to `view.show_map`: color, size, hover, chart, theme. What is selected on it arrives in `selected`.
        """
        from nomic_explore.view import show_map

        return show_map(self, panels=panels, height=height, **look)

    def save_html(self, path: str | Path, *, text_columns: Sequence[str] | None = None, max_mb: float = 50.0) -> Path:
        """Writes the map into one HTML file that opens by double-click and needs no network; see `view.save_html`."""
        from nomic_explore.view import save_html

        return save_html(self, path, text_columns=text_columns, max_mb=max_mb)

    def save_png(
        self, path: str | Path, *, width: int = 1600, height: int = 1000, theme: str = "light", labels: bool = True
    ) -> Path:
        """Writes a picture of the map, with its topic names unless `labels` is False; `theme` is "light" or "dark"."""
        from nomic_explore.view import save_png

        return save_png(self, path, width=width, height=height, theme=theme, labels=labels)

    def save_svg(
        self, path: str | Path, *, width: int = 1600, height: int = 1000, theme: str = "light", labels: bool = True
    ) -> Path:
        """Writes the same picture as an SVG whose names are text."""
        from nomic_explore.view import save_svg

        return save_svg(self, path, width=width, height=height, theme=theme, labels=labels)

    def topics_over_time(self, column: str | None = None, *, layer: int = 0, **look: Any) -> Any:
        """Returns a plotly figure: how topics come and go; `look`, see `view.topics_over_time`: n_topics, relative."""
        from nomic_explore.view import topics_over_time

        return topics_over_time(self, column, layer=layer, **look)

    def topics_by(self, column: str, *, layer: int = 0, **look: Any) -> Any:
        """Returns a plotly figure: topics of each category; `look`, see `view.topics_by`: n_topics, n_values."""
        from nomic_explore.view import topics_by

        return topics_by(self, column, layer=layer, **look)

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
            "topic_assignment": pa.array(topics.assignment.tolist(), pa.string()),
            "topic_strength": pa.array(topics.strength),
            "duplicate_group": pa.array(duplicates.groups),
            "duplicate_role": pa.array(duplicates.roles.tolist(), pa.string()),
            "duplicate_of": pa.array(duplicates.keepers, pa.int64(), mask=stays),
            "duplicate_kind": pa.array(duplicates.kinds.tolist(), pa.string()),
            "duplicate_similarity": pa.array(duplicates.similarities),
            **self._annotation_columns(),
        }
        return {**columns, **results}

    def _record(self, stage: str) -> dict[str, Any]:
        return self.manifest["stages"][stage]

    @cached_property
    def _documents(self) -> tuple[Any, list[str], list[str | None]]:
        return tables.read_documents(self._store, self._record("documents")["columns"])

    @property
    def _keys(self) -> list[str | None]:
        return self._documents[2]

    @cached_property
    def _texts(self) -> dict[str, str]:
        """Content key -> text, in the order of the keys, which is the order of the stage tables."""
        return tables.read_texts(self._store)

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
        return tables.read_vectors(self._store, self._record("vectors")["table"], list(self._texts))

    def _spread(self, values: np.ndarray, missing: float) -> np.ndarray:
        """Returns one row of `values` per input row."""
        spread = np.full((len(self), values.shape[1]), missing, dtype=np.float32)
        has_text = self._index >= 0
        spread[has_text] = values[self._index[has_text]]
        return spread


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
