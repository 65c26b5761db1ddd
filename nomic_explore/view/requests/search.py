"""Requests that look for documents: by words, by meaning, by example, by group."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.search.query import parse_query
from nomic_explore.session.columns import column_names
from nomic_explore.view.data.duplicate_roles import round_share
from nomic_explore.view.data.text_snippets import cut_snippet
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
_SCORES = {"both": "match", "meaning": "similarity", "words": "words"}
_WAYS = {mode: way for way, mode in _MODES.items()}
_MAX_WORDS = 40  # of a query that are marked in what was found


class SearchRequests:
    """Answers with documents that were looked for.

    Args:
        context: the exploration and its map.
    """

    def __init__(self, context: MapContext) -> None:
        self._context = context

    def search(self, request: SearchRequest) -> HitsResponse:
        """Returns documents that fit a query, best first, those unlike the points in `minus` before others."""
        exploration, query, by = self._context.exploration, request["query"], request.get("by", "both")
        minus = self._context.rows(request.get("minus", [])).tolist()
        found = exploration.search(query, n=_N_HITS, mode=_MODES.get(by, by), negative=minus)
        words = parse_query(query, ["id", *column_names(exploration._state)]).words.split()[:_MAX_WORDS]
        response = self._respond(found, _SCORES[by] if words else "", words)
        if not words:
            return {**response, "total": len(exploration.query(query))}
        return {**response, "nWithAll": len(exploration.query(query))} if by == "words" else response

    def more_like(self, request: MoreLikeRequest) -> HitsResponse:
        """Returns documents like some points, or like the selection."""
        rows, minus = self._context.rows(request.get("points")), self._context.rows(request.get("minus", [])).tolist()
        found = self._context.exploration.more_like(rows, negative=minus, n=_N_HITS)
        return self._respond(found, "similarity", [])

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

    def _respond(self, found: "pd.DataFrame", scored: str, words: list[str]) -> HitsResponse:
        hits = list[Hit]()
        for row, way, score in zip(found["row"].tolist(), found["found_by"], found["score"], strict=True):
            if self._context.point_of[row] >= 0:
                snippet = cut_snippet(self._context.columns.split(row)[1], words)
                way, score = _WAYS.get(way, way), round_share(score)
                hits.append({**self._context.line(row), "text": snippet, "by": way, "score": score})
        return {"hits": hits, "scored": scored, "total": len(hits), "words": words, "nWithAll": None}
