"""One reader for each file format except JSON: bytes on disk become Arrow columns without Python objects between."""

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

from nomic_explore.cells import type_columns
from nomic_explore.corpus.audit import Finding

BLOCK_BYTES = 8 << 20  # a row must fit into a block
MAX_BLOCK_BYTES = 1 << 30
CODECS = {".gz": "gzip", ".zst": "zstd"}
UTF8_MARK = codecs.BOM_UTF8
_SAMPLE_BYTES = 65_536  # of which an encoding is guessed
_MIN_FOREIGN_BYTES = 8  # fewer fit many encodings

Read = tuple[pa.Table, list[Finding]]  # the rows, and findings about how they were read


@dataclass(frozen=True)
class ReadOptions:
    """How a file is read.

    Attributes:
        limit: rows at most; None reads all.
        kept_as_text: columns that stay as written, so that "007" does not become 7.
        encoding: of text formats, a name that Python knows; None is UTF-8.
    """

    limit: int | None = None
    kept_as_text: frozenset[str] = frozenset()
    encoding: str | None = None


def open_bytes(path: Path, encoding: str | None = None) -> Any:
    """Returns a native stream of the file's bytes in UTF-8, decompressed, behind a byte order mark.

    Args:
        path: the file.
        encoding: of the file; None is UTF-8.

    Raises:
        ValueError: no encoding is given and the file is UTF-16.
    """
    if encoding is not None:
        return pa.lib.transcoding_input_stream(_open_raw(path), encoding, "utf-8")
    start = _open_raw(path).read(3)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise ValueError(
            f"{path} is UTF-16 (it starts with its byte order mark); expected UTF-8. {how_to_convert(path, 'UTF-16')}"
        )
    stream = _open_raw(path)
    if start == UTF8_MARK:
        stream.read(3)
    return stream


def _open_raw(path: Path) -> Any:
    raw = pa.OSFile(str(path))
    codec = CODECS.get(path.suffix.lower())
    return pa.CompressedInputStream(raw, codec) if codec else raw


def read_csv(path: Path, options: ReadOptions) -> Read:
    """Returns the rows of a CSV or TSV file; columns have types where every cell writes back as it was."""
    limit, encoding = options.limit, options.encoding
    delimiter = _delimiter(path, encoding)
    parse = pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
    convert = pa.csv.ConvertOptions(null_values=[""], strings_can_be_null=True)

    def read(block_bytes: int) -> pa.Table:
        block = pa.csv.ReadOptions(block_size=block_bytes)
        names = pa.csv.open_csv(open_bytes(path, encoding), block, parse).schema.names
        convert.column_types = dict.fromkeys(names, pa.string())
        if limit is None:
            return pa.csv.read_csv(open_bytes(path, encoding), block, parse, convert)
        return _first_batches(pa.csv.open_csv(open_bytes(path, encoding), block, parse, convert), limit)

    try:
        table = with_growing_blocks(read)
    except pa.ArrowInvalid as error:
        check_utf8(path)
        raise ValueError(_csv_trouble(path, encoding, parse, convert, error)) from None
    except OSError as error:
        raise damaged(path, error) from None
    except UnicodeDecodeError:
        check_utf8(path)
        raise
    _check_last_quote(table, path)
    table = table.rename_columns([name.strip() for name in table.column_names])
    table, lines = type_columns(table, kept_as_text=options.kept_as_text)
    return table, [Finding("typed columns", line.count("', '") + 1, (), line, is_carried=True) for line in lines]


def read_parquet(path: Path, options: ReadOptions) -> Read:
    """Returns the rows of a Parquet file."""
    limit = options.limit
    try:
        file = pa.parquet.ParquetFile(path)
        if limit is None:
            return file.read(), []
        return _first_batches(file.iter_batches(batch_size=min(limit, 65_536)), limit, file.schema_arrow), []
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, PermissionError):
            raise
        raise ValueError(
            f"{path} is not a whole Parquet file ({_first_line(error)}). It may be cut off: copy or write it again."
        ) from None


def read_arrow(path: Path, options: ReadOptions) -> Read:
    """Returns the rows of a Feather or Arrow file, or of a saved Arrow stream."""
    limit = options.limit
    try:
        with pa.memory_map(str(path)) as source:
            start = source.read(6)
            source.seek(0)
            if start == b"ARROW1":
                reader = pa.ipc.open_file(source)
                n_batches, batches, n_rows = reader.num_record_batches, [], 0
                for number in range(n_batches):
                    batches.append(reader.get_batch(number))
                    n_rows += batches[-1].num_rows
                    if limit is not None and n_rows >= limit:
                        break
                return pa.Table.from_batches(batches, reader.schema), []
            stream = pa.ipc.open_stream(source)
            return (stream.read_all() if limit is None else _first_batches(stream, limit)), []
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, PermissionError):
            raise
        raise ValueError(
            f"{path} is not a whole Feather or Arrow file ({_first_line(error)}). Copy or write it again; "
            "Feather version 1 files have to be written as version 2."
        ) from None


def read_text(path: Path, encoding: str | None = None) -> str:
    """Returns a text file as one string, with Unix line ends.

    Raises:
        ValueError: it is not UTF-8.
    """
    try:
        content = bytes(open_bytes(path, encoding).read())
    except pa.ArrowException as error:
        raise damaged(path, error) from None
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise not_utf8(path, error.start, content.count(b"\n", 0, error.start) + 1, content[error.start]) from None


def check_utf8(path: Path) -> None:
    """Raises ValueError with the place of the first byte of a text file that is not UTF-8, if there is one."""
    stream, offset, line = open_bytes(path), 0, 1
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := bytes(stream.read(BLOCK_BYTES)):
            held = decoder.getstate()[0]
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                content = held + block
                line += content.count(b"\n", 0, error.start)
                raise not_utf8(path, offset - len(held) + error.start, line, content[error.start]) from None
            offset += len(block)
            line += block.count(b"\n")
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from None
    if held := decoder.getstate()[0]:
        raise not_utf8(path, offset - len(held), line, held[0])


def not_utf8(path: Path, offset: int, line: int, byte: int) -> ValueError:
    """Returns the error for a byte that is not UTF-8, with its place and what to do."""
    return ValueError(
        f"{path} is not valid UTF-8: byte 0x{byte:02x} at offset {offset:,}, line {line:,}. "
        + how_to_convert(path, likely_encoding(path, offset))
    )


def likely_encoding(path: Path, offset: int) -> str:
    """Returns the name of the encoding that the bytes behind an offset are probably in, as `iconv` writes it."""
    from charset_normalizer import from_bytes

    stream = open_bytes(path)
    stream.read(offset)
    sample = bytes(stream.read(_SAMPLE_BYTES))
    best = from_bytes(sample).best() if sum(byte > 127 for byte in sample) >= _MIN_FOREIGN_BYTES else None
    if best is None or "cp1252" in best.could_be_from_charset:  # of several that fit, the most common one
        return "WINDOWS-1252"
    return best.encoding.upper().replace("_", "-")


def how_to_convert(path: Path, encoding: str) -> str:
    """Returns a sentence that says how to make a file UTF-8."""
    return (
        f"Read it with read_corpus(..., encoding={encoding!r}), or convert it: "
        f"iconv -f {encoding} -t UTF-8 '{path.name}' > converted{path.suffix}."
    )


def damaged(path: Path, error: Exception) -> Exception:
    """Returns the error for a file whose bytes cannot be had."""
    if isinstance(error, PermissionError | FileNotFoundError | IsADirectoryError):
        return error
    what = "compressed file" if path.suffix.lower() in CODECS else "file"
    return ValueError(f"{path} cannot be read ({_first_line(error)}). The {what} may have been cut off: copy it again.")


def with_growing_blocks(read: Any) -> Any:
    """Returns read(block size), with larger blocks as long as a row does not fit into one."""
    block_bytes = BLOCK_BYTES
    while True:
        try:
            return read(block_bytes)
        except pa.ArrowInvalid as error:
            if "straddl" not in str(error) or block_bytes >= MAX_BLOCK_BYTES:
                raise
            block_bytes *= 8


def _first_batches(batches: Any, limit: int, schema: pa.Schema | None = None) -> pa.Table:
    taken, n_rows = [], 0
    for batch in batches:
        taken.append(batch)
        n_rows += batch.num_rows
        if n_rows >= limit:
            break
    return pa.Table.from_batches(taken, schema if schema is not None else batches.schema).slice(0, limit)


def _delimiter(path: Path, encoding: str | None) -> str:
    """Returns the tab for .tsv; for .csv what stands most often in the header, if no comma does."""
    if {".tsv", ".tab"} & {suffix.lower() for suffix in path.suffixes[-2:]}:
        return "\t"
    try:
        header = bytes(open_bytes(path, encoding).read(65_536)).split(b"\n", 1)[0].decode("utf-8", "replace")
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from None
    if "," in header:
        return ","
    return max(",;\t|", key=header.count)


def _csv_trouble(path: Path, encoding: str | None, parse: Any, convert: Any, error: Exception) -> str:
    """Returns what is wrong with a CSV file; one thread more slowly finds the row."""
    if "Empty CSV" in str(error):
        return f"{path} is empty; expected a header and at least one row."
    try:
        block = pa.csv.ReadOptions(block_size=MAX_BLOCK_BYTES // 8, use_threads=False)
        pa.csv.read_csv(open_bytes(path, encoding), block, parse, convert)
    except pa.ArrowInvalid as slow_error:
        error = slow_error
    told = _first_line(error).removeprefix("CSV parse error: ").replace("Row #", "row ")
    return (
        f"{path} is not a valid CSV file: {told[:200]}. Put fields that hold a {parse.delimiter!r} into double quotes."
    )


def _check_last_quote(table: pa.Table, path: Path) -> None:
    """Raises ValueError if the last field was opened with a quote and never closed: it swallowed all rows behind it."""
    if not table.num_rows or path.suffix.lower() in CODECS:
        return
    value = table.column(table.num_columns - 1)[table.num_rows - 1].as_py()
    if not isinstance(value, str) or "\n" not in value:
        return
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, 64), 2)
        tail = file.read().rstrip(b"\r\n ")
    if not tail.endswith(b'"') and value.rstrip().endswith(tail.decode("utf-8", "replace")[-8:]):
        raise ValueError(
            f"{path} has a double quote that is never closed: the last field of row {table.num_rows:,} is "
            f"{len(value):,} characters long and starts with {value[:40]!r}."
        )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
