"""The audit of a corpus: unusual texts, ids and columns, found before anything is computed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nomic_explore.cells.spellings import suggest
from nomic_explore.corpus.writing_systems import count_scripts
from nomic_explore.html_table import html_table

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

N_SHOWN = 5  # row numbers in a table
N_STORED = 100  # row numbers of a finding on disk

# UTF-8 that was read as Latin-1 or Windows-1252: a lead byte is a letter, the continuation bytes are signs. One such
# sequence is proof where no language writes it; two in a row where a letter before quotes could be meant ("voilà…”").
_SIGN = r"[\x{0080}-\x{00BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
MOJIBAKE = "|".join(
    [
        rf"[ÂÃ]{_SIGN}",
        rf"â€{_SIGN}",
        r"[à-ï][\x{0080}-\x{009F}][\x{0080}-\x{00BF}]",
        rf"[ðï][\x{{0080}}-\x{{00BF}}Ÿ»¿]{_SIGN}",
        rf"(?:[Ä-ß]{_SIGN}){{2}}",
        rf"(?:[à-ï]{_SIGN}{{2}}){{2}}",
    ]
)
CONTROL = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]|\x{0080}|[\x{0081}-\x{0084}\x{0086}-\x{009F}]"
_SPELLED = {"number": "numbers", "date": "dates", "boolean": "truth values"}


@dataclass(frozen=True, eq=False)
class Finding:
    """A kind of irregularity in a corpus, and its rows.

    Attributes:
        kind: what it is, such as "null text", "repeated text", "mojibake".
        count: how many rows, or columns for findings about columns.
        rows: row numbers, ascending; all of them in memory, the first 100 once loaded from disk; none for columns.
        message: what it means, in a sentence.
        is_carried: whether it comes from elsewhere than the documents (a model, a file) and cannot be found again.
    """

    kind: str
    count: int
    rows: Any
    message: str
    is_carried: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", np.asarray(self.rows, dtype=np.int64).reshape(-1))


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """The irregularities of a corpus; a table when printed and in a notebook.

    Attributes:
        n_rows: rows of the corpus.
        n_texts: rows that have a text.
        findings: one for each kind that occurs.
    """

    n_rows: int
    n_texts: int
    findings: tuple[Finding, ...] = ()

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, kind: str) -> Finding:
        """Returns the finding of a kind; one with count 0 if nothing of the kind was found."""
        return next((finding for finding in self.findings if finding.kind == kind), Finding(kind, 0, (), "none"))

    def __str__(self) -> str:
        if not self.findings:
            return f"{self._headline()}: nothing odd found."
        cells = [("finding", "count", "rows", "what it means"), *map(self._cells, self.findings)]
        widths = [max(len(row[place]) for row in cells) for place in range(3)]
        lines = [
            f"{kind:<{widths[0]}}  {count:>{widths[1]}}  {rows:<{widths[2]}}  {message}".rstrip()
            for kind, count, rows, message in cells
        ]
        return "\n".join([self._headline(), *lines])

    def __repr__(self) -> str:
        found = ", ".join(f"{finding.kind} {finding.count:,}" for finding in self.findings) or "nothing odd found"
        return f"Audit({self._headline()}: {found})"

    def __rich__(self) -> "Table":
        from rich.table import Table
        from rich.text import Text

        table = Table(title=self._headline(), title_justify="left", box=None, pad_edge=False)
        for name, justify in (("finding", "left"), ("count", "right"), ("rows", "left"), ("what it means", "left")):
            table.add_column(name, justify=justify)  # type: ignore[arg-type]
        for finding in self.findings:
            table.add_row(*map(Text, self._cells(finding)))
        return table

    def _repr_html_(self) -> str:
        columns = ("finding", "count", "rows", "what it means") if self.findings else ()
        note = "" if self.findings else ": nothing odd found"
        return html_table(f"{self._headline()}{note}", map(self._cells, self.findings), columns)

    def to_pandas(self) -> "pd.DataFrame":
        """Returns one row per finding: kind, count, share of the rows, rows (a list), message.

        Example:
            >>> audit_texts(["a cat", "a cat", None]).to_pandas()["kind"].tolist()
            ['null text', 'repeated text']
        """
        import pandas as pd

        records = [
            (
                finding.kind,
                finding.count,
                len(finding.rows) and finding.count / self.n_rows,
                finding.rows.tolist(),
                finding.message,
            )
            for finding in self.findings
        ]
        return pd.DataFrame(records, columns=["kind", "count", "share", "rows", "message"])

    def to_json(self) -> dict[str, object]:
        """Returns the audit as a dict for JSON, with the first 100 row numbers of each finding."""
        findings = [
            {
                "kind": finding.kind,
                "count": finding.count,
                "rows": finding.rows[:N_STORED].tolist(),
                "message": finding.message,
                "is_carried": finding.is_carried,
            }
            for finding in self.findings
        ]
        return {"n_rows": self.n_rows, "n_texts": self.n_texts, "findings": findings}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Audit":
        """Returns the audit that `to_json` wrote."""
        return cls(stored["n_rows"], stored["n_texts"], tuple(Finding(**finding) for finding in stored["findings"]))

    def _headline(self) -> str:
        aside = f", {self.n_rows - self.n_texts:,} set aside" if self.n_texts < self.n_rows else ""
        return f"{self.n_rows:,} rows, {self.n_texts:,} with text{aside}"

    def _cells(self, finding: Finding) -> tuple[str, str, str, str]:
        shown = ", ".join(str(row) for row in finding.rows[:N_SHOWN])
        more = " …" if finding.count > N_SHOWN and len(finding.rows) else ""
        return finding.kind, f"{finding.count:,}", shown + more, finding.message


def audit_texts(
    texts: Sequence[str | None],
    table: pa.Table | None = None,
    ids: Sequence[str | None] | None = None,
    *,
    arrow_texts: pa.ChunkedArray | None = None,
    text_columns: Sequence[str] | str = (),
) -> Audit:
    """Returns the irregularities of texts, of their ids and of the columns beside them.

    Args:
        texts: (n,) None where a row has no text.
        table: n rows; its constant columns are reported.
        ids: (n,) as given by the source, before they are made unique; None where the source has none.
        arrow_texts: the texts as an Arrow column, if there is one already.
        text_columns: the columns that make the text, to distinguish null from blank.

    Returns:
        The audit; linear in the length of the texts.

    Example:
        >>> [finding.kind for finding in audit_texts(["a cat", "a cat", None])]
        ['null text', 'repeated text']
    """
    column = arrow_texts if arrow_texts is not None else pa.chunked_array([pa.array(texts, pa.large_string())])
    found = [*_empty_rows(column, table, text_columns), *_odd_texts(column)]
    if ids is not None:
        found += _odd_ids(ids)
    if table is not None and table.num_rows > 1:
        found += _constant_columns(table)
    if table is not None:
        found += _spelled_columns(table, text_columns)
    scripts = count_scripts(column)
    if scripts is not None:
        found.append(Finding("scripts", *scripts))
    return Audit(len(column), len(column) - column.null_count, tuple(found))


def finding_at(finding: Finding, rows: np.ndarray) -> Finding:
    """Returns a finding with the row numbers of a selection, in which row `rows[i]` becomes row i."""
    if not len(finding.rows):
        return finding
    kept = np.flatnonzero(np.isin(rows, finding.rows))
    return Finding(finding.kind, len(kept), kept, finding.message, finding.is_carried)


def _empty_rows(
    column: pa.ChunkedArray, table: pa.Table | None, text_columns: Sequence[str] | str
) -> Iterator[Finding]:
    empty = _rows_where(column.is_null())
    names = [text_columns] if isinstance(text_columns, str) else list(text_columns)
    is_null = np.ones(len(empty), dtype=bool)
    if table is not None and names and set(names) <= set(table.column_names):
        for name in names:
            is_null &= table[name].is_null().to_numpy()[empty]
    nulls, blanks = empty[is_null], empty[~is_null]
    if len(nulls):
        yield Finding("null text", len(nulls), nulls, "no text; set aside, not embedded")
    if len(blanks):
        yield Finding("blank text", len(blanks), blanks, "nothing but white space; set aside, not embedded")


def _odd_texts(column: pa.ChunkedArray) -> Iterator[Finding]:
    numbers = pc.fill_null(column.combine_chunks().dictionary_encode().indices, -1).to_numpy(zero_copy_only=False)
    _, first = np.unique(numbers, return_index=True)
    repeats = np.ones(len(numbers), dtype=bool)
    repeats[first] = False
    repeated = np.flatnonzero(repeats & (numbers >= 0))
    if len(repeated):
        n_texts = len(np.unique(numbers[repeated]))
        yield Finding(
            "repeated text", len(repeated), repeated, f"word for word as in an earlier row ({n_texts:,} texts)"
        )
    rows = _rows_where(pc.match_substring_regex(column, CONTROL))
    if len(rows):
        yield Finding("control character", len(rows), rows, "holds characters that are not text, such as NUL or escape")
    wide_rows = _rows_where(pc.invert(pc.string_is_ascii(column)))
    wide = column.take(pa.array(wide_rows))
    tests: list[tuple[str, Callable[[Any], Any], str]] = [
        (
            "replacement character",
            lambda texts: pc.match_substring(texts, "\ufffd"),
            "holds U+FFFD: characters were lost",
        ),
        (
            "mojibake",
            lambda texts: pc.match_substring_regex(texts, MOJIBAKE),
            "UTF-8 read in another encoding, such as 'Ã©' for 'é'",
        ),
    ]
    for kind, test, message in tests:
        rows = wide_rows[_rows_where(test(wide))]
        if len(rows):
            yield Finding(kind, len(rows), rows, message)


def _odd_ids(ids: Sequence[str | None]) -> Iterator[Finding]:
    seen: set[str] = set()
    repeated, missing = [], []
    for row, name in enumerate(ids):
        if name is None:
            missing.append(row)
        elif name in seen:
            repeated.append(row)
        else:
            seen.add(name)
    if missing:
        yield Finding("null id", len(missing), missing, "no id; named after its text", is_carried=True)
    if repeated:
        yield Finding(
            "duplicate id", len(repeated), repeated, "id of an earlier row; '-2' … was added", is_carried=True
        )


def _constant_columns(table: pa.Table) -> Iterator[Finding]:
    constant = [name for name, column in zip(table.column_names, table.columns, strict=True) if _is_constant(column)]
    if constant:
        yield Finding("constant column", len(constant), (), f"one value in all rows: {', '.join(constant)}")


def _spelled_columns(table: pa.Table, text_columns: Sequence[str] | str) -> Iterator[Finding]:
    """Yields a finding for columns of text whose cells are numbers, dates or truth values in some spelling."""
    used = {text_columns} if isinstance(text_columns, str) else set(text_columns)
    kinds = {name: suggest(table[name]) for name in table.column_names if name not in used}
    found = {name: kind for name, kind in kinds.items() if kind is not None}
    if found:
        listed = ", ".join(f"column {name!r} looks like {_SPELLED[kind]}" for name, kind in found.items())
        message = f"{listed}, written as text; read_corpus(..., dtype={found}) reads it so"
        yield Finding("kept as text", len(found), (), message)


def _is_constant(column: pa.ChunkedArray) -> bool:
    if column.null_count == len(column):
        return True
    if column.null_count:
        return False
    try:
        if len(column.slice(0, 1000).unique()) > 1:
            return False
        return len(column.unique()) == 1
    except pa.ArrowNotImplementedError:  # lists and structs
        return False


def _rows_where(mask: "pa.ChunkedArray | pa.BooleanArray") -> np.ndarray:
    """Returns the numbers of the rows whose value is true, not false and not null."""
    return np.flatnonzero(np.asarray(pc.fill_null(mask, False)).astype(bool))
