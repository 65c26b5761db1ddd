"""`Session`: one open exploration, with its results, its edits, and everything that needs neither screen nor build."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from nomic_explore.checks import Rows
from nomic_explore.files import write_table
from nomic_explore.html_table import html_table
from nomic_explore.models.encoder import EncoderLike
from nomic_explore.session.columns import for_polars, make_columns, to_pandas
from nomic_explore.session.duplicates import DuplicatesNamespace
from nomic_explore.session.peer_columns import write_parquet_for_peers
from nomic_explore.session.search import Search
from nomic_explore.session.state import State, open_state
from nomic_explore.session.tags import Pins, Tags, Views
from nomic_explore.session.topics import TopicsNamespace

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from nomic_explore.corpus import Corpus
    from nomic_explore.graph import NeighborGraph


class Session:
    """The documents of a corpus with their vectors, map positions, topics and duplicates, and the edits people made.

    Row i is row i of the input in every array and table. Rows without text are there too, with no position (NaN), no topic
    (-1) and no vector (zeros).

    Attributes:
        tags: tags of documents.
        pins: pinned documents.
        views: saved views of the map.
        topics: topics, and everything that reads, changes or names them.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._selected = np.zeros(0, dtype=np.int64)
        self.tags, self.pins, self.views = Tags(state), Pins(state), Views(state)
        self.topics = TopicsNamespace(state)

    @cached_property
    def duplicates(self) -> DuplicatesNamespace:
        """Duplicates, and everything that reads them or decides on them."""
        return DuplicatesNamespace(self._state)

    @classmethod
    def open(cls, folder: str | Path, encoder: EncoderLike | None = None) -> Self:
        """Returns the exploration in a folder; only its manifest is read yet, unless there is an encoder to check.

        Args:
            folder: where it lies.
            encoder: what made vectors that were given; see `use_encoder`.

        Raises:
            FileNotFoundError: there is no such folder.
            ValueError: the folder is not an exploration, is damaged, or its build has not finished; or the encoder makes
                other vectors.

        Example:
            >>> len(type(exploration).open(exploration.folder))
            300
        """
        opened = cls(open_state(folder))
        if encoder is not None:
            opened.use_encoder(encoder)
        return opened

    def __reduce__(self) -> tuple[Callable[[Path], Self], tuple[Path]]:
        return type(self).open, (self._state.store.root,)

    # --- what it is ---

    @property
    def folder(self) -> Path:
        """Where it lies on disk."""
        return self._state.folder

    @property
    def name(self) -> str:
        """What the corpus is called."""
        return str(self._state.record("documents")["name"])

    @property
    def manifest(self) -> dict[str, Any]:
        """What made each part: versions, parameters, content hashes, seconds."""
        return self._state.manifest

    @property
    def version(self) -> int:
        """How many newer states of the folder were taken by `refresh()`."""
        return self._state.version

    def __len__(self) -> int:
        return len(self._state)

    def __repr__(self) -> str:
        topics = " / ".join(map(str, self._state.record("topics")["layers"]))
        model, folder = self._state.record("vectors")["provenance"]["model"], str(self.folder)
        kind = type(self).__name__
        return f"{kind}({self.name!r:.120}, {len(self):,} rows, {topics} topics, {model}, folder={folder!r:.160})"

    def _repr_html_(self) -> str:
        stages = self.manifest["stages"]
        made, duplicates = stages["vectors"]["provenance"], self.duplicates
        coarse = self.topics.to_pandas().query("layer == 0").nlargest(8, "size")
        topics = ", ".join(f"{name} ({size:,})" for name, size in zip(coarse["name"], coarse["size"], strict=True))
        found = np.unique(duplicates.roles, return_counts=True)
        roles = ", ".join(f"{count:,} {role}" for role, count in zip(*found, strict=True))
        facts = [
            ("documents", f"{len(self):,} rows, {stages['documents']['texts']:,} distinct texts"),
            ("vectors", f"{made['model']}, {made['dimensions']} dimensions"),
            ("neighbor graph", f"recall {stages['graph']['recall']:.3f}"),
            (
                "given positions" if stages["positions"].get("given") else "map",
                f"keeps {stages['positions']['neighbor_preservation']:.0%} of the 15 nearest neighbors",
            ),
            ("topics", f"{' / '.join(map(str, stages['topics']['layers']))}, of which {topics}"),
            ("duplicates", f"{duplicates.n_groups:,} groups: {roles}"),
            ("tags", ", ".join(f"{name} ({len(self.tags[name]):,})" for name in self.tags) or "none"),
            ("audit", repr(self.corpus.audit)[6:-1]),
            ("folder", str(self.folder)),
        ]
        return html_table(f"Exploration of {self.name}", facts)

    # --- results ---

    @property
    def corpus(self) -> "Corpus":
        """The input table, its texts and its audit."""
        return self._state.corpus

    @property
    def vectors(self) -> np.ndarray:
        """(n, d) float32, unit length; zeros where a row has no text."""
        return self._state.vectors

    @property
    def graph(self) -> "NeighborGraph":
        """For each row the nearest other texts, nearest first; duplicates of the row's own text are not among them."""
        return self._state.graph

    @property
    def positions(self) -> np.ndarray:
        """(n, 2) float32: where each document lies on the map; NaN where a row has no text."""
        return self._state.positions

    def to_pandas(self) -> "pd.DataFrame":
        """Returns one row per input row, in input order: the input columns and the results.

        Added are `x, y, topic, topic_name` (the finest layer), `topic_assignment` (core, soft, none), `topic_strength`
        (0 to 1), `duplicate_group` (-1: no duplicates), `duplicate_role` (unique, keep, drop, review), `duplicate_of` (the
        row number of the kept row, NA if the row stays), `duplicate_kind`, `duplicate_similarity`, `tags` (a list of
        strings) and `pinned`. An input column of such a name is kept as `<name>_input`. The index is that of the pandas frame
        that was explored, and counts from 0 for every other source.

        Example:
            >>> exploration.to_pandas()[["id", "duplicate_role", "pinned"]].head(1).to_dict("records")
            [{'id': 'animals-01', 'duplicate_role': 'unique', 'pinned': False}]
        """
        return to_pandas(make_columns(self._state), self._state.documents.origin)

    def to_native(self) -> "pd.DataFrame | pl.DataFrame | pa.Table":
        """Returns the rows of `to_pandas()` in the kind of frame that was explored: pandas, Polars or Arrow.

        Files, folders and lists give pandas.

        Raises:
            ImportError: a Polars frame was explored and polars is not installed.

        Example:
            >>> type(exploration.to_native()).__name__
            'DataFrame'
        """
        origin = self._state.documents.origin
        kind = "pandas" if origin is None else origin.kind
        return self.to_polars() if kind == "polars" else self.to_arrow() if kind == "pyarrow" else self.to_pandas()

    def to_arrow(self) -> "pa.Table":
        """Returns the columns of `to_pandas()` as an Arrow table.

        Example:
            >>> exploration.to_arrow().num_rows
            300
        """
        import pyarrow as pa

        return pa.table(make_columns(self._state))

    def to_polars(self) -> "pl.DataFrame":
        """Returns the columns of `to_pandas()` as a Polars DataFrame; moments with an offset such as "+05:30" in UTC.

        Raises:
            ImportError: polars is not installed.

        Example:
            >>> exploration.to_polars().height
            300
        """
        try:
            import polars as pl
        except ImportError as error:
            raise ImportError("to_polars() needs polars, which is not installed; run: pip install polars") from error

        return pl.DataFrame(for_polars(self.to_arrow()))

    def save_table(self, path: str | Path, rows: Rows | None = None) -> Path:
        """Writes rows of `to_pandas()` as Parquet, CSV or JSON Lines, by the ending of the path.

        Cells of the input are written to CSV and JSON Lines as they were in its file.

        Args:
            path: where to.
            rows: which rows, in this order, in any form that `select` takes; None is all of them.

        Raises:
            ValueError: the path ends in something else.

        Example:
            >>> exploration.save_table("three.csv", rows=[0, 1, 2]).name
            'three.csv'
        """
        from nomic_explore.cells.writing import carry_notes

        columns, documents = make_columns(self._state), self._state.documents
        layouts = None if documents.origin is None else documents.origin.keys
        if layouts is not None:
            layouts = layouts.renamed(dict(zip(documents.table.column_names, columns, strict=False)))
        if rows is not None:
            chosen = self._state.rows_of(rows)
            columns = {name: column.take(chosen) for name, column in columns.items()}
            layouts = layouts and layouts.take(chosen)
        return write_table(carry_notes(columns, documents.table.schema), path, layouts=layouts)

    def save_parquet(self, path: str | Path, *, vectors: bool = False) -> Path:
        """Writes the rows of `to_pandas()` as Parquet, with what other map tools read.

        Added are `neighbors` (struct of `ids`: row numbers, the row itself first, and `distances`: 1 - similarity), as
        embedding-atlas takes in `--neighbors`, and `topic_layer_0`, `topic_layer_1` ... (names of topics, the finest
        layer first, "Unlabelled" where a row has none), as datamapplot takes its label layers. Rows without a position
        are there too, so that row numbers fit: their `x` and `y` are null, their neighbors -1 at distance 1.

        Args:
            path: where to.
            vectors: add a column `vector`, as embedding-atlas takes in `--vector`; null where a row has none.

        Raises:
            ValueError: the path does not end in .parquet.

        Example:
            >>> exploration.save_parquet("map.parquet").name
            'map.parquet'
        """
        own = (self.vectors, self._state.distinct.has_text) if vectors else None
        return write_parquet_for_peers(make_columns(self._state), self.graph, self.topics.current, path, vectors=own)

    def select(self, rows: Rows) -> None:
        """Makes these rows the selection, as a lasso on the map does.

        Args:
            rows: row numbers, ids, a mask with one value per row, rows of `to_pandas()`, or hits of a search.

        Raises:
            TypeError: they are no such thing.
            IndexError: a row number lies outside the corpus.

        Example:
            >>> exploration.select([7, 3])
            >>> exploration.selected.index.tolist()
            [3, 7]
        """
        self._selected = np.sort(self._state.rows_of(rows))

    @property
    def selected(self) -> "pd.DataFrame":
        """The rows of `to_pandas()` that are selected on the map."""
        return self.to_pandas().iloc[self._selected]

    # --- search ---

    @property
    def can_embed(self) -> bool:
        """Whether questions can be searched by meaning: what made the vectors is here, or can be opened by its name.

        Example:
            >>> exploration.can_embed
            True
        """
        return self._state.can_embed

    def use_encoder(self, encoder: EncoderLike) -> None:
        """Embeds questions and new texts with an encoder from now on; needed where the vectors were given.

        It is asked for the vectors of some stored texts first, and accepted only if they are those that are stored.

        Args:
            encoder: an object with `encode(texts)`, such as a `SentenceTransformer`; a function of a list of texts; or the
                name of a model.

        Raises:
            TypeError: it is nothing of the kind.
            ValueError: it makes other vectors; the message tells the cosine.

        Example:
            >>> from nomic_explore.testing import HashEmbedder
            >>> exploration.use_encoder(HashEmbedder(32))
            Traceback (most recent call last):
            ...
            ValueError: the encoder makes vectors of 32 entries, those of hash:64 have 64; it cannot be what made them. Pass the encoder with the settings that made them.
        """
        self._state.use_encoder(encoder)

    @cached_property
    def _search(self) -> Search:
        return Search(self._state)

    def search(self, query: str, n: int = 20, *, mode: str = "hybrid", negative: Rows = ()) -> "pd.DataFrame":
        """Returns the documents that fit a query best, best first; of identical texts the first row only.

        A query may hold conditions on columns, `cats year:2010..2015 topic_name:animals`, and may be nothing else. Columns
        are those of `to_pandas()`, and `id`; see `query` for what conditions say.

        Args:
            query: words or a question, and conditions.
            n: how many documents at most.
            mode: "semantic" compares vectors (the query gets the prefix that belongs to the stored vectors), "keyword"
                asks the full-text index (BM25), "hybrid" weighs both.
            negative: rows to stay away from; they weigh on the semantic ranking and are not returned themselves.

        Returns:
            A frame sorted by `score`: `row`, `id`, `score` (the similarity, BM25, or in a hybrid search a match score from 0
            to 1; NaN in a search by columns alone; comparable within one search only), `found_by` ("semantic",
            "keyword", "hybrid" for both, or "column"), `similarity` (cosine to the query; NaN in a search by keywords or
            columns alone), `text`.

        Raises:
            ValueError: the query is blank, the mode is unknown, the model's weights are not those of the vectors, or the
                vectors were given and nothing is here that embeds the query (`use_encoder`).

        Example:
            >>> exploration.search("octopuses", n=1, mode="keyword")["id"].tolist()
            ['animals-01']
        """
        return self._search.search(query, n, mode, negative)

    def more_like(self, rows: Rows, n: int = 20, *, negative: Rows = ()) -> "pd.DataFrame":
        """Returns the documents most similar to some examples and least to others; the examples are not among them.

        Args:
            rows: examples of what is wanted.
            n: how many documents at most.
            negative: examples of what is not.

        Returns:
            A frame as from `search`, found by "semantic".

        Raises:
            ValueError: there is no example with text.
            IndexError: there is no such row.

        Example:
            >>> len(exploration.more_like([0, 1], n=5))
            5
        """
        return self._search.more_like(rows, n, negative)

    def query(self, query: str) -> np.ndarray:
        """Returns the rows (m,) int64 that meet every condition of a query and hold all of its words, ascending.

        Numbers: `stars:4`, `stars:>4`, `stars:2..4`, `stars:..4`, compared exactly. Dates: `day:2020`, `day:2020-02`,
        `day:2020-02-01`, and ranges of them. Text: the whole of a cell, or else a part of it. Lists: one of their values.
        `column:none` finds the rows without a value (null, NaN, blank, an empty list). A minus excludes: `-stars:none`.

        Args:
            query: words, and conditions such as `year:2010..2015` or `tags:spam`.

        Raises:
            ValueError: the query is blank, or a condition cannot be understood for its column.

        Example:
            >>> exploration.query("id:animals-01").tolist()
            [0]
        """
        return self._search.query(query)

    def neighbors(self, row: int | str, n: int = 10) -> "pd.DataFrame":
        """Returns the documents most similar to a row: row, id, similarity, text; most similar first.

        Args:
            row: its number or its id.
            n: how many documents at most.

        Raises:
            IndexError: there is no such row.

        Example:
            >>> len(exploration.neighbors(0, n=3))
            3
        """
        return self._search.neighbors(row, n)

    # --- history ---

    def undo(self) -> str | None:
        """Undoes the last edit, back through those of earlier sessions, but none that another open notebook makes.

        Returns:
            What was undone; None if there was nothing.

        Example:
            >>> exploration.tags.add([1, 2], "spam")
            >>> exploration.undo()
            "tagged 2 documents 'spam'"
        """
        return self._state.undo()

    def redo(self) -> str | None:
        """Does again what was undone last; after a new edit there is nothing to redo.

        Returns:
            What was done again; None if there was nothing.

        Example:
            >>> exploration.redo() is None
            True
        """
        return self._state.redo()

    def refresh(self) -> bool:
        """Reads what other notebooks have added meanwhile, or a state that was built meanwhile; returns whether there was anything.

        An open exploration shows the state that it was opened with, also while another process builds the folder again. It
        warns once that there is a newer state, and this takes it. Maps that are open must be shown again then.

        Example:
            >>> exploration.refresh()
            False
        """
        version = self.version
        has_changed = self._state.refresh()
        if self.version != version:
            self._selected = np.zeros(0, dtype=np.int64)
            self.__dict__.pop("duplicates", None)
        return has_changed

    def on_change(self, function: Callable[[], object]) -> Callable[[], None]:
        """Calls a function, without arguments, after whatever changes tags, topics, pins, views or duplicates.

        Returns:
            A function that ends the calls.

        Example:
            >>> stop = exploration.on_change(lambda: print("changed"))
            >>> exploration.pins.add([0])
            changed
            >>> stop()
        """
        return self._state.on_change(function)

    def save_edits(self, path: str | Path) -> Path:
        """Writes all edits, those undone included, to a .jsonl file that `load_edits` reads; returns its path.

        Raises:
            ValueError: the path ends in something else.
            FileNotFoundError: its folder does not exist.

        Example:
            >>> exploration.tags.add([1, 2], "spam")
            >>> exploration.save_edits("edits.jsonl").name
            'edits.jsonl'
        """
        return self._state.log.save(path)

    def load_edits(self, path: str | Path) -> int:
        """Adds the edits of a file that are not there yet, by their names; loading a file twice changes nothing.

        They count as those of another notebook: `undo()` leaves them alone. Documents are found by their ids.

        Args:
            path: a file that `save_edits` wrote, or a copy of the `edits.jsonl` of an exploration. Damaged lines are left
                out, with a warning.

        Returns:
            How many edits were added.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it holds no edits.

        Example:
            >>> exploration.pins.add([0])
            >>> exploration.load_edits(exploration.save_edits("edits.jsonl"))
            0
        """
        n_added = self._state.log.load(path)
        if n_added:
            self._state.announce()
        return n_added
