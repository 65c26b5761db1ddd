"""Files that are exported: written whole or not at all, tables by the ending of their path."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from nomic_explore.atomic_files import write_atomically
from nomic_explore.checks import check_local

if TYPE_CHECKING:
    import pyarrow as pa

    from nomic_explore.cells.key_layouts import KeyLayouts

Column: TypeAlias = "pa.Array | pa.ChunkedArray"

TABLE_ENDINGS = (".parquet", ".csv", ".jsonl")


def check_target(path: str | Path, endings: tuple[str, ...] = ()) -> Path:
    """Returns the path to write to, with "~" expanded.

    Args:
        path: where to.
        endings: those the path may have; without any, every path will do.

    Raises:
        ValueError: the path ends in something else, is a folder, or is the address of something elsewhere.
        FileNotFoundError: its folder does not exist.

    Example:
        >>> check_target("kept.xlsx", TABLE_ENDINGS)
        Traceback (most recent call last):
        ...
        ValueError: kept.xlsx ends in '.xlsx'; expected .parquet, .csv or .jsonl.
    """
    check_local(path)
    target = Path(path).expanduser()
    if endings and target.suffix.lower() not in endings:
        expected = " or ".join(part for part in (", ".join(endings[:-1]), endings[-1]) if part)
        raise ValueError(f"{target} ends in {target.suffix!r}; expected {expected}.")
    if target.is_dir():
        raise ValueError(f"{target} is a folder; expected the path of a file, old or new.")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"No folder {target.parent}; make it first, or choose another path.")
    return target


def write_bytes(target: Path, content: bytes) -> Path:
    """Writes a file, whole or not at all, and returns its path.

    Example:
        >>> write_bytes(getfixture("tmp_path") / "notes.txt", b"all of it").read_text()
        'all of it'
    """
    with write_atomically(target) as part:
        part.write_bytes(content)
    return target


def write_text(target: Path, pieces: Iterable[str]) -> Path:
    """Writes pieces of text as UTF-8 with plain line ends, whole or not at all, and returns the path.

    Example:
        >>> write_text(getfixture("tmp_path") / "notes.txt", ["all ", "of it"]).read_text()
        'all of it'
    """
    with write_atomically(target) as part, open(part, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(pieces)
    return target


def write_table(
    columns: "Mapping[str, Column] | pa.Table", path: str | Path, *, layouts: "KeyLayouts | None" = None
) -> Path:
    """Writes Arrow columns as Parquet, CSV or JSON Lines, by the ending of the path, and returns the path.

    Cells of a table that were read from text are written as they were, if its fields say how (see `nomic_explore.cells`).
    Only Parquet keeps types. Lists and structs become JSON in CSV; floats that are not finite become null in JSON Lines.

    Args:
        columns: a table, or columns by name.
        path: where to.
        layouts: the keys that each row has in JSON Lines, in order; None writes all.

    Raises:
        ValueError: the path ends in something else.
        FileNotFoundError: its folder does not exist.

    Example:
        >>> import pyarrow as pa
        >>> path = write_table({"n": pa.array([1, 2])}, getfixture("tmp_path") / "numbers.csv")
        >>> path.read_text().split()
        ['"n"', '1', '2']
    """
    import pyarrow as pa
    import pyarrow.parquet

    from nomic_explore.cells.csv_text import csv_pieces
    from nomic_explore.cells.json_text import json_lines

    target = check_target(path, TABLE_ENDINGS)
    table = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
    match target.suffix.lower():
        case ".parquet":
            with write_atomically(target) as part:
                pyarrow.parquet.write_table(table, part, compression="zstd")
        case ".csv":
            with write_atomically(target) as part, open(part, "wb") as file:
                file.writelines(csv_pieces(table))
        case ".jsonl":
            write_text(target, json_lines(table, layouts))
    return target
