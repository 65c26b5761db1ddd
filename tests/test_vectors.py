"""The ways to hand over vectors: each is read right, or refused with a sentence that helps."""

import datetime
import decimal
import subprocess
import sys
import tracemalloc
from array import array
from collections import UserList, deque
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nomic_explore import build_graph, deduplicate, find_duplicates, find_leakage, find_topics, project
from nomic_explore import vectors as module
from nomic_explore.vectors import check_vectors, to_matrix, unit_rows

ROWS = [[3, 4], [0, 5], [1, 0]]  # what every whole example holds
GAPS = [[3, 4], None, [1, 0]]  # the second row has no vector
FLOATS = [[3.0, 4.0], [0.0, 5.0], [1.0, 0.0]]
MATRIX = np.array(FLOATS, dtype=np.float32)


class Offers:
    """An object of another library that only offers one interface."""

    def __init__(self, name: str, value: Callable[..., object]):
        setattr(type(self), name, staticmethod(value))


class OffersArray(Offers):
    pass


class OffersDLPack(Offers):
    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


class OffersArrow(Offers):
    pass


class OnDevice:
    def __array__(self, *args: object, **kwargs: object) -> np.ndarray:
        raise TypeError("implicit conversion is not allowed")


def fixed(rows: list[list[int] | None], kind: pa.DataType | None = None) -> pa.Array:
    return pa.array(rows, pa.list_(kind or pa.float32(), 2))


def chunked(rows: list[list[int] | None], kind: pa.DataType) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(rows[:2], kind), pa.array(rows[2:], kind)])


WHOLE: dict[str, Callable[[], object]] = {
    # numpy
    **{
        f"numpy {name}": lambda name=name: np.array(ROWS, dtype=name)
        for name in "float16 float32 float64 longdouble int8 int16 int32 int64 uint8 uint16 >f4".split()
    },
    "numpy in Fortran's order": lambda: np.asfortranarray(MATRIX),
    "numpy every second row": lambda: np.repeat(MATRIX, 2, axis=0)[::2],
    "numpy read-only": lambda: np.broadcast_to(MATRIX, (3, 2)),
    "numpy.matrix": lambda: np.array(ROWS).view(np.matrix),
    "numpy objects (n, d)": lambda: np.array(ROWS, dtype=object),
    "numpy objects that are arrays": lambda: pd.Series(list(MATRIX)).to_numpy(),
    "numpy masked array without a mask": lambda: np.ma.masked_array(MATRIX),
    # Python
    "list of lists of int": lambda: ROWS,
    "list of lists of float": lambda: FLOATS,
    "list whose rows mix int and float": lambda: [[3, 4.0], [0, 5], [1.0, 0]],
    "tuple of tuples": lambda: tuple(map(tuple, ROWS)),
    "list of arrays": lambda: list(MATRIX),
    "list of arrays of other types": lambda: [MATRIX[0], MATRIX[1].astype(np.float16), [1, 0]],
    "list of array.array": lambda: [array("f", row) for row in ROWS],
    "list of decimals": lambda: [[decimal.Decimal(value) for value in row] for row in ROWS],
    "list of tensors": lambda: list(torch.tensor(FLOATS)),
    "list of tensors that require a gradient": lambda: list(torch.tensor(FLOATS, requires_grad=True)),
    "list of bfloat16 tensors": lambda: list(torch.tensor(FLOATS, dtype=torch.bfloat16)),
    "list of pandas Series": lambda: [pd.Series(row) for row in ROWS],
    "list of Arrow scalars": lambda: list(fixed(ROWS)),
    "generator": lambda: (row for row in ROWS),
    "values of a dict": lambda: dict(enumerate(ROWS)).values(),
    "deque": lambda: deque(ROWS),
    "UserList": lambda: UserList(ROWS),
    "memoryview": lambda: memoryview(MATRIX),
    # torch
    **{
        f"torch {dtype}": lambda dtype=dtype: torch.tensor(ROWS, dtype=dtype)
        for dtype in (torch.float16, torch.float32, torch.float64, torch.bfloat16, torch.int8)
    },
    "torch that requires a gradient": lambda: torch.tensor(FLOATS, requires_grad=True),
    "torch parameter": lambda: torch.nn.Parameter(torch.tensor(FLOATS)),
    "torch transposed": lambda: torch.tensor(FLOATS).T.contiguous().T,
    "torch sparse": lambda: torch.tensor(FLOATS).to_sparse(),
    # pandas
    "pandas Series of lists": lambda: pd.Series(ROWS),
    "pandas Series of arrays": lambda: pd.Series(list(MATRIX), index=[7, 7, 2]),
    "pandas Series of Arrow lists": lambda: pd.Series(ROWS, dtype=pd.ArrowDtype(pa.list_(pa.float32()))),
    "pandas frame of numbers": lambda: pd.DataFrame(MATRIX),
    "pandas frame of int and float": lambda: pd.DataFrame({"x": [3, 0, 1], "y": [4.0, 5.0, 0.0]}),
    "pandas frame of nullable numbers": lambda: pd.DataFrame(MATRIX).astype("Float32"),
    "pandas frame with one column of lists": lambda: pd.DataFrame({"embedding": ROWS}),
    # polars
    "polars Series of lists": lambda: pl.Series(FLOATS),
    "polars Series of arrays": lambda: pl.Series(FLOATS, dtype=pl.Array(pl.Float32, 2)),
    "polars Series of objects": lambda: pl.Series(list(MATRIX), dtype=pl.Object),
    "polars frame of numbers": lambda: pl.DataFrame(MATRIX),
    "polars frame with one column of lists": lambda: pl.DataFrame({"embedding": FLOATS}),
    # Arrow
    **{
        f"Arrow list of {kind}": lambda kind=kind: pa.array(ROWS, pa.list_(kind))
        for kind in (pa.float32(), pa.float64(), pa.int8(), pa.decimal128(5, 1))
    },
    "Arrow list of float16": lambda: pa.array(list(MATRIX.astype(np.float16)), pa.list_(pa.float16())),
    "Arrow fixed list of float16": lambda: pa.FixedSizeListArray.from_arrays(
        pa.array(MATRIX.ravel().astype(np.float16)), 2
    ),
    "Arrow large list": lambda: pa.array(ROWS, pa.large_list(pa.float32())),
    "Arrow list view": lambda: pa.array(ROWS, pa.list_view(pa.float32())),
    "Arrow fixed list": lambda: fixed(ROWS),
    "Arrow fixed list, sliced": lambda: fixed([[9, 9], *ROWS, [9, 9]]).slice(1, 3),
    "Arrow list, sliced": lambda: pa.array([[9], *ROWS, [9, 9, 9]], pa.list_(pa.float64())).slice(1, 3),
    "Arrow fixed list in chunks": lambda: chunked(ROWS, pa.list_(pa.float32(), 2)),
    "Arrow list in chunks": lambda: chunked(ROWS, pa.list_(pa.float32())),
    "Arrow fixed list, encoded": lambda: pa.DictionaryArray.from_arrays(pa.array([0, 1, 2]), fixed(ROWS)),
    "Arrow tensors of fixed shape": lambda: pa.FixedShapeTensorArray.from_numpy_ndarray(MATRIX),
    "Arrow table of numbers": lambda: pa.table({"x": [3, 0, 1], "y": [4.0, 5.0, 0.0]}),
    "Arrow table with one column": lambda: pa.table({"embedding": ROWS}),
    "Arrow record batch": lambda: pa.record_batch({"embedding": pa.array(ROWS)}),
    "Arrow reader": lambda: pa.table({"embedding": ROWS}).to_reader(),
    # other libraries
    "__array__": lambda: OffersArray("__array__", lambda *a, **k: MATRIX),
    "DLPack": lambda: OffersDLPack("__dlpack__", lambda **k: MATRIX.__dlpack__()),
    "Arrow's interface, a table": lambda: OffersArrow(
        "__arrow_c_stream__", lambda schema=None: pa.table({"embedding": ROWS}).__arrow_c_stream__(schema)
    ),
}

WITH_GAPS: dict[str, Callable[[], object]] = {
    "list with None": lambda: GAPS,
    "list with NaN": lambda: [[3, 4], float("nan"), [1, 0]],
    "list with numpy's NaN": lambda: [[3, 4], np.float32("nan"), [1, 0]],
    "list with pandas' NA": lambda: [[3, 4], pd.NA, [1, 0]],
    "list with an empty list": lambda: [[3, 4], [], [1, 0]],
    "list with an empty array": lambda: [np.array([3, 4]), np.zeros(0), np.array([1, 0])],
    "list of tensors and None": lambda: [torch.tensor([3, 4]), None, torch.tensor([1, 0])],
    "pandas Series with None": lambda: pd.Series(GAPS),
    "pandas Series with NaN": lambda: pd.Series([[3, 4], np.nan, [1, 0]]),
    "pandas Series of Arrow lists": lambda: pd.Series(GAPS, dtype=pd.ArrowDtype(pa.list_(pa.float32()))),
    "pandas frame with an empty row": lambda: pd.DataFrame([[3, 4], [None, None], [1, 0]]),
    "polars Series of lists": lambda: pl.Series(GAPS),
    "polars Series of arrays": lambda: pl.Series(GAPS, dtype=pl.Array(pl.Float32, 2)),
    "Arrow list": lambda: pa.array(GAPS),
    "Arrow list with an empty list": lambda: pa.array([[3, 4], [], [1, 0]]),
    "Arrow list view": lambda: pa.array(GAPS, pa.list_view(pa.float32())),
    "Arrow fixed list": lambda: fixed(GAPS),
    "Arrow fixed list, sliced": lambda: fixed([None, *GAPS, None]).slice(1, 3),
    "Arrow fixed list in chunks": lambda: chunked(GAPS, pa.list_(pa.float32(), 2)),
    "Arrow list in chunks": lambda: chunked(GAPS, pa.list_(pa.float32())),
    "Arrow table of numbers": lambda: pa.table({"x": [3, None, 1], "y": [4.0, None, 0.0]}),
    "masked array": lambda: np.ma.masked_array(MATRIX, [[0, 0], [1, 1], [0, 0]]),
}

JSON = "[3.0, 4.0]"
DAMAGED: dict[str, tuple[Callable[[], object], str]] = {
    "a name": (lambda: "embedding", r"vectors is the string 'embedding'; expected an array \(n, d\)"),
    "a path": (lambda: Path("v.npy"), r'Pass np.load\(.v.npy., mmap_mode="r"\)'),
    "one vector": (lambda: [3.0, 4.0], r"vectors\[0\] is the number 3.0; .* Pass \[vector\] if .* np.stack"),
    "a flat array": (lambda: np.zeros(6), r"shape \(6,\); expected \(n, d\).* vectors.reshape\(n, d\)"),
    "a flat column": (lambda: pa.array([1.0, 2.0]), r"vectors\[0\] is the number 1.0"),
    "a number": (lambda: np.float32(3), r"shape \(\)|is np.float32"),
    "None": (lambda: None, r"vectors is None .*; expected an array \(n, d\)"),
    "JSON in a list": (lambda: [JSON], r"vectors\[0\] is the string '\[3.0, 4.0\]'.*json.loads\(row\) for row in"),
    "JSON in numpy": (lambda: np.array([JSON]), r"json.loads\(row\)"),
    "JSON in pandas": (lambda: pd.Series([JSON]), r"json.loads\(row\)"),
    "JSON in polars": (lambda: pl.Series([JSON]), r"json.loads\(row\)"),
    "JSON in Arrow": (lambda: pa.array([JSON]), r"json.loads\(row\)"),
    "numbers as text": (lambda: [["3.0", "4.0"]], r"vectors\[0\] holds <U3 values.*dtype=np.float32"),
    "bytes": (lambda: [b"\0" * 8], r"np.frombuffer\(row, dtype=np.float32\)"),
    "bytes in Arrow": (lambda: pa.array([b"\0" * 8]), r"np.frombuffer\(row, dtype=np.float32\)"),
    "a dict": (lambda: {"a": [3, 4]}, r"in the order of the rows. Pass \[vectors\[key\] for key in keys\]"),
    "a set": (lambda: {(3, 4)}, r"a set has no order"),
    "answers of a service": (lambda: [{"embedding": [3, 4]}], r'Pass \[row\["embedding"\] for row in vectors\]'),
    "objects of a service": (lambda: [SimpleNamespace(embedding=[3])], r"Pass \[row.embedding for row in vectors\]"),
    "ragged lists": (lambda: [[3, 4], [5]], r"vectors\[1\] has 1 numbers, vectors\[0\] has 2; .* Pass None"),
    "ragged Arrow lists": (lambda: pa.array([[3, 4], None, [5]]), r"vectors\[2\] has 1 numbers, vectors\[0\] has 2"),
    "ragged objects": (lambda: pd.Series([[3, 4], [5]]).to_numpy(), r"vectors\[1\] has 1 numbers"),
    "ragged within a row": (lambda: [[[3, 4], [5]]], r"vectors\[0\] is \[\[3, 4\], \[5\]\].*flat list"),
    "one axis too many": (lambda: np.ones((3, 1, 2)), r"Pass np.squeeze\(vectors, axis=1\)"),
    "one axis too many in lists": (lambda: [[[3, 4]], [[0, 5]]], r"vectors\[0\] has shape \(1, 2\).*np.squeeze"),
    "one axis too many in Arrow": (lambda: pa.array([[[3, 4]]]), r"vectors\[0\] has shape \(1, 2\).*np.squeeze"),
    "a vector for each token": (
        lambda: np.ones((3, 5, 2)),
        r"vectors.mean\(axis=1\) if each document has a vector per",
    ),
    "tokens in lists": (lambda: [np.ones((5, 2))], r"vectors\[0\] has shape \(5, 2\).*mean"),
    "complex": (lambda: MATRIX.astype(complex), r"holds complex128 values; expected numbers"),
    "bool": (lambda: MATRIX > 0, r"holds bool values; expected numbers. Pass vectors.astype\(np.float32\)"),
    "bool in lists": (lambda: [[True, False]], r"vectors\[0\] holds bool values"),
    "bool in Arrow": (lambda: pa.array([[True, False]]), r"vectors\[0\] holds bool values"),
    "dates": (lambda: MATRIX.astype("datetime64[s]"), r"holds datetime64\[s\] values; expected numbers"),
    "dates in lists": (lambda: [[datetime.date(2020, 1, 1)]], r"vectors\[0\] is .*; expected a list of numbers"),
    "a structured array": (lambda: np.zeros(3, dtype="f4,f4"), r"structured_to_unstructured"),
    "null within a list": (lambda: [[3, 4], [None, 5]], r"vectors\[1\] holds a null"),
    "null within Arrow": (lambda: pa.array([None, [3, 4], [None, 5]]), r"vectors\[2\] holds a null"),
    "null within chunks": (lambda: chunked([[3, 4], None, [5, None]], pa.list_(pa.int8(), 2)), r"\[2\] holds a null"),
    "null within polars": (lambda: pl.Series([[3.0, None]]), r"vectors\[0\] holds a null"),
    "null within a table": (lambda: pa.table({"x": [3, 0], "y": [4, None]}), r"vectors\[1\] holds a null"),
    "masked in part": (lambda: np.ma.masked_array(MATRIX, MATRIX == 5), r"vectors\[1\] holds a null"),
    "no columns": (lambda: np.ones((3, 0)), r"shape \(3, 0\); expected \(n, d\): at least one number"),
    "no rows": (lambda: [], r"vectors is empty: there are no rows"),
    "no vector": (lambda: [None, None], r"none of the 2 rows has a vector"),
    "no vector in Arrow": (lambda: pa.array([None, []], pa.list_(pa.float32())), r"none of the 2 rows has a vector"),
    "a sparse matrix": (lambda: scipy.sparse.csr_matrix(MATRIX), r"Pass vectors.toarray\(\), or .*TruncatedSVD"),
    "a sparse array": (lambda: scipy.sparse.coo_array(MATRIX), r"Pass vectors.toarray\(\)"),
    "a lazy frame": (lambda: pl.LazyFrame({"x": [1]}), r"Pass vectors.collect\(\)"),
    "a pandas table": (lambda: pd.DataFrame({"id": ["a"], "v": [[3]]}), r"with the columns 'id', 'v'.*vectors=table\["),
    "a polars table": (lambda: pl.DataFrame({"id": ["a"], "v": [[3]]}), r"with the columns 'id', 'v'"),
    "an Arrow table": (lambda: pa.table({"id": ["a"], "v": [[3]]}), r"with the columns 'id', 'v'"),
    "a column of JSON alone": (lambda: pd.DataFrame({"v": [JSON]}), r"vectors\['v'\]\[0\] is the string.*json.loads"),
    "a table without columns": (lambda: pa.table({}), r"table without columns"),
    "on another device": (OnDevice, r"numpy cannot read \(implicit.*\). Pass a copy in main memory"),
    "a function": (lambda: print, r"expected an array \(n, d\)"),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_vectors_of_this_kind_are_read(kind: str) -> None:
    matrix, has_vector = to_matrix(WHOLE[kind](), n_rows=3)
    assert matrix.tolist() == ROWS
    assert has_vector.tolist() == [True, True, True]
    expected = [[0.6, 0.8], [0.0, 1.0], [1.0, 0.0]]
    np.testing.assert_allclose(check_vectors(WHOLE[kind]()), expected, rtol=1e-7)


@pytest.mark.parametrize("kind", WITH_GAPS)
def test_a_missing_vector_of_this_kind_is_marked(kind: str) -> None:
    matrix, has_vector = to_matrix(WITH_GAPS[kind](), n_rows=3)
    assert has_vector.tolist() == [True, False, True]
    assert matrix[has_vector].tolist() == [[3, 4], [1, 0]]
    with pytest.raises(ValueError, match=r"\[1\] has no vector; expected one for each document.*leave it out"):
        check_vectors(WITH_GAPS[kind]())


@pytest.mark.parametrize("kind", DAMAGED)
def test_what_is_no_matrix_is_refused_with_what_would_work(kind: str) -> None:
    make, words = DAMAGED[kind]
    with pytest.raises((TypeError, ValueError), match=words):
        to_matrix(make())


def test_another_number_of_rows_is_refused() -> None:
    with pytest.raises(
        ValueError, match="places has 3 rows, the source has 4; row i must be the vector of row i. Pass None"
    ):
        to_matrix(ROWS, "places", n_rows=4)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([0, 0], r"vectors\[1\] is a zero vector, .* pass None for it: a row without a vector is set aside"),
        ([-0.0, 0], r"vectors\[1\] is a zero vector"),
        ([np.nan, 1], r"vectors\[1\] holds a value that is not finite: nan. .* pass None for it"),
        ([1, -np.inf], r"vectors\[1\] holds a value that is not finite: -inf"),
    ],
)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_row_without_direction_is_refused_by_its_number(row: list[float], words: str, dtype: type) -> None:
    matrix = np.array([[1, 0], row, [0, 0]], dtype=dtype)
    with pytest.raises(ValueError, match=words):
        unit_rows(matrix, np.array([0, 1, 2]))
    with pytest.raises(ValueError, match=r"vectors\[1\] .* leave it out"):
        check_vectors(matrix)
    assert unit_rows(matrix, np.array([0])).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize(
    ("dtype", "factor"),
    [("float64", 1e200), ("float64", 1e-300), ("float32", 1e30), ("float32", 1e-38), ("float16", 1e4), ("int8", 30)],
)
def test_very_large_and_small_numbers_keep_their_direction(dtype: str, factor: float) -> None:
    matrix = (np.array([[3, 4], [-4, 3]]) * factor).astype(dtype)
    np.testing.assert_allclose(
        check_vectors(matrix), [[0.6, 0.8], [-0.8, 0.6]], rtol=1e-6 if dtype != "float16" else 1e-3
    )


numbers = st.one_of(st.just(0.0), st.floats(2**-9, 2**13, width=32), st.floats(-(2**13), -(2**-9), width=32))


@settings(deadline=None, max_examples=60)
@given(matrix=arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 5)), elements=numbers), data=st.data())
def test_the_blocks_and_the_other_rows_do_not_matter(matrix: np.ndarray, data: st.DataObject) -> None:
    matrix[~matrix.any(axis=1)] = 1.0
    rows = np.array(data.draw(st.lists(st.integers(0, len(matrix) - 1), min_size=1)))
    dtype = data.draw(st.sampled_from([np.float16, np.float32, np.float64]))
    whole = unit_rows(matrix.astype(dtype), np.arange(len(matrix)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", data.draw(st.integers(1, 20)))
        in_blocks = unit_rows(matrix.astype(dtype), rows)
    np.testing.assert_array_equal(in_blocks, whole[rows])
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1.0, atol=2e-4)
    np.testing.assert_array_equal(check_vectors(whole), whole)
    assert in_blocks.dtype == np.float32
    assert in_blocks.flags.c_contiguous


def test_the_argument_is_not_changed() -> None:
    for make in WHOLE.values():
        given_values = make()
        if isinstance(given_values, np.ndarray | list | torch.Tensor):
            before = str(given_values)
            check_vectors(given_values)
            assert str(given_values) == before


def test_reading_lists_and_arrays_loads_no_other_package() -> None:
    code = (
        "import sys, numpy; from nomic_explore.vectors import check_vectors; check_vectors([[3, 4], numpy.ones(2)]); "
        "print({'torch', 'pandas', 'polars', 'pyarrow', 'scipy'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_unit_vectors_are_not_copied() -> None:
    unit = check_vectors(np.random.default_rng(0).normal(size=(9, 4)))
    assert np.shares_memory(check_vectors(unit), unit)


def test_arrow_vectors_in_one_chunk_are_not_copied() -> None:
    flat = np.arange(6, dtype=np.float32)
    matrix, _ = to_matrix(pa.FixedSizeListArray.from_arrays(pa.array(flat), 2))
    assert np.shares_memory(matrix, flat)


def test_a_memory_map_stays_mapped_and_only_the_result_is_in_memory(tmp_path: Path) -> None:
    stored = np.random.default_rng(0).normal(size=(40_000, 64)).astype(np.float16)
    np.save(tmp_path / "vectors.npy", stored)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    tracemalloc.start()
    matrix, has_vector = to_matrix(mapped)
    assert tracemalloc.get_traced_memory()[1] < 200_000
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BLOCK", 2**16)
        unit = unit_rows(matrix, np.flatnonzero(has_vector))
    assert tracemalloc.get_traced_memory()[1] < unit.nbytes + 4_000_000
    tracemalloc.stop()
    assert isinstance(matrix, np.memmap)
    np.testing.assert_array_equal(unit, check_vectors(stored))


TEXTS = ["a red cat", "the red cat", "a red sofa", "some blue sea", "the blue sea", "one blue whale"]
MANY = np.array([[3, 0.5], [6, 1], [4, 2], [0.25, 5], [0.5, 9], [-1, 6]], dtype=np.float32)
KINDS: dict[str, Callable[[np.ndarray], object]] = {
    "list": np.ndarray.tolist,
    "float64 of other lengths": lambda matrix: matrix.astype(np.float64) * np.arange(1, 7)[:, None] ** 5,
    "torch": lambda matrix: torch.tensor(matrix, requires_grad=True),
    "pandas": lambda matrix: pd.Series(list(matrix), index=list("abcdef")),
    "polars": lambda matrix: pl.DataFrame(matrix),
    "Arrow": lambda matrix: pa.array(matrix.tolist(), pa.list_(pa.float32(), 2)),
}
STAGES: dict[str, Callable[[object], object]] = {
    "build_graph": lambda given: build_graph(given, 2).similarities,
    "project": lambda given: project(given, build_graph(MANY, 2)),
    "find_topics": lambda given: find_topics(TEXTS, given, build_graph(MANY, 2), n_topics=2).layers[-1],
    "find_duplicates": lambda given: find_duplicates(TEXTS, given, build_graph(MANY, 2)).evidence.pairs.similarities,
    "deduplicate": lambda given: deduplicate(TEXTS, vectors=given, show_progress=False).summary(),
    "find_leakage": lambda given: find_leakage(TEXTS[:3], TEXTS[3:], vectors=given, show_progress=False).evidence.pairs,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_reads_the_same_kinds_of_any_length(stage: str, kind: str) -> None:
    expected, found = STAGES[stage](check_vectors(MANY)), STAGES[stage](KINDS[kind](MANY))
    if isinstance(expected, np.ndarray):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    else:
        assert str(found) == str(expected)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_refuses_a_zero_vector(stage: str) -> None:
    with pytest.raises(ValueError, match=r"vectors\[2\] is a zero vector"):
        STAGES[stage](np.where(np.arange(6)[:, None] == 2, 0, MANY))
