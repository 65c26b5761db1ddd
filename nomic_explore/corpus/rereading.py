"""A corpus read again: its texts from other columns, its ids from a column, fewer of its rows."""

from collections.abc import Sequence
from dataclasses import replace

from nomic_explore.corpus.corpus import Corpus, column_ids, content_id, make_corpus, unique_ids
from nomic_explore.corpus.texts import check_column, make_texts, text_source


def reread(
    corpus: Corpus,
    text: str | Sequence[str] | None = None,
    id: str | None = None,
    *,
    name: str | None = None,
    limit: int | None = None,
) -> Corpus:
    """Returns what `read_corpus` would have returned with these arguments for the table of a corpus.

    Args:
        corpus: n rows.
        text: the column, columns or template that make the texts; None keeps them.
        id: the column that names a document; None keeps the ids, unless they were made from texts that change.
        name: what to call it; None keeps the name.
        limit: keep the first rows only.

    Raises:
        ValueError: there is no such column, or it holds no text.

    Example:
        >>> from nomic_explore import read_corpus
        >>> corpus = read_corpus({"title": ["A map"], "body": ["of words"]}, text="title")
        >>> reread(corpus, text=["title", "body"]).texts
        ['A map. of words']
    """
    if limit is not None and limit < len(corpus):
        corpus = corpus.take(range(limit))
    corpus = replace(corpus, name=name or corpus.name)
    chosen = None if text is None else text_source(corpus.table, text, corpus.name)
    if (chosen is None or chosen == corpus.text_columns) and id is None:
        return corpus
    named = corpus.ids if id is None else column_ids(check_column(corpus.table, id, "id", corpus.name), id)
    if chosen is None or chosen == corpus.text_columns:
        return replace(
            corpus, ids=unique_ids([own or content_id(text) for own, text in zip(named, corpus.texts, strict=True)])
        )
    are_made = id is None and corpus.ids == unique_ids(list(map(content_id, corpus.texts)))
    notes = [finding for finding in corpus.audit.findings if finding.is_carried]
    return make_corpus(
        corpus.table,
        make_texts(corpus.table, chosen, corpus.name),
        corpus.name,
        None if are_made else named,
        text_columns=chosen,
        notes=notes,
        origin=corpus.origin,
    )
