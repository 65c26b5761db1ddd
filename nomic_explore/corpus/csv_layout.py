"""How a CSV file is laid out: what stands before its header, its delimiter, its columns, how it quotes."""

import re
from dataclasses import dataclass
from itertools import islice

import numpy as np

from nomic_explore.corpus.csv_rows import Record, split_records

DELIMITERS = ",;\t|"
_SAMPLE_BYTES = 1 << 18  # of which the layout is found
_N_RECORDS = 50  # looked at for the delimiter
_MIN_SHARE = 0.5  # of the records that have as many fields as the header, for a delimiter to be believed
_MIN_SHARE_OF_SENTENCE = 0.9  # likewise, if the header could be a sentence
_BLOCK = 1 << 24  # bytes looked at at a time
_SEP_LINE = re.compile(r'[ \t]*"?sep=([\t -~])"?[ \t,;]*(?:\r\n|\n|\r)', re.IGNORECASE)
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_NAME = re.compile(r"\w[\w.-]*")
_QUOTE, _BACKSLASH = ord('"'), ord("\\")


@dataclass(frozen=True)
class CsvLayout:
    """The layout of a CSV file.

    Attributes:
        delimiter: what separates fields.
        names: of the columns, as the header has them, without white space around them.
        header: where the header begins, in bytes.
        body: where the first row begins.
        n_comments: lines before the header that start with "#".
    """

    delimiter: str
    names: tuple[str, ...]
    header: int
    body: int
    n_comments: int


def find_layout(content: bytes, sep: str | None = None, default: str | None = None) -> CsvLayout | None:
    r"""Returns the layout of a CSV file in UTF-8; None if it has no header.

    Args:
        content: its start, at least a few rows.
        sep: the delimiter, if it is known.
        default: the delimiter unless the file names another one in a first line such as "sep=;".

    Raises:
        UnicodeDecodeError: the header is not UTF-8.

    Example:
        >>> find_layout(b'# exported today\ntext;"Price, net"\nx;1\n').names
        ('text', 'Price, net')
    """
    sample = content[:_SAMPLE_BYTES].decode("latin-1")  # one character a byte
    start = 0
    if found := _SEP_LINE.match(sample):
        default, start = found.group(1), found.end()
    start, n_comments = _skip_comments(sample, start)
    is_cut = len(content) > _SAMPLE_BYTES
    delimiter = sep or default or _find_delimiter(sample, start, is_cut)
    header = next(split_records(sample, delimiter, start=start), None)
    if header is None:
        return None
    names = tuple(name.encode("latin-1").decode("utf-8").strip().strip("\ufeff") for name in header.fields)
    return CsvLayout(delimiter, names, header.start, header.end, n_comments)


def _skip_comments(sample: str, start: int) -> tuple[int, int]:
    """Returns where the header begins, and how many lines that start with "#" stand before it."""
    at, n_comments, last = start, 0, ""
    while at < len(sample):
        found = _LINE.match(sample, at)
        assert found is not None  # an empty line is a line
        line = found.group(1)
        if line.strip() and not line.startswith("#"):
            return (at - len(last), n_comments - 1) if _is_header(last, line) else (at, n_comments)
        if line.strip():
            n_comments, last = n_comments + 1, found.group(0)
        elif last:
            last = ""  # a header is followed by its rows at once
        at = found.end()
    return start, 0


def _is_header(comment: str, following: str) -> bool:
    """Whether a line that starts with "#" names the fields of the line behind it, such as "#id,text"."""
    for delimiter in DELIMITERS:
        names = comment[1:].rstrip("\r\n").split(delimiter)
        if 1 < len(names) == following.count(delimiter) + 1 and all(map(_NAME.fullmatch, names)):
            return True
    return False


def _find_delimiter(sample: str, start: int, is_cut: bool) -> str:
    """Returns the delimiter with which most records have as many fields as the header, if it has several."""
    escapes = (False, True) if '\\"' in sample else (False,)

    def rank(delimiter: str) -> tuple[bool, bool, float, int]:
        return max(_rank(sample, start, is_cut, delimiter, way) for way in escapes)

    return max(DELIMITERS, key=rank)  # of equal ones the first


def _rank(sample: str, start: int, is_cut: bool, delimiter: str, escapes: bool) -> tuple[bool, bool, float, int]:
    """Returns how well a delimiter divides the records, for comparison with others."""
    records = list(islice(split_records(sample, delimiter, start=start, escapes=escapes), _N_RECORDS))
    if is_cut and len(records) > 1 and records[-1].end == len(sample):
        records.pop()
    header = records[0].fields if records else []
    share = _regular_share(records[1:], len(header))
    is_sentence = len(header) > 1 and all(name.startswith(" ") for name in header[1:])  # "What, if anything, is good?"
    divides = len(header) > 1 and share >= (_MIN_SHARE_OF_SENTENCE if is_sentence else _MIN_SHARE)
    has_quotes = any('"' in name for name in header)
    return divides, not (has_quotes or is_sentence), share, len(header)


def _regular_share(records: list[Record], n_fields: int) -> float:
    """Returns the share of records with as many fields as the header; others count in part, as they may be damaged."""
    points = 0.0
    for fields in (record.fields for record in records):
        is_regular = len(fields) == n_fields or (len(fields) > n_fields and not any(fields[n_fields:]))
        points += 1.0 if is_regular else 0.5 if len(fields) > 1 else 0.25
    return points / len(records) if records else 1.0


def count_irregular_quotes(
    content: bytes, start: int, delimiter: str, *, escapes: bool = False, is_whole: bool = True
) -> int:
    r"""Returns how many double quotes neither enclose a field nor stand twice inside one.

    Args:
        content: of a CSV file.
        start: where its first row begins.
        delimiter: what separates fields.
        escapes: whether a backslash before a double quote makes it part of the field.
        is_whole: whether the content ends where the file ends, so that the last quote has to be closed.

    Example:
        >>> count_irregular_quotes(b'"a, b",1\n', 0, ","), count_irregular_quotes(b'5" pipe,1\n', 0, ",")
        (0, 2)
    """
    codes = np.frombuffer(content, dtype=np.uint8)
    is_border = np.zeros(256, dtype=bool)
    is_border[[ord(delimiter), ord("\n"), ord("\r"), _QUOTE]] = True
    n_before = n_irregular = 0
    for block in range(start, len(codes), _BLOCK):
        quotes = np.flatnonzero(codes[block : block + _BLOCK] == _QUOTE) + block
        if escapes:
            quotes = quotes[~_is_escaped(codes, quotes)]
        is_closing = (np.arange(len(quotes)) + n_before) % 2 == 1
        opening, closing = quotes[~is_closing], quotes[is_closing]
        opening, closing = opening[opening > start], closing[closing < len(codes) - 1]
        n_irregular += int((~is_border[codes[opening - 1]]).sum() + (~is_border[codes[closing + 1]]).sum())
        n_before += len(quotes)
    return n_irregular + (n_before % 2 if is_whole else 0)


def _is_escaped(codes: np.ndarray, quotes: np.ndarray) -> np.ndarray:
    """Returns (n,) whether an odd number of backslashes stands before each quote."""
    is_escaped = np.zeros(len(quotes), dtype=bool)
    at, still = quotes - 1, np.arange(len(quotes))
    while len(still := still[(at[still] >= 0) & (codes[at[still]] == _BACKSLASH)]):
        is_escaped[still] ^= True
        at = at - 1
    return is_escaped


def end_of_records(content: bytes, start: int) -> int:
    """Returns where the last whole record of a part of a CSV file ends; its quotes are regular."""
    codes = np.frombuffer(content, dtype=np.uint8)[start:]
    ends = np.flatnonzero((codes == ord("\n")) | (codes == ord("\r")))
    n_quotes = np.searchsorted(np.flatnonzero(codes == _QUOTE), ends)
    outside = ends[n_quotes % 2 == 0]
    return start + int(outside[-1]) + 1 if len(outside) else start
