"""Bytes on disk, unpacked and in UTF-8; and the readers of Parquet, Arrow and text files."""

import codecs
import lzma
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from nomic_explore.corpus.audit import Finding

BLOCK_BYTES = 8 << 20  # a row must fit into a block
MAX_BLOCK_BYTES = 1 << 30
CODECS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2"}
COMPRESSED = (*CODECS, ".xz")
UTF8_MARK = codecs.BOM_UTF8
_MARKS = {  # in this order: the mark of UTF-16 is the start of that of UTF-32
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_N_START = 64  # bytes that are looked at for a byte order mark
_SAMPLE_BYTES = 65_536  # of which an encoding is guessed
_MIN_FOREIGN_BYTES = 8  # fewer fit many encodings

Read = tuple[pa.Table, list[Finding]]  # the rows, and findings about how they were read


@dataclass(frozen=True)
class ReadOptions:
    """How a file is read.

    Attributes:
        limit: rows at most; None reads all.
        kept_as_text: columns that stay as written, so that "007" does not become 7.
        encoding: of text formats, a name that Python knows; None is UTF-8, or what a byte order mark says.
        sep: what separates the fields of a CSV file; None finds it.
        dtype: the kind of some columns, by name.
        skip_bad_rows: leave rows of CSV files out that cannot be read, instead of refusing the file.
        format: as which a file is read, such as "csv", whatever its name ends in.
    """

    limit: int | None = None
    kept_as_text: frozenset[str] = frozenset()
    encoding: str | None = None
    sep: str | None = None
    dtype: Mapping[str, str] = field(default_factory=dict)
    skip_bad_rows: bool = False
    format: str | None = None


def open_bytes(path: Path, encoding: str | None = None) -> Any:
    """Returns a native stream of the file's bytes in UTF-8, decompressed, behind a byte order mark.

    Args:
        path: the file; behind the name of a .zip file that of a file in it, such as "papers.zip/2024.csv".
        encoding: of the file; None is UTF-8, or UTF-16 and UTF-32 where the file starts with their byte order mark.

    Raises:
        ValueError: no encoding is given and the file is UTF-16 without a byte order mark.
    """
    start = read_start(path)
    marked = marked_encoding(start)
    if encoding is None and marked is None:
        _refuse_unmarked(path, start)
    if encoding is not None or marked is not None:
        is_marked = marked is not None and (encoding or marked).replace("_", "-").lower().startswith(marked)
        name = str(marked if is_marked else encoding)  # "utf-16" takes the mark away, "utf-16-le" leaves it
        return pa.lib.transcoding_input_stream(_open_raw(path), name, "utf-8")
    stream = _open_raw(path)
    if start[:3] == UTF8_MARK:
        stream.read(3)
    return stream


def marked_encoding(start: bytes) -> str | None:
    """Returns the encoding other than UTF-8 that a byte order mark names; None without such a mark.

    Example:
        >>> marked_encoding("text".encode("utf-16")), marked_encoding(b"text")
        ('utf-16', None)
    """
    return next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)


def read_start(path: Path) -> bytes:
    """Returns the first bytes of a file, unpacked."""
    archive = archive_of(path)
    if path.suffix.lower() == ".xz" and archive is None:
        try:
            with lzma.open(path) as stream:
                return stream.read(_N_START)
        except (lzma.LZMAError, EOFError) as error:
            raise OSError(str(error)) from None
    if archive is None or path.suffix.lower() in COMPRESSED:
        return bytes(_open_raw(path).read(_N_START))
    return _member(archive, path, _N_START)


def _refuse_unmarked(path: Path, start: bytes) -> None:
    """Raises ValueError if every second byte is NUL: UTF-16 without its byte order mark."""
    for name, zeros, others in (("UTF-16-LE", start[1::2], start[::2]), ("UTF-16-BE", start[::2], start[1::2])):
        if len(zeros) > 3 and zeros.count(0) > 0.8 * len(zeros) and not others.count(0):
            raise ValueError(
                f"{path} is UTF-16 without a byte order mark; expected UTF-8. {how_to_convert(path, name)}"
            )


def _open_raw(path: Path) -> Any:
    """Returns a native stream of the file's bytes, decompressed."""
    suffix, archive = path.suffix.lower(), archive_of(path)
    raw = pa.OSFile(str(path)) if archive is None else pa.BufferReader(_member(archive, path))
    if suffix != ".xz":
        return pa.CompressedInputStream(raw, CODECS[suffix]) if suffix in CODECS else raw
    try:
        return pa.BufferReader(lzma.decompress(raw.read()))  # Arrow has no such codec
    except lzma.LZMAError as error:
        raise OSError(str(error)) from None


def archive_of(path: Path) -> Path | None:
    """Returns the .zip file that a path leads into; None for a path of the file system.

    Example:
        >>> archive_of(Path("papers.csv")) is None
        True
    """
    if ".zip" not in str(path).lower():
        return None
    return next((each for each in path.parents if each.suffix.lower() == ".zip" and each.is_file()), None)


def _member(archive: Path, path: Path, n_bytes: int = -1) -> bytes:
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(path.relative_to(archive).as_posix()) as member:
            return member.read(n_bytes)
    except RuntimeError:
        raise ValueError(f"{path} is encrypted; unpack {archive.name} and pass what was in it.") from None
    except (zipfile.BadZipFile, NotImplementedError, EOFError, KeyError, zlib.error) as error:
        raise OSError(f"{archive.name} is damaged: {error}") from None


def read_whole(path: Path) -> bytes:
    """Returns all bytes of a file, unpacked."""
    try:
        return bytes(_open_raw(path).read())
    except (pa.ArrowException, OSError) as error:
        raise damaged(path, error) from None


def read_parquet(path: Path, options: ReadOptions) -> Read:
    """Returns the rows of a Parquet file."""
    limit = options.limit
    try:
        file = pa.parquet.ParquetFile(path if archive_of(path) is None else pa.BufferReader(read_whole(path)))
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
        opened = pa.memory_map(str(path)) if archive_of(path) is None else pa.BufferReader(read_whole(path))
        with opened as source:
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
    except (pa.ArrowException, OSError) as error:
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
    what = "compressed file" if path.suffix.lower() in COMPRESSED or archive_of(path) else "file"
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


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
