"""`Corpus`: the documents as the stages see them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from nomic_explore.checks import check_positive
from nomic_explore.corpus.audit import Audit, Finding, audit_texts, finding_at
from nomic_explore.corpus.frame_origin import FrameOrigin
from nomic_explore.corpus.nested_fields import find_column
from nomic_explore.html_table import html_table


@dataclass(frozen=True, eq=False, repr=False)
class Corpus:
    """The rows of a source: row i of table, texts and ids is document i.

    Attributes:
        table: all rows with their columns and types, in the order they came.
        texts: per row the text, or None for a row that is set aside because it is null or blank.
        ids: per row a name; no two rows share one.
        name: what the corpus is called.
        audit: what is odd about it.
        origin: the kind and the index of the frame that the rows came in; None if they came otherwise.
        text_columns: the column, the columns or the template that made the texts; None if they are not known.
    """

    table: pa.Table
    texts: list[str | None]
    ids: list[str]
    name: str
    audit: Audit
    origin: FrameOrigin | None = None
    text_columns: str | list[str] | None = None

    def __post_init__(self) -> None:
        if not self.table.num_rows == len(self.texts) == len(self.ids):
            raise ValueError(
                f"table has {self.table.num_rows} rows, texts {len(self.texts)}, ids {len(self.ids)}; "
                "row i must be document i in all three."
            )

    def __len__(self) -> int:
        return self.table.num_rows

    def __repr__(self) -> str:
        n_aside = len(self) - len(self.rows)
        aside = f", {n_aside:,} without text" if n_aside else ""
        return f"Corpus({self.name!r}, {len(self):,} rows{aside}, columns: {', '.join(self.table.column_names)})"

    def _repr_html_(self) -> str:
        """What a notebook shows: how many rows, which columns, and what the audit found."""
        facts: list[tuple[str, object]] = [("rows", len(self)), ("with text", len(self.rows))]
        facts += [("columns", ", ".join(self.table.column_names))]
        facts += [(finding.kind, f"{finding.count:,}: {finding.message}") for finding in self.audit.findings]
        return html_table(f"Corpus {self.name}", facts)

    def to_native(self) -> Any:
        """Returns the table in the kind of frame that it came in, with its index; pandas if it came in none.

        Example:
            >>> import pandas as pd
            >>> from nomic_explore import read_corpus
            >>> frame = pd.DataFrame({"text": ["a map", "of words"]}, index=["first", "second"])
            >>> read_corpus(frame).take([1]).to_native()
                        text
            second  of words
        """
        return (self.origin or FrameOrigin("pandas")).to_native(self.table)

    @cached_property
    def rows(self) -> np.ndarray:
        """(m,) int64: the numbers of the rows that have a text."""
        return np.flatnonzero(np.fromiter((text is not None for text in self.texts), bool, len(self.texts)))

    @property
    def joined_columns(self) -> list[str]:
        """The columns of which each text is joined; empty for one column, a template, and columns that were taken away.

        Example:
            >>> from nomic_explore import read_corpus
            >>> read_corpus({"title": ["A map"], "body": ["Of words"]}, text=["title", "body"]).joined_columns
            ['title', 'body']
        """
        columns = self.text_columns if isinstance(self.text_columns, list) else []
        are_there = all(find_column(self.table, name) is not None for name in columns)
        return list(columns) if are_there and len(columns) > 1 else []

    def take(self, rows: Sequence[int] | np.ndarray) -> "Corpus":
        """Returns these rows, in this order, audited anew.

        Args:
            rows: (m,) row numbers from 0 to n - 1, or an (n,) boolean mask. A row taken twice gets a second id.

        Returns:
            A corpus of m rows; its findings count in its own row numbers.

        Raises:
            IndexError: a row lies outside the corpus.

        Example:
            >>> from nomic_explore import read_corpus
            >>> read_corpus(["a cat", "a dog", "an owl"]).take([2, 0]).texts
            ['an owl', 'a cat']
        """
        chosen = _row_numbers(rows, len(self))
        texts = [self.texts[row] for row in chosen]
        ids = unique_ids([self.ids[row] for row in chosen])
        table = self.table.take(pa.array(chosen))
        audit = audit_texts(texts, table)
        carried = [finding_at(finding, chosen) for finding in self.audit.findings if finding.is_carried]
        kept = [finding for finding in carried if finding.count]
        audit = replace(audit, findings=(*audit.findings, *kept))
        origin = self.origin and self.origin.take(chosen)
        return replace(self, table=table, texts=texts, ids=ids, audit=audit, origin=origin)

    def without_columns(self, names: Sequence[str]) -> "Corpus":
        """Returns the corpus without some columns of its table; the texts stay.

        Example:
            >>> from nomic_explore import read_corpus
            >>> read_corpus({"text": ["a"], "x": [1.0]}).without_columns(["x"]).table.column_names
            ['text']
        """
        return replace(self, table=self.table.drop_columns(list(names))) if names else self

    def with_finding(self, kind: str, rows: np.ndarray, message: str) -> "Corpus":
        """Returns the corpus with a finding that does not follow from its documents; an earlier one of its kind goes.

        Args:
            kind: what it is.
            rows: (k,) the row numbers; none takes the finding away.
            message: what it means, in a sentence.

        Example:
            >>> from nomic_explore import read_corpus
            >>> read_corpus(["a", "b"]).with_finding("no vector", np.array([1]), "has no vector").audit["no vector"].count
            1
        """
        findings = tuple(finding for finding in self.audit.findings if finding.kind != kind)
        if len(rows):
            findings += (Finding(kind, len(rows), rows, message, is_carried=True),)
        return replace(self, audit=replace(self.audit, findings=findings))

    def with_lengths(self, token_counts: Sequence[int] | np.ndarray, max_tokens: int) -> "Corpus":
        """Returns the corpus with a finding for the texts that are longer than a model reads.

        Args:
            token_counts: (n,) tokens of each row's text; ignored where a row has none.
            max_tokens: what the model reads of a text, at least 1.

        Returns:
            The same documents; an earlier finding of this kind is replaced.

        Raises:
            ValueError: there is not one count for each row.

        Example:
            >>> from nomic_explore import read_corpus
            >>> read_corpus(["short", "rather long"]).with_lengths([3, 900], 256).audit["over-long text"].count
            1
        """
        max_tokens = check_positive(max_tokens, "max_tokens")
        counts = np.asarray(token_counts)
        if counts.shape != (len(self),):
            raise ValueError(f"token_counts has shape {counts.shape}; expected ({len(self)},): one count for each row.")
        has_text = np.zeros(len(self), bool)
        has_text[self.rows] = True
        long = np.flatnonzero(has_text & (counts > max_tokens))
        longest = int(counts[long].max(initial=0))
        message = f"longer than the {max_tokens:,} tokens the model reads; the rest is cut off (longest {longest:,})"
        return self.with_finding("over-long text", long, message)


def make_corpus(
    table: pa.Table,
    texts: pa.ChunkedArray,
    name: str,
    ids: Sequence[str | None] | None = None,
    *,
    text_columns: list[str] | str | None = None,
    notes: Sequence[Finding] = (),
    origin: FrameOrigin | None = None,
) -> Corpus:
    """Returns the audited corpus of a table whose texts are made.

    Args:
        table: n rows.
        texts: (n,) strings, null where a row is set aside.
        name: what to call the corpus.
        ids: (n,) names as given, not necessarily unique; None makes them from the texts.
        text_columns: the column, the columns or the template that make the text; they tell a null from a blank one.
        notes: findings about how the table was read, to stand before the others.
        origin: the kind and the index of the frame they came in.
    """
    listed = texts.to_pylist()
    audit = audit_texts(listed, table, ids, arrow_texts=texts, text_columns=text_columns or ())
    if ids is None:
        names = list(map(content_id, listed))
    else:
        names = [given or content_id(text) for given, text in zip(ids, listed, strict=True)]
    audit = replace(audit, findings=(*notes, *audit.findings))
    return Corpus(table, listed, unique_ids(names), name, audit, origin, text_columns)


def column_ids(column: pa.ChunkedArray, name: str) -> list[str | None]:
    """Returns the values of a column as strings; whole numbers without ".0", nulls and empty strings as None.

    Raises:
        ValueError: the column holds lists, structs or bytes.
    """
    kind = column.type
    if pa.types.is_binary(kind) or (pa.types.is_nested(kind) and not pa.types.is_dictionary(kind)):
        raise ValueError(
            f"id={name!r} is a column of type {kind}; expected one of texts or numbers, which name each row. "
            "Choose another column, or leave id= out: ids are then made from the texts."
        )
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    if pa.types.is_floating(column.type):
        numbers = column.drop_null().to_numpy()
        if np.isfinite(numbers).all() and (numbers == np.round(numbers)).all() and (abs(numbers) < 2**53).all():
            column = column.cast(pa.int64())
    return [value or None for value in column.cast(pa.large_string()).to_pylist()]


def content_id(text: str | None) -> str:
    """Returns a name made from the text, 16 hexadecimal digits; "blank" for a row without text."""
    if text is None:
        return "blank"
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def unique_ids(ids: Sequence[str]) -> list[str]:
    """Returns the ids, the second of equal ones with "-2" behind it, the third with "-3".

    Example:
        >>> unique_ids(["a", "b", "a", "a-2", "a"])
        ['a', 'b', 'a-3', 'a-2', 'a-4']
    """
    taken = set(ids)
    if len(taken) == len(ids):
        return list(ids)
    seen: dict[str, int] = {}
    unique = []
    for name in ids:
        number = seen.get(name, 0) + 1
        candidate = name
        if number > 1:
            while (candidate := f"{name}-{number}") in taken:
                number += 1
            taken.add(candidate)
        seen[name] = number
        unique.append(candidate)
    return unique


def _row_numbers(rows: Sequence[int] | np.ndarray, n_rows: int) -> np.ndarray:
    numbers = np.asarray(rows)
    if numbers.dtype == bool:
        if numbers.shape != (n_rows,):
            raise IndexError(f"the mask has shape {numbers.shape}; expected ({n_rows},): one value for each row.")
        return np.flatnonzero(numbers)
    if not numbers.size:
        return np.zeros(0, dtype=np.int64)
    if numbers.ndim != 1 or not np.issubdtype(numbers.dtype, np.integer):
        raise IndexError(f"rows is {numbers.dtype} of shape {numbers.shape}; expected a list of row numbers.")
    outside = numbers[(numbers < 0) | (numbers >= n_rows)]
    if len(outside):
        raise IndexError(f"row {int(outside[0])} is outside the corpus; expected 0 to {n_rows - 1}.")
    return numbers.astype(np.int64)
