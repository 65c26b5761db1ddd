"""Cells of tables: text becomes numbers and dates where it writes back identically, and is written as it was."""

from nomic_explore.cells.columns import type_columns
from nomic_explore.cells.conversion import KINDS, convert_columns
from nomic_explore.cells.recognition import recognize
from nomic_explore.cells.writing import WRITTEN_AS, note_written_as, write_cells, written_as

__all__ = [
    "KINDS",
    "WRITTEN_AS",
    "convert_columns",
    "note_written_as",
    "recognize",
    "type_columns",
    "write_cells",
    "written_as",
]
