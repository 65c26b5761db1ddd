"""`find_leakage()`: compares test rows with training rows, without building a map."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

import numpy as np

from nomic_explore.checks import check_choice
from nomic_explore.duplicates.columns import column_texts
from nomic_explore.duplicates.crossing import build_crossing_graph, cross
from nomic_explore.duplicates.deduplicate import check_threshold, choose_threshold
from nomic_explore.duplicates.evidence import collect_evidence
from nomic_explore.duplicates.leakage import Leakage, values_of
from nomic_explore.duplicates.row_vectors import choose_vectors, embed_rows
from nomic_explore.progress import open_progress

if TYPE_CHECKING:
    from nomic_explore.corpus import Corpus
    from nomic_explore.corpus.read_options import ReadingOptions
    from nomic_explore.models.encoder import EncoderLike


def find_leakage(
    corpus: object,
    other: object = None,
    *,
    split: str = "split",
    test: object = "test",
    train: object = None,
    label: str | None = None,
    text: str | Sequence[str] | None = None,
    model: "EncoderLike | None" = None,
    vectors: object = None,
    min_similarity: float | str = "auto",
    show_progress: bool | None = None,
    **reading: Unpack["ReadingOptions"],
) -> Leakage:
    """Returns which test rows duplicate training rows. Nothing is dropped unless `Leakage.drop` is called.

    Args:
        corpus: rows of both kinds, distinguished by the column `split`; or, with `other`, the training rows. A `Corpus`, or anything
            that `read_corpus` reads.
        other: the test rows, where they are a source of their own.
        split: the column that says whether a row is for training or testing.
        test: its value for test rows.
        train: its value for training rows; None takes all that are not for testing.
        label: a column to be compared between duplicates; None compares none.
        text: the column, columns or template that make the text; see `deduplicate`.
        model: what makes the vectors; None is `minilm`. With `vectors` it names what made them.
        vectors: (n, d), one for each row of the corpus, and then one for each row of the other, of any kind that `build_graph`
            reads, or the name of the column that holds them in both; nothing is embedded. Those of rows without text are ignored,
            and can be None.
        min_similarity: cosine from which meaning alone flags a row for review, 0.80 to 1; "auto" takes the model's default, raised
            to what stands out among the cosines from test rows to the nearest unrelated training rows.
        show_progress: None shows progress in notebooks and terminals; False shows nothing.
        reading: how files are read: `encoding`, `sep`, `dtype`, `on_bad_rows`, `format`; see `read_corpus`.

    Raises:
        TypeError: the vectors are no numbers.
        ValueError: a source, column or value cannot be used, or one side has no row with text.
        OSError: a file or the model's weights cannot be reached.

    Example:
        >>> rows = {"text": ["a cat", "a dog", "A cat!"], "split": ["train", "train", "test"]}
        >>> find_leakage(rows, text="text", vectors=np.eye(2)[[0, 1, 0]]).to_pandas()[["row", "train_row", "kind"]].values.tolist()
        [[2, 0, 'normalised']]
    """
    from nomic_explore.corpus.read_options import check_reading
    from nomic_explore.corpus.reading import open_corpus

    check_reading(reading, find_leakage)
    check_threshold(min_similarity)
    trained = open_corpus(corpus, text, reading=reading)
    tested = trained if other is None else open_corpus(other, text, reading=reading)
    train_rows, test_rows = _split_rows(trained, split, test, train) if other is None else (trained.rows, tested.rows)
    _check_labels(label, trained, tested)
    rows = ((trained, train_rows), (tested, test_rows))
    texts = [str(side.texts[row]) for side, numbers in rows for row in numbers]
    given = None
    if vectors is not None:
        from nomic_explore.corpus.given import find_values

        n_before = 0 if other is None else len(trained)
        places = np.concatenate([train_rows, test_rows + n_before])
        if isinstance(vectors, str) and other is not None:
            parts = [choose_vectors(find_values(side, vectors), len(side), numbers) for side, numbers in rows]
            given = np.concatenate(parts)
        else:
            given = choose_vectors(find_values(tested, vectors), n_before + len(tested), places)
    is_test = np.arange(len(texts)) >= len(train_rows)
    progress = open_progress(show_progress)
    try:
        embedded = embed_rows(texts, given, model, progress)
        progress.start("duplicates")
        graph = build_crossing_graph(embedded.vectors, embedded.distinct.inverse, is_test)
        evidence = collect_evidence(texts, embedded.of_rows, graph, columns=_columns(rows))
        info = choose_threshold(min_similarity, evidence, graph, embedded.duplicate_similarity)
        crossing = cross(evidence, is_test, info["threshold"])
        progress.finish(f"{int((crossing.match >= 0).sum()):,} test texts resemble training texts")
    finally:
        progress.close()
    return Leakage(trained, tested, train_rows, test_rows, label, info["threshold"], evidence, crossing)


def _split_rows(corpus: "Corpus", split: str, test: object, train: object) -> tuple[np.ndarray, np.ndarray]:
    """Returns the numbers of the training and of the test rows with text."""
    values = values_of(corpus, check_choice(split, "split", corpus.table.column_names), corpus.rows)
    known = ", ".join(sorted({repr(value) for value in values})[:10])
    for name, value in (("test", test), ("train", train)):
        if value not in values and not (name == "train" and train is None):
            raise ValueError(f"{name}={value!r}; column {split!r} holds {known} where there is text.")
    is_test = np.array([value == test for value in values], dtype=bool)
    is_train = ~is_test if train is None else np.array([value == train for value in values], dtype=bool)
    if not is_train.any() or train == test:
        raise ValueError(f"every row of column {split!r} is for testing; expected some for training: it holds {known}.")
    return corpus.rows[is_train], corpus.rows[is_test]


def _check_labels(label: str | None, *sides: "Corpus") -> None:
    for side in sides:
        if label is not None:
            check_choice(label, "label", side.table.column_names)


def _columns(sides: "Sequence[tuple[Corpus, np.ndarray]]") -> dict[str, list[str | None]]:
    """Returns what the rows of both sides hold in each of several columns that make the text, if these are the same."""
    names, others = (side.joined_columns for side, _ in sides)
    if names != others:
        return {}
    one, two = (column_texts(side.table, names, rows) for side, rows in sides)
    return {name: one[name] + two[name] for name in names}
