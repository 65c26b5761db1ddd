"""Requests that end a review: the kept rows, the removed rows and the report, written into a folder."""

from pathlib import Path

import numpy as np

from nomic_explore.checks import check_choice
from nomic_explore.duplicates.roles import DROP, REVIEW
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.protocol.documents import EmptyRequest
from nomic_explore.view.requests.protocol.duplicates import FinishPlanResponse, FinishRequest, FinishResponse

FORMATS = ("parquet", "csv")


class FinishRequests:
    """Says what would be written, and writes it.

    Args:
        context: the exploration and its map.
    """

    def __init__(self, context: MapContext) -> None:
        self._context = context

    def plan(self, request: EmptyRequest) -> FinishPlanResponse:
        """Returns how many rows stay and go, and a new folder beside that of the exploration."""
        exploration = self._context.exploration
        counts = np.bincount(exploration.duplicates.current.role_codes, minlength=4)
        beside = exploration.folder.resolve()
        names = [f"{beside.name}-deduplicated", *(f"{beside.name}-deduplicated-{n}" for n in range(2, 1000))]
        folder = next(path for name in names if not (path := beside.with_name(name)).exists())
        return {
            "kept": len(exploration) - int(counts[DROP]),
            "removed": int(counts[DROP]),
            "review": int(counts[REVIEW]),
            "folder": str(folder),
        }

    def write(self, request: FinishRequest) -> FinishResponse:
        """Writes the three files into a folder, which is made if need be.

        Raises:
            ValueError: there is no such format, or the folder has no name.
            FileExistsError: one of the files is there already.
            OSError: they cannot be written.
        """
        ending = check_choice(request["format"], "format", FORMATS)
        if not request["folder"].strip():
            raise ValueError("The folder has no name; type one.")
        folder = Path(request["folder"].strip()).expanduser().absolute()
        kept, removed = folder / f"kept.{ending}", folder / f"removed.{ending}"
        report = folder / "report.html"
        for path in (kept, removed, report):
            if path.exists():
                raise FileExistsError(f"{path} is there already. Choose another folder, or move that file away.")
        result = self._context.exploration.duplicates.deduplication()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            files = [result.save(kept), result.save_removed(removed), result.report(report)]
        except OSError as error:
            raise OSError(f"Nothing more can be written to {folder}: {error.strerror or error}.") from error
        return {"files": [str(path) for path in files]}
