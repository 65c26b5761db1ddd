"""Lines of JSON become records, a block at a time; what is malformed is named with its line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow.compute as pc

from nomic_explore.corpus.formats import BLOCK_BYTES
from nomic_explore.corpus.json_columns import ExactNumber, Record

# Expressions of RE2, which is a hundred times as fast as `re`. What may be a number that Python would write in another
# way, or not hold: 18 digits, 1.10, 1e5, 1e400, -0.
_UNUSUAL = (
    r"[^0-9.](?:[1-9][0-9.]{18}|0\.0*[1-9][0-9]{17})|[0-9]\.(?:0{2,}|[0-9]*[1-9]0+)[^0-9]"
    r"|[0-9](?:E[-+0-9]|e[0-9]|e[-+](?:[0-9][^0-9]|[0-9]{3}))|-0[^0-9.]"
)
_HALF = r"\\u[dD][89a-fA-F]"
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]"
_DECODER = json.JSONDecoder(parse_constant=lambda _: None)
_EXACT = json.JSONDecoder(
    parse_constant=lambda _: None, parse_float=ExactNumber.parse, parse_int=ExactNumber.parse_whole
)


def read_records(path: Path, stream: BinaryIO, unit: str, repaired: list[tuple[int, int]]) -> Iterator[list[Record]]:
    """Yields the objects of a stream with one a line, a block at a time; NaN and infinities are null.

    Args:
        path: of the file, for messages.
        stream: of UTF-8.
        unit: what messages count, such as "line".
        repaired: gets the row and the line of each object with half a character, which becomes U+FFFD.

    Raises:
        ValueError: a line is not a JSON object; the message has its number.
        UnicodeDecodeError: the stream is not UTF-8.

    Example:
        >>> import io
        >>> list(read_records(Path("a.jsonl"), io.BytesIO(b'{"a": NaN}'), "line", []))
        [[{'a': None}]]
    """
    n_lines = n_rows = 0
    for lines in _line_blocks(stream):
        texts = [line for line in lines if line and not line.isspace()]
        records = _decode_together(texts)
        if records is None:
            records = []
            for number, line in enumerate(lines, start=n_lines + 1):
                if line and not line.isspace():
                    record, is_whole = _decode(path, unit, number, line)
                    if not is_whole:
                        repaired.append((n_rows + len(records), number))
                    records.append(record)
        n_lines += len(lines)
        n_rows += len(records)
        yield records


def holds_records(objects: Mapping[str, Mapping[str, object]]) -> bool:
    """Whether an object of objects holds a record under each id, and not the values of a column under each name.

    Values of one column are of one type. Where that holds either way, "text" is the name of a column, and "0" of a row.

    Example:
        >>> holds_records({"doc1": {"text": "a", "n": 1}, "doc2": {"text": "b", "n": 2}})
        True
        >>> holds_records({"text": {"0": "a", "1": "b"}, "n": {"0": 1, "1": 2}})
        False
    """
    inner = list(dict.fromkeys(key for values in objects.values() for key in values))
    if inner == [str(number) for number in range(len(inner))]:
        return False
    by_name = all(_is_one_type(list(values.values())) for values in objects.values())
    by_id = all(_is_one_type([values.get(key) for values in objects.values()]) for key in inner)
    if by_name != by_id:
        return by_id
    return "text" not in objects and ("text" in inner or len(objects) > 1)


def records_by_id(objects: Mapping[str, Mapping[str, object]]) -> list[Record]:
    """Returns the records of an object that has one under each id, with the id as "id", or as "key" if they have an "id".

    Example:
        >>> records_by_id({"doc1": {"text": "a"}})
        [{'id': 'doc1', 'text': 'a'}]
    """
    name = "id"
    while any(name in values for values in objects.values()):
        name = "key" if name == "id" else f"{name}_"
    return [{name: key, **values} for key, values in objects.items()]


def _is_one_type(values: Sequence[object]) -> bool:
    kinds = {float if type(value) is int else type(value) for value in values if value is not None}
    return len(kinds) <= 1


def _line_blocks(stream: BinaryIO) -> Iterator[list[str]]:
    """Yields the whole lines of each block of a stream."""
    pieces: list[bytes] = []
    while block := bytes(stream.read(BLOCK_BYTES)):
        end = block.rfind(b"\n")
        if end < 0:
            pieces.append(block)
            continue
        yield b"".join([*pieces, block[:end]]).decode("utf-8").split("\n")
        pieces = [block[end + 1 :]]
    if rest := b"".join(pieces):
        yield rest.decode("utf-8").split("\n")


def _decode_together(lines: list[str]) -> list[Record] | None:
    """Returns the objects of some lines; None if one of them is no object, or has half a character."""
    joined = f"[{','.join(lines)}]"
    if _has_half(joined):
        return None
    try:
        found = _decoder_for(joined).decode(joined)
    except (ValueError, RecursionError):
        return None
    return found if len(found) == len(lines) and set(map(type, found)) <= {dict} else None


def _decoder_for(text: str) -> json.JSONDecoder:
    """Returns the decoder that keeps every number of a text as it is written, the quick one if it does."""
    return _EXACT if pc.match_substring_regex(text, _UNUSUAL).as_py() else _DECODER


def _has_half(text: str) -> bool:
    """Whether JSON may escape one half of a character without the other."""
    if "\\u" not in text or not pc.match_substring_regex(text, _HALF).as_py():
        return False
    return bool(pc.match_substring_regex(pc.replace_substring_regex(text, _PAIR, ""), _HALF).as_py())


def _decode(path: Path, unit: str, number: int, line: str) -> tuple[Record, bool]:
    """Returns the object of a line, and whether all of its characters are whole.

    Raises:
        ValueError: it is no object.
    """
    try:
        found = _decoder_for(line).decode(line)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path}, {unit} {number:,} is not valid JSON ({error.msg}, column {error.colno}): {line.strip()[:40]}"
        ) from None
    except RecursionError:
        raise ValueError(f"{path}, {unit} {number:,} is nested too deep to be a document.") from None
    if not isinstance(found, dict):
        sort = type(found).__name__
        raise ValueError(f"{path}, {unit} {number:,} is a {sort} ({line.strip()[:50]!r}); expected an object")
    if not _has_half(line):
        return found, True
    repaired, is_whole = _repair(found)
    assert isinstance(repaired, dict)
    return repaired, is_whole


def _repair(value: object) -> tuple[object, bool]:
    """Returns a value with U+FFFD for each half character, and whether there was none."""
    if isinstance(value, str):
        whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole, whole == value
    if isinstance(value, dict):
        pairs = [(_repair(key), _repair(inner)) for key, inner in value.items()]
        return {key: inner for (key, _), (inner, _) in pairs}, all(a and b for (_, a), (_, b) in pairs)
    if isinstance(value, list):
        items = [_repair(inner) for inner in value]
        return [inner for inner, _ in items], all(is_whole for _, is_whole in items)
    return value, True
