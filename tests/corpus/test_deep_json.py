"""JSON that is nested too deep names its line; Arrow's own reader ends the process on it (pyarrow 25: at 8,000 levels)."""

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nomic_explore import read_corpus
from nomic_explore.corpus import formats, nesting
from nomic_explore.corpus.nesting import MAX_NESTING, find_deep_line


def nested(levels: int, opening: str = '{"a":', closing: str = "}") -> str:
    return '{"text": "fine", "x": ' + opening * levels + "1" + closing * levels + "}"


FINE = '{"text": "fine", "x": null}'


@pytest.mark.parametrize("levels", [MAX_NESTING, 1_500, 8_000, 100_000])
@pytest.mark.parametrize(
    ("opening", "closing"), [('{"a":', "}"), ("[", "]"), ('[{"a":', "}]"), ('{"a": {}, "b":', "}")]
)
def test_a_deep_line_is_refused_with_its_number(levels: int, opening: str, closing: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    path.write_text("\n".join([FINE, FINE, nested(levels, opening, closing), FINE]), encoding="utf-8")
    depth = f"{levels * len(closing) + 1 + opening.count('{}'):,}"
    with pytest.raises(
        ValueError, match=rf"deep.jsonl, line 3 is nested {depth} levels deep; expected at most {MAX_NESTING}"
    ):
        read_corpus(path, "text")
    with pytest.raises(ValueError, match="line 3 is nested"):
        read_corpus(path, "text", limit=3)
    assert len(read_corpus(path, "text", limit=2)) == 2


@pytest.mark.parametrize("levels", [100, 1_500, 100_000])
@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda line: f"[{FINE}, {line}]", r"element 2 is nested"),
        (lambda line: line, "is nested"),
        (lambda line: f"{line}\n{FINE}", "line 1 is nested"),
        (lambda line: '{"text": ["a"], "x": ' + line + "}", "is nested"),
        (lambda line: "[" * 100_000, "is nested"),
    ],
)
def test_a_deep_json_file_is_refused(levels: int, write: object, message: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text(write(nested(levels)), encoding="utf-8")  # type: ignore[operator]
    with pytest.raises(ValueError, match=message):
        read_corpus(path, "text")


def test_a_deep_line_in_a_compressed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl.gz"
    path.write_bytes(gzip.compress(nested(8_000).encode()))
    with pytest.raises(ValueError, match="line 1 is nested 8,001 levels deep"):
        read_corpus(path, "text")


def test_what_is_nested_as_deep_as_allowed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    path.write_text(nested(MAX_NESTING - 1) + "\n", encoding="utf-8")
    assert len(read_corpus(path, "text")) == 1


@pytest.mark.parametrize(
    "text", ["[" * 500, "{" * 500, '\\"' + "[" * 500, "\\\\", "]" * 99 + "[" * 99, '\\\\\\"' + "{" * 99]
)
def test_brackets_in_texts_do_not_count(text: str, tmp_path: Path) -> None:
    path = tmp_path / "flat.jsonl"
    path.write_text(f'{{"text": "{text}", "more": [[1], [2]]}}\n' * 3, encoding="utf-8")
    assert read_corpus(path, "text").texts[2] == json.loads(f'"{text}"')


def test_brackets_in_texts_do_not_hide_a_deep_document() -> None:
    line = '{"a": "' + "]" * 9_000 + '", "b": ' + "[" * 8_000 + "]" * 8_000 + "}"
    assert find_deep_line(io.BytesIO(line.encode())) == (1, 8_001)


values = st.recursive(
    st.none() | st.text('[]{}"\\ab'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('[]{}"\\a'), inner, max_size=3),
)


def depth_of(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, dict | list) + max(map(depth_of, inner), default=0)


@given(st.lists(values, min_size=1, max_size=4), st.integers(1, 6), st.integers(1, 9))
def test_the_depth_of_each_line_is_that_of_its_value(lines: list[object], limit: int, block: int) -> None:
    content = "\n".join(map(json.dumps, lines)).encode()
    depths = [depth_of(value) for value in lines]
    expected = next(((number, depth) for number, depth in enumerate(depths, 1) if depth > limit), None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nesting, "MAX_NESTING", limit)
        patch.setattr(nesting, "BLOCK_BYTES", block)  # lines that lie in several blocks
        assert find_deep_line(io.BytesIO(content)) == expected
    assert formats.BLOCK_BYTES > 1_000_000
