"""Requests that look for documents: by words, by meaning, by example, by group."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.view.data.duplicate_roles import round_share
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.protocol.search import (
    Hit,
    HitsResponse,
    MembersRequest,
    MembersResponse,
    MoreLikeRequest,
    SearchRequest,
)

if TYPE_CHECKING:
    import pandas as pd

_N_HITS = 200
_MODES = {"both": "hybrid", "meaning": "semantic", "words": "keyword"}  # by the words of the screen
_WAYS = {mode: way for way, mode in _MODES.items()}


class SearchRequests:
    """Answers with documents that were looked for.

    Args:
        context: the exploration and its map.
    """

    def __init__(self, context: MapContext) -> None:
        self._context = context

    def search(self, request: SearchRequest) -> HitsResponse:
        """Returns documents that fit a query, best first, those unlike the points in `minus` before others."""
        minus = self._context.rows(request.get("minus", [])).tolist()
        by = request.get("by", "both")
        return self._hits(
            self._context.exploration.search(request["query"], n=_N_HITS, mode=_MODES.get(by, by), negative=minus)
        )

    def more_like(self, request: MoreLikeRequest) -> HitsResponse:
        """Returns documents like some points, or like the selection."""
        rows, minus = self._context.rows(request.get("points")), self._context.rows(request.get("minus", [])).tolist()
        return self._hits(self._context.exploration.more_like(rows, negative=minus, n=_N_HITS))

    def members(self, request: MembersRequest) -> MembersResponse:
        """Returns the points of a topic, a tag, a duplicate group, or of what a query matches.

        Raises:
            ValueError: there is no such kind of group.
        """
        exploration, kind = self._context.exploration, request["kind"]
        if kind == "topic":
            rows = np.flatnonzero(exploration.topics.layers[request["layer"]] == request["topic"])
        elif kind == "tag":
            rows = exploration.tags.rows(request["name"])
        elif kind == "duplicates":
            rows = np.flatnonzero(exploration.duplicates.groups == request["group"])
        elif kind == "query":
            rows = exploration.query(request["query"])
        else:
            raise ValueError(f"kind={kind!r}; expected topic, tag, duplicates or query.")
        return {"points": self._context.points(rows).astype(np.uint32).tobytes(), "rows": len(rows)}

    def _hits(self, found: "pd.DataFrame") -> HitsResponse:
        hits: list[Hit] = []
        for row, way, similarity in zip(found["row"], found["found_by"], found["similarity"], strict=True):
            if self._context.point_of[row] >= 0:
                hits.append(
                    {**self._context.line(int(row)), "by": _WAYS.get(way, way), "similarity": round_share(similarity)}
                )
        return {"hits": hits}
