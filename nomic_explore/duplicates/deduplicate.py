"""`deduplicate()`: removes duplicates from a source without building a map."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, TypedDict, Unpack

import numpy as np

from nomic_explore.checks import check_choice, check_fraction
from nomic_explore.duplicates.background import auto_threshold, measure_background
from nomic_explore.duplicates.columns import column_texts
from nomic_explore.duplicates.deduplication import Deduplication, describe_settings
from nomic_explore.duplicates.duplicates import Duplicates
from nomic_explore.duplicates.evidence import Evidence, collect_equal, collect_evidence
from nomic_explore.duplicates.pairs import DROPPING, KINDS, MIN_SIMILARITY
from nomic_explore.duplicates.policies import Keep, score_rows
from nomic_explore.duplicates.report.report import MadeBy
from nomic_explore.duplicates.row_vectors import choose_vectors, embed_rows
from nomic_explore.progress import Progress, open_progress

if TYPE_CHECKING:
    from nomic_explore.corpus import Corpus
    from nomic_explore.corpus.read_options import ReadingOptions
    from nomic_explore.graph import NeighborGraph
    from nomic_explore.models.encoder import EncoderLike


class ThresholdChoice(TypedDict):
    """A threshold, what was asked for, and how it compares with unrelated neighbors."""

    threshold: float
    min_similarity_asked: float | str
    background: dict[str, float]


_HASHED = KINDS[:2]  # what needs no vectors


def deduplicate(
    source: object,
    text: str | Sequence[str] | None = None,
    model: "EncoderLike | None" = None,
    *,
    id: str | None = None,
    limit: int | None = None,
    vectors: object = None,
    min_similarity: float | str = "auto",
    kinds: Collection[str] | None = None,
    keep: Keep = "longest",
    exact_only: bool = False,
    block_by: str | None = None,
    show_progress: bool | None = None,
    **reading: Unpack["ReadingOptions"],
) -> Deduplication:
    """Returns the duplicates in a source and what stays without them; builds no map and writes nothing.

    Args:
        source: anything that `read_corpus` reads, or a `Corpus`.
        text: the column, columns or template that make the text. Of several columns each is evidence of its own: rows that
            differ entirely in one, such as the title, are not dropped for one another.
        model: what makes the vectors, see `explore`; None is `minilm`. With `vectors` it names what made them.
        id: the column that identifies a document.
        limit: read at most this many rows.
        vectors: (n, d), one for each row, of any kind that `explore` takes, also the name of a column or the path of a file;
            nothing is embedded. Those of rows without text are ignored, and can be None.
        min_similarity: cosine from which meaning alone flags a row for review, 0.80 to 1; "auto" takes the model's default,
            raised to what is exceptional in this corpus (`auto_threshold`).
        kinds: the evidence that drops a row, some of "exact", "normalised", "lexical", "semantic"; the rest flags for review.
            None is the first three, with `exact_only` the first.
        keep: which of several duplicates is kept; see `Duplicates.at`.
        exact_only: look only for texts that are equal, or equal but for case, space and punctuation: no model is needed. The
            latter are dropped if "normalised" is among `kinds`, else flagged for review.
        block_by: a column; only rows with the same value in it are compared.
        show_progress: None shows progress in notebooks and terminals; False shows nothing.
        reading: how files are read: `encoding`, `sep`, `dtype`, `on_bad_rows`, `format`; see `read_corpus`.

    Raises:
        TypeError: the vectors are no numbers.
        ValueError: the source, a column, the policy, the vectors or the threshold cannot be used.
        OSError: a file or the model's weights cannot be reached.

    Example:
        >>> deduplicate(["a cat", "A cat!", "a dog", "a dog"], exact_only=True)
        Deduplication('texts', 4 rows: 3 kept, 1 dropped, 1 of the kept ones flagged for review)
    """
    from nomic_explore.corpus.fingerprint import describe_input
    from nomic_explore.corpus.given import find_values
    from nomic_explore.corpus.read_options import check_reading
    from nomic_explore.corpus.reading import open_corpus

    check_reading(reading, deduplicate)
    chosen = _check_kinds(kinds, exact_only)
    if exact_only and (vectors is not None or model is not None):
        argument = "vectors" if vectors is not None else "model"
        raise ValueError(f"exact_only=True compares texts without vectors; leave {argument}= out.")
    check_threshold(min_similarity)
    corpus = open_corpus(source, text, id, limit=limit, reading=reading)
    if block_by is not None:
        check_choice(block_by, "block_by", corpus.table.column_names)
    priority = score_rows(keep, corpus.table)
    given = None if vectors is None else choose_vectors(find_values(corpus, vectors), len(corpus), corpus.rows)
    columns = corpus.joined_columns
    progress = open_progress(show_progress)
    try:
        if exact_only:
            evidence, threshold, made_with = _collect_equal(corpus, block_by)
        else:
            evidence, threshold, made_with = _collect(corpus, given, model, min_similarity, columns, block_by, progress)
    finally:
        progress.close()
    found = Duplicates.from_evidence(
        evidence,
        min_similarity=threshold,
        kinds=chosen,
        keep=priority,
        rows=corpus.rows,
        n_rows=len(corpus),
    )
    found = replace(found, keep=keep, table=corpus.table)
    asked: MadeBy = {
        "text": text,
        "id": id,
        "limit": limit,
        "columns": columns,
        "block_by": block_by,
        "exact_only": exact_only,
    }
    read: MadeBy = {
        "corpus": corpus.name,
        "rows": len(corpus),
        "inputs": describe_input(source, corpus.texts, reading.get("format")),
    }
    made_by = _made_by(read, asked, made_with, describe_settings(found))
    if exact_only:
        made_by["min_similarity"] = None
    return Deduplication(corpus, found, made_by)


def deduplicate_by(corpus: "Corpus", duplicates: Duplicates, made_by: MadeBy) -> Deduplication:
    """Returns what stays of a corpus by decisions that were already made.

    Args:
        corpus: n rows.
        duplicates: decisions on the same rows.
        made_by: what the duplicates were found with, ready for JSON: `vectors` (provenance), `min_similarity_asked`, `columns`,
            `block_by`.

    Example:
        >>> from nomic_explore import read_corpus
        >>> found = deduplicate(["a cat", "a cat"], exact_only=True).duplicates
        >>> deduplicate_by(read_corpus(["a cat", "a cat"]), found, {"vectors": None}).kept().texts
        ['a cat']
    """
    from nomic_explore.corpus.fingerprint import hash_texts

    inputs = {"files": [], "texts_sha256": hash_texts(corpus.texts)}
    read: MadeBy = {"corpus": corpus.name, "rows": len(corpus), "inputs": inputs}
    asked: MadeBy = {
        "columns": made_by.get("columns", []),
        "block_by": made_by.get("block_by"),
        "exact_only": False,
    }
    made_with: MadeBy = {**made_by}
    made_with.pop("columns", None)
    made_with.pop("block_by", None)
    made_with.pop("exact_only", None)
    return Deduplication(corpus, duplicates, _made_by(read, asked, made_with, describe_settings(duplicates)))


def choose_threshold(
    min_similarity: float | str,
    evidence: Evidence,
    graph: "NeighborGraph",
    default: float | None,
    blocks: Sequence[object] | None = None,
) -> ThresholdChoice:
    """Returns the `threshold`, what was asked for, and how it compares with unrelated neighbors, ready for JSON.

    Args:
        min_similarity: a cosine, or "auto".
        evidence: of n rows.
        graph: of these rows.
        default: the model's; None where it is not known.
        blocks: (n,) values that the evidence was collected with.
    """
    background = measure_background(evidence, graph, blocks=blocks)
    asked = auto_threshold(background, default) if isinstance(min_similarity, str) else float(min_similarity)
    info: dict[str, float] = {"n_unrelated": background.n}
    if background.n:
        info["share_of_unrelated_below"] = round(background.share_below(asked), 6)
    return {"threshold": asked, "min_similarity_asked": min_similarity, "background": info}


def check_threshold(min_similarity: float | str) -> None:
    """Raises ValueError unless the threshold is "auto" or a cosine for which evidence is kept."""
    if isinstance(min_similarity, str):
        check_choice(min_similarity, "min_similarity", ("auto",))
    elif check_fraction(min_similarity, "min_similarity") < MIN_SIMILARITY:
        raise ValueError(
            f"min_similarity={min_similarity}; expected at least {MIN_SIMILARITY}: pairs below are not kept."
        )


def _check_kinds(kinds: Collection[str] | None, exact_only: bool) -> tuple[str, ...]:
    """Returns the kinds of evidence that drop."""
    known = _HASHED if exact_only else KINDS
    if kinds is None:
        return known[:1] if exact_only else DROPPING
    unknown = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind not in known]
    if unknown:
        why = " with exact_only, which looks for nothing else" if exact_only else ""
        raise ValueError(f"kinds={kinds!r}; expected some of {', '.join(map(repr, known))}{why}.")
    return tuple(kind for kind in KINDS if kind in kinds)


def _collect_equal(corpus: "Corpus", block_by: str | None) -> tuple[Evidence, float, MadeBy]:
    """Returns the evidence that needs no vectors."""
    evidence = collect_equal(_texts_of(corpus), blocks=_blocks_of(corpus, block_by))
    return evidence, 1.0, {"vectors": None, "min_similarity_asked": None}


def _collect(
    corpus: "Corpus",
    vectors: np.ndarray | None,
    model: "EncoderLike | None",
    min_similarity: float | str,
    columns: list[str],
    block_by: str | None,
    progress: Progress,
) -> tuple[Evidence, float, MadeBy]:
    """Returns all evidence, and what it was made with."""
    rows, texts, blocks = corpus.rows, _texts_of(corpus), _blocks_of(corpus, block_by)
    embedded = embed_rows(texts, vectors, model, progress)
    progress.start("duplicates", None)
    graph = embedded.graph()
    parts = column_texts(corpus.table, columns, rows)
    evidence = collect_evidence(texts, embedded.of_rows, graph, columns=parts, blocks=blocks)
    info = choose_threshold(min_similarity, evidence, graph, embedded.duplicate_similarity, blocks)
    progress.finish(f"{len(evidence.pairs):,} pairs compared")
    made_with: MadeBy = {
        "vectors": embedded.provenance,
        "min_similarity_asked": min_similarity,
        "background": info["background"],
    }
    return evidence, info["threshold"], made_with


def _texts_of(corpus: "Corpus") -> list[str]:
    return [str(corpus.texts[row]) for row in corpus.rows]


def _blocks_of(corpus: "Corpus", block_by: str | None) -> list[object] | None:
    return corpus.table[block_by].take(corpus.rows).to_pylist() if block_by else None


def _made_by(*parts: MadeBy) -> MadeBy:
    """Returns what made a deduplication, in one dict."""
    made: MadeBy = {"nomic_explore": version("nomic-explore")}
    for part in parts:
        made |= part
    return made
