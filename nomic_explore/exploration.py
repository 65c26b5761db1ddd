"""`explore()`, `open_exploration()` and what they return: an `Exploration`, which is shown, exported and cut into parts."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from nomic_explore.checks import check_local
from nomic_explore.progress import open_progress
from nomic_explore.session import Session
from nomic_explore.session.duplicates import DuplicatesNamespace

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from nomic_explore.build.options import BuildOptions
    from nomic_explore.build.subset import StageOptions
    from nomic_explore.checks import Rows
    from nomic_explore.corpus.read_options import ReadingOptions
    from nomic_explore.models.encoder import EncoderLike
    from nomic_explore.topics.llm.naming import Namer
    from nomic_explore.view.widget.atlas_map import AtlasMap
    from nomic_explore.view.widget.explorer import Explorer, MapOptions


def explore(
    source: object,
    text: str | Sequence[str] | None = None,
    model: "EncoderLike | None" = None,
    folder: str | Path | None = None,
    *,
    vectors: object = None,
    positions: object = None,
    encoder: "EncoderLike | None" = None,
    id: str | None = None,
    name: str | None = None,
    limit: int | None = None,
    dimensions: int | None = None,
    projection: str | None = None,
    umap_neighbors: int | None = None,
    min_dist: float | None = None,
    stop_words: Iterable[str] | None = None,
    n_neighbors: int | None = None,
    n_topics: int | None = None,
    n_layers: int | None = None,
    stability: bool | None = None,
    namer: "Namer | None" = None,
    min_similarity: float | None = None,
    keep: str | None = None,
    block_by: str | None = None,
    seed: int | None = None,
    title: str | None = None,
    change_model: bool = False,
    show_progress: bool | None = None,
    **reading: "Unpack[ReadingOptions]",
) -> "Exploration":
    """Returns an exploration of documents: vectors, neighbors, map, topics and duplicates, kept in a folder.

    Every stage is on disk when it is reported done: after a crash, or with new rows, run the same call again and only
    what is missing is made. Options of the stages that are left out (from `projection` to `seed`) are those that the folder
    was made with, else their defaults; `Exploration.options` tells them. Nothing is sent anywhere, unless the model or the namer you choose is a service.

    Args:
        source: a file, folder, glob, frame, list of texts or `Corpus`; all that `read_corpus` reads.
        text: the column, columns or template that make the text; see `read_corpus`.
        model: a name of the catalog (`minilm`, `nomic-embed-text-v1.5` …), a folder with weights, an `Embedder`, or an
            encoder of your own: a `SentenceTransformer`, an object with `encode(texts)`, a function of a list of texts. None
            takes the model the folder was made with, and `minilm`, which needs no network, in a new folder. With `vectors`
            it is the name of what made them, and any name will do.
        folder: where the exploration lies; None makes `explorations/<name of the corpus>`.
        vectors: one for each row, in place of embedding the texts: an array (n, d), a list of lists, tensors, a column of
            a frame; or the name of a column of the source that holds them; or a file beside it (.npy, .parquet, .arrow …).
            Their lengths do not matter: similarity is the cosine. Rows whose vector is None are set aside.
        positions: of each row on the map, in place of projecting the vectors: an array (n, 2), the names of two columns, or
            as `vectors`. Those that another map tool wrote into the source are used without being asked for.
        encoder: what made `vectors`, so that questions can be searched by meaning; forms as for `model`. It is checked
            against some of the vectors.
        id: the column that names a document.
        name: what to call the corpus.
        limit: read this many rows at most.
        dimensions: vector length for models that allow several.
        projection: how positions are computed: "umap" by default, or "pca".
        umap_neighbors: neighbors that UMAP looks at, the document itself included; 15 by default, `n_neighbors` + 1 at most.
        min_dist: how close UMAP lets points lie, 0 to 1; 0.1 by default.
        stop_words: words that do not stand in names of topics, besides those that are usual in the language.
        n_neighbors: neighbors of each document in the graph, which topics and duplicates use; 30 by default.
        n_topics: how many topics the finest layer has; None chooses by the size of the corpus.
        n_layers: layers of topics, from coarse to fine; 3 by default.
        stability: measure how well each topic is found again in other samples of the documents.
        namer: a language model that names the topics when all else is done; see `Exploration.topics.name_with`.
        min_similarity: cosine similarity above which a semantic match is flagged for review, 0.80 to 1; 0.9 by default.
        keep: which of several duplicates stays, "longest" by default; see `Duplicates.at`.
        block_by: a column; only rows with the same value in it are compared for duplicates.
        seed: of every random choice, 42 by default; the same seed and documents give the same map.
        title: the column with the titles of the documents, shown as headings and in lists. None takes a column of short
            texts that is called title, name, headline or subject; "" shows none. Nothing is computed anew when it changes.
        change_model: let a folder made with another model be rebuilt with this one.
        show_progress: None shows progress in notebooks and terminals; False shows nothing.
        reading: how files are read: `encoding`, `sep`, `dtype`, `on_bad_rows`, `format`; see `read_corpus`.

    Returns:
        The finished exploration.

    Raises:
        ValueError: the source, the text or a parameter cannot be used, or the folder holds another model or corpus.
        OSError: a file, the folder or the model's weights cannot be reached, or the disk is full.

    Example:
        >>> from nomic_explore.testing import HashEmbedder
        >>> explore(["a cat", "a dog", "a cat"], model=HashEmbedder(), folder="pets", name="pets", show_progress=False)
        Exploration('pets', 3 rows, 1 topics, hash:64, folder='pets')
        >>> vectors = [[1.0, 0.1], [0.2, 1.0], [1.0, 0.1]]
        >>> explore(["a cat", "a dog", "a cat"], vectors=vectors, folder="given", show_progress=False).vectors.shape
        (3, 2)
    """
    from nomic_explore.build.pipeline import run
    from nomic_explore.corpus.read_options import check_reading
    from nomic_explore.models.user_encoder import open_encoder

    check_reading(reading, explore)
    if folder is not None:
        check_local(folder)
    if namer is not None and not callable(namer):
        raise TypeError(f"namer is a {type(namer).__name__}; expected a callable like OllamaNamer('llama3.2').")
    opened = None if encoder is None else open_encoder(encoder)
    own = None if model is None or isinstance(model, str | Path) else open_encoder(model, dimensions, name="model")
    named = model if isinstance(model, str | Path) else None
    made = run(
        source,
        text,
        own or named,
        folder,
        progress=lambda: open_progress(show_progress),
        vectors=vectors,
        positions=positions,
        encoder=opened if opened is not None or vectors is None else own,
        id=id,
        name=name,
        limit=limit,
        dimensions=None if own is not None else dimensions,
        projection=projection,
        umap_neighbors=umap_neighbors,
        min_dist=min_dist,
        stop_words=stop_words,
        n_neighbors=n_neighbors,
        n_topics=n_topics,
        n_layers=n_layers,
        stability=stability,
        min_similarity=min_similarity,
        keep=keep,
        block_by=block_by,
        seed=seed,
        title=title,
        change_model=change_model,
        reading=reading,
    )
    unnamed = [each for each in (opened, own) if each is not None and each.source is None]  # not to be found by name
    exploration = open_exploration(made, *unnamed[:1])
    if namer is not None:
        exploration.topics.name_with(namer)
    return exploration


def open_exploration(folder: str | Path, encoder: "EncoderLike | None" = None) -> "Exploration":
    """Returns the exploration in a folder; only its manifest is read yet.

    Args:
        folder: where it lies.
        encoder: what made its vectors, if they were given; see `Exploration.use_encoder`.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: the folder is not an exploration, is damaged, or its build has not finished; or the encoder makes other
            vectors.

    Example:
        >>> len(open_exploration(exploration.folder))
        300
    """
    return Exploration.open(folder, encoder)


class Exploration(Session):
    """The documents of a corpus with their vectors, map, topics and duplicates.

    Row i is row i of the input in every array and table. Rows without text are there too, with no position (NaN), no topic
    (-1) and no vector (zeros). Returned by `explore()` and `open_exploration()`.

    Attributes:
        tags: tags of documents.
        pins: pinned documents.
        views: saved views of the map.
        topics: topics, and everything that reads, changes or names them.
    """

    @property
    def options(self) -> "BuildOptions":
        """The options that its stages were made with.

        Example:
            >>> exploration.options.n_neighbors
            30
        """
        from nomic_explore.build.options import BuildOptions

        return BuildOptions.from_manifest(self.manifest)

    @cached_property
    def duplicates(self) -> "ReviewedDuplicates":
        """Duplicates, and everything that reads them, decides on them, or shows them for review."""
        return ReviewedDuplicates(self)

    def subset(
        self,
        rows: "Rows",
        folder: str | Path,
        *,
        name: str | None = None,
        show_progress: bool | None = None,
        **options: "Unpack[StageOptions]",
    ) -> "Exploration":
        """Returns a new exploration of these rows in a folder of its own, with their vectors and tags.

        Args:
            rows: which rows, in this order, in any form that `select` takes.
            folder: where the new exploration shall lie.
            name: what to call it; None keeps the name.
            show_progress: None shows progress in notebooks and terminals; False shows nothing.
            options: of the stages that follow the vectors, such as `n_topics`; see `explore`.

        Raises:
            ValueError: no row has a text, or the folder holds something else.

        Example:
            >>> part = exploration.subset(range(20), "part", show_progress=False)
            >>> len(part)
            20
        """
        from nomic_explore.build.subset import make_subset

        made = make_subset(self, rows, folder, name=name, progress=lambda: open_progress(show_progress), **options)
        part = open_exploration(made)
        part._state.share_model(self._state)
        return part

    def map(self, **options: "Unpack[MapOptions]") -> "Explorer | AtlasMap":
        """Returns the map as a widget, with search, filters, topics, tags and the reader beside it, or bare.

        Args:
            options: panels, height, color, size, hover, chart, theme, pane, beside, title; see `view.show_map`. What is selected on the
                map arrives in `selected`.

        Example:
            >>> widget = exploration.map(color="topic", height=500)
        """
        from nomic_explore.view import show_map

        return show_map(self, **options)

    def save_html(
        self, path: str | Path, *, text_columns: str | Sequence[str] | None = None, max_mb: float = 50.0
    ) -> Path:
        """Writes the map into one HTML file that opens by double-click and needs no network; see `view.save_html`.

        Example:
            >>> exploration.save_html("map.html").name
            'map.html'
        """
        from nomic_explore.view import save_html

        return save_html(self, path, text_columns=text_columns, max_mb=max_mb)

    def save_png(
        self, path: str | Path, *, width: int = 1600, height: int = 1000, theme: str = "light", labels: bool = True
    ) -> Path:
        """Writes a picture of the map; returns its path.

        Args:
            path: ends in .png.
            width: pixels.
            height: pixels.
            theme: "light" or "dark".
            labels: whether the names of topics are drawn.

        Example:
            >>> exploration.save_png("map.png", width=400, height=300).name
            'map.png'
        """
        from nomic_explore.view import save_png

        return save_png(self, path, width=width, height=height, theme=theme, labels=labels)

    def save_svg(
        self, path: str | Path, *, width: int = 1600, height: int = 1000, theme: str = "light", labels: bool = True
    ) -> Path:
        """Writes the picture of `save_png` as an SVG whose names are text.

        Example:
            >>> exploration.save_svg("map.svg", width=400, height=300).name
            'map.svg'
        """
        from nomic_explore.view import save_svg

        return save_svg(self, path, width=width, height=height, theme=theme, labels=labels)

    def topics_over_time(
        self, column: str | None = None, *, layer: int = 0, n_topics: int = 10, relative: bool = False
    ) -> "go.Figure":
        """Returns a plotly figure of how many documents each topic has over time.

        Args:
            column: of dates or years; None takes the first. Dates such as 9999-12-31, which stand for no end, are left out,
                and the figure says how many.
            layer: 0 is the coarsest.
            n_topics: how many topics are shown, the largest first.
            relative: show shares of all documents of a time instead of counts.

        Raises:
            ValueError: there is no such column, or it holds no times; the message says so if its dates are text.

        Example:
            >>> from nomic_explore.testing import HashEmbedder
            >>> rows = [{"text": f"note {n} on {n % 7}", "date": f"20{10 + n % 9}-05-01"} for n in range(60)]
            >>> notes = explore(rows, "text", HashEmbedder(), "notes", show_progress=False)
            >>> figure = notes.topics_over_time("date")
        """
        from nomic_explore.view import topics_over_time

        return topics_over_time(self, column, layer=layer, n_topics=n_topics, relative=relative)

    def topics_per(self, column: str, *, layer: int = 0, n_topics: int = 12, n_values: int = 15) -> "go.Figure":
        """Returns a plotly figure of the topics of each category in a column.

        Args:
            column: of categories, lists of tags, or whole numbers with few values; rows without a value are not counted.
            layer: 0 is the coarsest.
            n_topics: how many topics are shown, the largest first.
            n_values: how many categories are shown, the most frequent first.

        Raises:
            ValueError: there is no such column, or it holds no categories.

        Example:
            >>> figure = exploration.topics_per("language")
        """
        from nomic_explore.view import topics_per

        return topics_per(self, column, layer=layer, n_topics=n_topics, n_values=n_values)


class ReviewedDuplicates(DuplicatesNamespace):
    """The duplicates of an exploration, which can be reviewed on the map."""

    def __init__(self, exploration: Exploration) -> None:
        super().__init__(exploration._state)
        self._exploration = exploration

    def review(self, **options: "Unpack[MapOptions]") -> "Explorer | AtlasMap":
        """Returns the map with the duplicate review open: threshold, groups, pairs to decide.

        Args:
            options: as of `Exploration.map`.

        Example:
            >>> widget = exploration.duplicates.review()
        """
        chosen: MapOptions = {"pane": "copies", "color": "duplicate_role"}
        chosen.update(options)
        return self._exploration.map(**chosen)
