"""Metadata of topics: the values that are over-represented in each, and the dates of its documents."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

_N_LIFTS = 6
_MIN_INSIDE = 3  # documents: fewer are an anecdote
_MAX_VALUES = 2000  # in a column of categories: what has more names single documents
_MAX_WHOLE_NUMBERS = 200  # years, grades and numbers of classes; what has more is a measurement
_MAX_CHARACTERS = 80  # on average: what is longer is prose
_SAMPLE = 10_000  # rows that decide whether a column is encoded
_MAX_CHANCE = (
    0.01  # that a column spread by chance names a value; shared by its values, as many of them find more by chance
)
_DAY = 86_400_000_000  # microseconds

Encoded: TypeAlias = tuple[np.ndarray, np.ndarray, list[str | int | bool]]  # see `_encode`
EncodedTable: TypeAlias = dict[str, Encoded]


@dataclass(frozen=True)
class Lift:
    """A metadata value that is more frequent in a topic than among all documents.

    Attributes:
        column: of the metadata.
        value: of that column; of a column of lists one item.
        share: of the topic's documents that have it.
        overall: share of all documents that have it.
        lift: share / overall, above 1.
    """

    column: str
    value: str | int | bool
    share: float
    overall: float
    lift: float


def encode_table(table: "pa.Table") -> EncodedTable:
    """Returns the columns of a table that hold categories, encoded: what asks for lifts more than once does this once.

    Args:
        table: n rows of metadata.

    Example:
        >>> import pyarrow as pa
        >>> list(encode_table(pa.table({"kind": ["pet", "star"], "weight": [0.5, 2.0]})))
        ['kind']
    """
    encoded = {name: _encode(column) for name, column in zip(table.column_names, table.columns, strict=True)}
    return {name: one for name, one in encoded.items() if one is not None}


def find_lifts(
    table: "pa.Table | EncodedTable", inside: np.ndarray, n_topics: int, has_text: np.ndarray
) -> list[list[Lift]]:
    """Returns for each topic the over-represented metadata values, at most six, the most significant first.

    Chance is measured by the log-likelihood ratio of the two-by-two table (Dunning 1993), against the chi-squared
    distribution with one degree of freedom.

    Args:
        table: n rows of metadata, or what `encode_table` made of them; text, booleans, whole numbers with few values, and
            lists of text count as categories.
        inside: (n,) int: the topic of each row, -1 for none.
        n_topics: how many topics there are.
        has_text: (n,) bool: the rows that count as documents.

    Example:
        >>> import pyarrow as pa
        >>> table = pa.table({"kind": ["pet"] * 8 + ["star"] * 8})
        >>> find_lifts(table, np.repeat([0, -1], 8), 1, np.ones(16, dtype=bool))
        [[Lift(column='kind', value='pet', share=1.0, overall=0.5, lift=2.0)]]
    """
    from scipy.special import chdtri

    found: list[list[tuple[float, Lift]]] = [[] for _ in range(n_topics)]
    sizes = np.bincount(inside[has_text & (inside >= 0)], minlength=n_topics)
    n_documents = int(has_text.sum())
    for name, (rows, codes, values) in (table if isinstance(table, dict) else encode_table(table)).items():
        is_counted = has_text[rows]
        rows, codes = rows[is_counted], codes[is_counted]
        totals = np.bincount(codes, minlength=len(values))
        is_inside = inside[rows] >= 0
        cells = inside[rows[is_inside]] * len(values) + codes[is_inside]
        counts = np.bincount(cells, minlength=n_topics * len(values)).reshape(n_topics, len(values))
        topics, at = np.nonzero(counts >= _MIN_INSIDE)
        with_value = counts[topics, at]
        evidence = _log_likelihood(with_value, sizes[topics], totals[at], n_documents)
        share, overall = with_value / sizes[topics], totals[at] / max(1, n_documents)
        for cell in np.flatnonzero((share > overall) & (evidence >= chdtri(1, _MAX_CHANCE / len(values)))).tolist():
            ratio = float(share[cell] / overall[cell])
            lift = Lift(name, values[at[cell]], float(share[cell]), float(overall[cell]), ratio)
            found[topics[cell]].append((float(evidence[cell]), lift))
    ranked = [sorted(own, key=lambda pair: -pair[0])[:_N_LIFTS] for own in found]
    return [[lift for _, lift in own] for own in ranked]


def find_dates(table: "pa.Table", inside: np.ndarray, n_topics: int) -> list[dict[str, tuple[str, str]]]:
    """Returns for each topic and each column of dates or times the 5th and the 95th percentile, in ISO 8601.

    Times of day are omitted where a column has none; times with a zone are given in UTC ("Z").

    Args:
        table: n rows of metadata.
        inside: (n,) int: the topic of each row, -1 for none.
        n_topics: how many topics there are.

    Example:
        >>> import datetime, pyarrow as pa
        >>> table = pa.table({"day": [datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)]})
        >>> find_dates(table, np.array([0, 0]), 1)
        [{'day': ('2020-01-01', '2021-01-01')}]
    """
    found: list[dict[str, tuple[str, str]]] = [{} for _ in range(n_topics)]
    for name, rows, values, zone in _times(table):
        is_inside = inside[rows] >= 0
        topics, own = inside[rows[is_inside]], values[is_inside]
        order = np.lexsort((own, topics))
        borders = np.searchsorted(topics[order], np.arange(n_topics + 1))
        unit, ending = ("D", "") if not (values % _DAY).any() else ("s", zone)
        for topic, (start, end) in enumerate(pairwise(borders.tolist())):
            if start < end:
                places = start + np.round(np.array([0.05, 0.95]) * (end - start - 1)).astype(np.int64)
                moments = own[order[places]].astype("datetime64[us]").astype(f"datetime64[{unit}]")
                first, last = (f"{moment}{ending}" for moment in moments)
                found[topic][name] = (first, last)
    return found


def _encode(column: "pa.ChunkedArray") -> Encoded | None:
    """Returns rows (m,), the numbers of their values (m,) and the values; None for a column that holds no categories."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = np.arange(len(column))
    is_list = pa.types.is_list(column.type) or pa.types.is_large_list(column.type)
    if is_list:
        if not (_is_text(column.type.value_type) or pa.types.is_dictionary(column.type.value_type)):
            return None
        array = column.combine_chunks()
        rows = pc.list_parent_indices(array).to_numpy(zero_copy_only=False).astype(np.int64)
        column = pa.chunked_array([pc.list_flatten(array)])
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not _is_category(column):
        return None
    coded = column.dictionary_encode().combine_chunks()
    values = coded.dictionary.to_pylist()
    most = _MAX_WHOLE_NUMBERS if pa.types.is_integer(column.type) else _MAX_VALUES
    if not 2 <= len(values) <= most:
        return None
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    is_empty = np.array([value == "" for value in values])
    is_kept = (codes >= 0) & ~is_empty[codes]
    rows, codes = rows[is_kept], codes[is_kept]
    if is_list:  # an item that a list names twice counts once
        pairs = np.unique(rows * len(values) + codes)
        rows, codes = pairs // len(values), pairs % len(values)
    return rows, codes, values


def _is_category(column: "pa.ChunkedArray") -> bool:
    """Says whether the type, and for text the beginning of a column, are those of categories."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_boolean(column.type):
        return True
    if not (_is_text(column.type) or pa.types.is_integer(column.type)):
        return False
    head = column.slice(0, _SAMPLE)
    if pc.count_distinct(head).as_py() > _MAX_VALUES:
        return False
    return not _is_text(column.type) or (pc.mean(pc.utf8_length(head)).as_py() or 0) <= _MAX_CHARACTERS


def _is_text(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _times(table: "pa.Table") -> Iterator[tuple[str, np.ndarray, np.ndarray, str]]:
    """Yields each column of dates or times: its name, the rows that have one, microseconds since 1970, and "Z" or ""."""
    import pyarrow as pa

    for name, column in zip(table.column_names, table.columns, strict=True):
        if not (pa.types.is_date(column.type) or pa.types.is_timestamp(column.type)):
            continue
        zone = getattr(column.type, "tz", None)
        values = column.cast(pa.timestamp("us", zone), safe=False).cast(pa.int64())
        rows = np.flatnonzero(column.is_valid().to_numpy())
        yield name, rows, values.drop_null().to_numpy(), "Z" if zone else ""


def _log_likelihood(inside: np.ndarray, sizes: np.ndarray, totals: np.ndarray, n: int) -> np.ndarray:
    """Returns (m,) G squared of documents with a value: in the topic, its size, in all, and all there are."""

    def weigh(count: np.ndarray | int) -> np.ndarray:
        return count * np.log(np.maximum(count, 1))

    missing = sizes - inside
    return 2 * (
        weigh(inside) + weigh(missing) + weigh(totals - inside) + weigh(n - totals - missing)
        - weigh(sizes) - weigh(n - sizes) - weigh(totals) - weigh(n - totals) + weigh(n)
    )  # fmt: skip
