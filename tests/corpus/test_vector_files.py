"""Files of vectors and of positions: what each format holds comes back, and damage is told in words that help."""

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from safetensors.numpy import save_file
from scipy import sparse

from nomic_explore.corpus import read_corpus
from nomic_explore.corpus.vector_files import Rows, read_position_file, read_vector_file, vectors_from_text

VECTORS = np.array([[0.5, -1.0, 2.0, 0.25], [3.0, 4.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1e-3]], np.float32)
POSITIONS = VECTORS[:, :2]
COLUMN = pa.FixedSizeListArray.from_arrays(pa.array(VECTORS.ravel()), 4)
LISTS = pa.array(VECTORS.tolist(), pa.list_(pa.float32()))
NAMES = ["a", "b", "c"]


def matrix_of(rows: Rows) -> np.ndarray:
    """The numbers (n, d) of what was read."""
    if isinstance(rows, pa.Table):
        return np.stack([column.to_numpy() for column in rows.columns], axis=1)
    return np.asarray(
        rows
        if isinstance(rows, np.ndarray)
        else np.stack(list(rows.to_pylist() if hasattr(rows, "to_pylist") else rows))
    )


def write_parquet(**columns: object) -> Callable[[Path], None]:
    return lambda path: pa.parquet.write_table(pa.table(columns), path)


def write_archive(path: Path) -> None:
    np.savez(path.with_suffix(".npz"), VECTORS)
    path.with_suffix(".npz").rename(path)


FRAME = pd.DataFrame(VECTORS)
FORMATS: dict[str, Callable[[Path], object]] = {
    "array.npy": lambda path: np.save(path, VECTORS),
    "columns_first.npy": lambda path: np.save(path, np.asfortranarray(VECTORS)),
    "one_array.npz": lambda path: np.savez_compressed(path, VECTORS),
    "array_and_labels.npz": lambda path: np.savez(path, embeddings=VECTORS, labels=np.arange(3)),
    "array_and_objects.npz": lambda path: np.savez(path, embeddings=VECTORS, names=np.array(NAMES, object)),
    "archive_called.npy": write_archive,
    "tensor.safetensors": lambda path: save_file({"embeddings": VECTORS}, path),
    "embedding-001.h5": lambda path: write_hdf5(path, embeddings=VECTORS),
    "in_a_group.hdf5": lambda path: write_hdf5(path, run__ids=np.arange(3), run__embeddings=VECTORS),
    "fixed_lists.parquet": write_parquet(id=NAMES, vector=COLUMN),
    "lists.parquet": write_parquet(id=NAMES, vector=LISTS),
    "whole_numbers.parquet": write_parquet(vector=pa.array((VECTORS * 1000).astype(int).tolist())),
    "columns_of_numbers.parquet": lambda path: FRAME.rename(columns=str).to_parquet(path),
    "with_an_index.parquet": lambda path: FRAME.rename(columns=str).set_axis(NAMES).to_parquet(path),
    "lists.feather": lambda path: pa.feather.write_feather(pa.table({"id": NAMES, "vector": LISTS}), str(path)),
    "header.csv": lambda path: FRAME.to_csv(path, index=False),
    "row_numbers.csv": lambda path: FRAME.to_csv(path),
    "no_header.csv": lambda path: FRAME.to_csv(path, index=False, header=False),
    "no_header.tsv": lambda path: np.savetxt(path, VECTORS, delimiter="\t"),
    "no_header.csv.gz": lambda path: FRAME.to_csv(path, index=False, header=False),
    "lists_as_text.csv": lambda path: pd.DataFrame({"id": NAMES, "embedding": VECTORS.tolist()}).to_csv(path),
    "arrays_as_text.csv": lambda path: pd.DataFrame({"embedding": list(VECTORS)}).to_csv(path, index=False),
    "rows.jsonl": lambda path: pd.DataFrame({"vector": VECTORS.tolist()}).to_json(path, orient="records", lines=True),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_any_format_gives_the_same_vectors(tmp_path: Path, name: str) -> None:
    FORMATS[name](tmp_path / name)
    expected = (VECTORS * 1000).astype(int) if "whole" in name else VECTORS
    np.testing.assert_allclose(matrix_of(read_vector_file(tmp_path / name)), expected, rtol=1e-6)


def test_an_npy_file_stays_on_disk(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", VECTORS)
    assert isinstance(read_vector_file(str(tmp_path / "a.npy")), np.memmap)


def test_a_null_among_vectors_stays_null(tmp_path: Path) -> None:
    write_parquet(vector=pa.array([None, [1.0, 2.0]]))(tmp_path / "a.parquet")
    rows = read_vector_file(tmp_path / "a.parquet")
    assert isinstance(rows, pa.ChunkedArray)
    assert rows.to_pylist() == [None, [1.0, 2.0]]
    (tmp_path / "b.csv").write_text('id,vector\n1,\n2,"[1.0, 2.0]"\n')
    first, second = read_vector_file(tmp_path / "b.csv")
    assert first is None
    assert second.tolist() == [1.0, 2.0]


def write_hdf5(path: Path, **arrays: np.ndarray) -> None:
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name.replace("__", "/"), data=array)


@pytest.fixture
def no_h5py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)


def test_hdf5_without_its_package_names_the_command(tmp_path: Path, no_h5py: None) -> None:
    (tmp_path / "embedding-001.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(ImportError, match=r"embedding-001\.h5 needs h5py, .*pip install 'nomic-explore\[hdf5\]'"):
        read_vector_file(tmp_path / "embedding-001.h5")


def write_half(path: Path) -> None:
    """The file that belongs to the name, cut in the middle."""
    FORMATS[next(name for name in FORMATS if name.endswith(path.suffix) and "called" not in name)](path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def write_ragged(path: Path) -> None:
    write_parquet(text=NAMES, vector=pa.array([[1.0, 2.0], [1.0], [2.0, 3.0]]))(path)


FAULTS: list[tuple[str, Callable[[Path], object], str]] = [
    ("a.npy", lambda path: path.write_bytes(b""), r"vectors: .*a\.npy is empty \(0 bytes\)"),
    ("a.npy", write_half, r"a\.npy is no whole \.npy file \(.*\)\. It may be cut off: copy or write it again"),
    ("a.npy", lambda path: path.write_text("0.1 0.2"), r"is no whole \.npy file"),
    ("a.npy", lambda path: np.save(path, np.array([[1], None], object)), r"holds Python objects, .*numpy\.stack"),
    ("a.npz", write_half, r"is no whole \.npz file"),
    ("a.npz", lambda path: np.savez(path, a=VECTORS, b=VECTORS), r"holds 2 arrays .*: a \(3, 4\), b \(3, 4\)"),
    ("a.npz", lambda path: np.savez(path), r"holds 0 arrays .*its arrays: none"),
    ("a.npz", lambda path: sparse.save_npz(path, sparse.csr_matrix(VECTORS)), r"sparse matrix.*toarray\(\)"),
    ("a.npz", lambda path: np.savez(path, np.array([[1], None], object)), r"holds Python objects"),
    ("a.safetensors", write_half, r"is no whole \.safetensors file"),
    ("a.safetensors", lambda path: save_file({"a": VECTORS, "b": VECTORS}, path), r"holds 2 arrays"),
    ("a.h5", write_half, r"is no whole \.h5 file"),
    ("a.h5", lambda path: write_hdf5(path, a=VECTORS, b=VECTORS), r"holds 2 arrays"),
    ("a.parquet", write_half, r"a\.parquet is not a whole Parquet file"),
    ("a.parquet", write_parquet(a=COLUMN, b=COLUMN), r"several columns of vectors: a, b\. .*vectors=table\['a'\]"),
    ("a.parquet", write_parquet(text=NAMES, x=[1, 2, 3]), r"no column of equally long lists .*text \(string\), x"),
    ("a.parquet", write_ragged, r"no column of equally long lists of numbers.*vector \(list"),
    ("a.pkl", lambda path: path.write_bytes(b"\x80\x04"), r"is a pickle, .* runs any code .*pass the array"),
    ("a.pt", lambda path: path.write_bytes(b"PK"), r"is a pickle.*torch\.load\(path, weights_only=True\)\.numpy\(\)"),
    ("a.bin", lambda path: path.write_bytes(b"1"), r"no known format; expected one of \.npy, .*numpy\.save"),
    ("a.d", lambda path: path.mkdir(), r"is a folder; expected a file"),
]


@pytest.mark.parametrize(("name", "make", "message"), FAULTS)
def test_a_file_without_vectors_says_what_would_work(
    tmp_path: Path, name: str, make: Callable[[Path], object], message: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(ValueError, match=message):
        read_vector_file(tmp_path / name)


def test_bfloat16_is_refused_with_the_way_out(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file as save_tensors

    save_tensors({"embeddings": torch.ones(2, 3, dtype=torch.bfloat16)}, tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match=r"'embeddings' in .* is bfloat16, .*tensor\.float\(\)"):
        read_vector_file(tmp_path / "a.safetensors")


def test_a_file_that_is_not_there_is_named_with_the_closest(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", VECTORS)
    with pytest.raises(FileNotFoundError, match=r"positions: there is no file .*Did you mean '.*vectors\.npy'"):
        read_position_file(tmp_path / "vector.npy")
    with pytest.raises(FileNotFoundError, match="Paths are relative to"):
        read_vector_file(tmp_path / "nowhere" / "at_all.npy")


LAYOUT = {"x": POSITIONS[:, 0], "y": POSITIONS[:, 1]}
PAIRS = pa.FixedSizeListArray.from_arrays(pa.array(POSITIONS.ravel()), 2)
POSITION_FILES: dict[str, Callable[[Path], object]] = {
    "coords.npy": lambda path: np.save(path, POSITIONS),
    "umap-001.parquet": write_parquet(**LAYOUT),
    "with_ids.parquet": write_parquet(id=NAMES, **LAYOUT, cluster=[0, 1, 2]),
    "embedding_atlas.parquet": write_parquet(
        text=NAMES, x=[9, 9, 9], y=[9, 9, 9], projection_x=LAYOUT["x"], projection_y=LAYOUT["y"]
    ),
    "pairs.parquet": write_parquet(id=NAMES, vector=COLUMN, position=PAIRS),
    "header.csv": lambda path: pd.DataFrame(LAYOUT).to_csv(path, index=False),
    "no_header.csv": lambda path: np.savetxt(path, POSITIONS, delimiter=","),
}


@pytest.mark.parametrize("name", POSITION_FILES)
def test_positions_are_found_in_a_file_that_may_hold_more(tmp_path: Path, name: str) -> None:
    POSITION_FILES[name](tmp_path / name)
    np.testing.assert_allclose(matrix_of(read_position_file(tmp_path / name)), POSITIONS, rtol=1e-6)


def test_a_table_without_positions_says_which_columns_it_has(tmp_path: Path) -> None:
    write_parquet(text=NAMES, vector=COLUMN)(tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=r"positions: .* has no columns x and y, .*text \(string\), vector"):
        read_position_file(tmp_path / "a.parquet")


def test_an_array_that_numpy_wrote_in_short_is_refused() -> None:
    text = str(np.arange(2000.0))
    with pytest.raises(ValueError, match=r"vectors\[1\] is .*most of its numbers are lost"):
        vectors_from_text(pa.chunked_array([["[1.0]", text]]))


def test_text_that_is_no_list_of_numbers_is_named_with_its_row() -> None:
    with pytest.raises(ValueError, match=r"embedding\[2\] is 'a cat'; expected a list of numbers"):
        vectors_from_text(pa.chunked_array([["[1.0]", None, "a cat"]]), "embedding")


def test_the_folder_that_embedding_atlas_exports_is_read_as_its_rows(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    write_parquet(text=NAMES, projection_x=LAYOUT["x"], projection_y=LAYOUT["y"])(tmp_path / "data" / "dataset.parquet")
    (tmp_path / "data" / "metadata.json").write_text('{"props": {"data": {"id": "__row_index__"}}, "isStatic": true}')
    assert read_corpus(tmp_path).texts == NAMES


def test_the_archive_that_embedding_atlas_exports_is_read(tmp_path: Path) -> None:
    pa.parquet.write_table(pa.table({"text": ["a", "b"], "x": [1, 2]}), tmp_path / "dataset.parquet")
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(tmp_path / "dataset.parquet", "data/dataset.parquet")
        archive.writestr("data/metadata.json", "{}")
        archive.writestr("index.html", "<html>")
    assert read_corpus(tmp_path / "export.zip").table.to_pydict() == {"text": ["a", "b"], "x": [1, 2]}
