"""Requests of the pane of duplicates: settings and their counts, groups, what the map shows of them."""

from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.duplicates.pairs import MIN_SIMILARITY
from nomic_explore.duplicates.roles import DROP, KEEP, REVIEW, UNIQUE
from nomic_explore.view.data.bitmask import pack_mask
from nomic_explore.view.data.density import density_grid
from nomic_explore.view.data.duplicate_roles import role_palettes, round_share
from nomic_explore.view.requests.context import MapContext
from nomic_explore.view.requests.protocol.documents import EmptyRequest, EmptyResponse, GroupMember
from nomic_explore.view.requests.protocol.duplicates import (
    CollapsedResponse,
    DecideDuplicatesRequest,
    DensityResponse,
    DuplicateSettingsResponse,
    GroupLine,
    GroupRequest,
    GroupResponse,
    GroupsResponse,
    ListRequest,
    PreviewDuplicatesRequest,
    PreviewDuplicatesResponse,
    SettingsCounts,
)
from nomic_explore.view.requests.review import ReviewRequests

if TYPE_CHECKING:
    import pandas as pd

    from nomic_explore.duplicates import Duplicates

_N_GROUPS = 200  # in one answer
_N_MEMBERS = 300
_UNIT_SIZE, _FULL_SIZE, _FULL_GROUP = 26, 255, 64  # of points, 0 to 255: alone, and the kept one of so many


class DuplicateRequests:
    """Answers about duplicates, and decides on them.

    Args:
        context: the exploration and its map.
        review: who knows the evidence of pairs and how far their review is.
    """

    def __init__(self, context: MapContext, review: ReviewRequests) -> None:
        self._context, self._review = context, review
        self._shown: Duplicates | None = None
        self._groups: tuple[Duplicates, pd.DataFrame] | None = None

    @property
    def are_outdated(self) -> bool:
        """Whether the decisions are others than those that were last shown in a pane."""
        return self._shown is not None and self._context.exploration.duplicates.current is not self._shown

    def settings(self, request: EmptyRequest) -> DuplicateSettingsResponse:
        """Returns the settings, what they come to, and how many pairs have which similarity."""
        duplicates = self._shown = self._context.exploration.duplicates.current
        return {
            **self._counts(duplicates),
            **self._review.progress(duplicates, "review"),
            "minSimilarity": duplicates.min_similarity,
            "floor": MIN_SIMILARITY,
            "kinds": list(duplicates.drop_kinds),
            "keep": duplicates.keep if isinstance(duplicates.keep, str) else "",
            "scores": self._review.pair_table(duplicates).count_scores(MIN_SIMILARITY - 1e-3),
            "palettes": role_palettes(),
        }

    def preview(self, request: PreviewDuplicatesRequest) -> PreviewDuplicatesResponse:
        """Returns what other settings would come to, and each point's role under them."""
        now = self._context.exploration.duplicates.current
        duplicates = now.at(request["min_similarity"], kinds=request.get("kinds"), keep=request.get("keep"))
        roles = (1 + duplicates.role_codes[self._context.data.rows]).astype(np.uint8).tobytes()
        return {**self._counts(duplicates), "roles": roles}

    def configure(self, request: DecideDuplicatesRequest) -> EmptyResponse:
        """Decides with other settings, on all maps."""
        self._context.exploration.duplicates.configure(
            request.get("min_similarity"), kinds=request.get("kinds"), keep=request.get("keep")
        )
        return {}

    def _counts(self, duplicates: "Duplicates") -> SettingsCounts:
        counts = np.bincount(duplicates.role_codes, minlength=4)
        background = self._context.exploration.duplicates.background()
        return {
            "nDocuments": len(duplicates),
            "nUnique": int(counts[UNIQUE]),
            "nKept": int(counts[KEEP]),
            "nDropped": int(counts[DROP]),
            "nReview": int(counts[REVIEW]),
            "nGroups": duplicates.n_groups,
            "background": round_share(background.share_below(duplicates.min_similarity)),
        }

    # --- groups ---

    def groups(self, request: ListRequest) -> GroupsResponse:
        """Returns the duplicate groups of the pairs that a filter finds, in its order."""
        show, start = request.get("show", "all"), request.get("start", 0)
        duplicates = self._context.exploration.duplicates.current
        wanted: ListRequest = {**request, "show": show}
        found = self._review.list_pairs(wanted, is_undecided=show == "review")
        table = self._group_table(duplicates)
        numbers, first = np.unique(found.pairs.groups, return_index=True)
        listed = numbers[np.argsort(first)]
        n_pairs = np.bincount(found.pairs.groups, minlength=len(table))
        groups: list[GroupLine] = [
            {
                **self._context.line(int(one.keeper)),
                "group": int(one.group),
                "size": int(one.size),
                "drop": int(one.n_drop),
                "review": int(one.n_review),
                "nPairs": int(n_pairs[one.group]),
                "similarity": round_share(one.min_similarity),
                "isChain": bool(getattr(one, "is_chain", False)),
            }
            for one in table.iloc[listed[start : start + _N_GROUPS]].itertuples(index=False)
        ]
        return {
            "groups": groups,
            "nListed": len(listed),
            "nGroups": {
                "all": len(table),
                "review": int((table["n_review"] > 0).sum()),
                "drop": int((table["n_drop"] > 0).sum()),
            },
            "counts": self._counts(duplicates),
            "nPairs": len(found.pairs),
            "differences": found.differences,
            "kinds": found.kinds,
            "topics": found.topics,
        }

    def group(self, request: GroupRequest) -> GroupResponse:
        """Returns the documents of a duplicate group."""
        return {"documents": self.members(request["group"])}

    def members(self, group: int) -> list[GroupMember]:
        """Returns the documents of a group with their roles, kept ones first, each with its match and flags."""
        duplicates = self._context.exploration.duplicates.current
        rows = np.flatnonzero(duplicates.groups == group)
        rows = rows[np.argsort(duplicates.role_codes[rows] != KEEP, kind="stable")][:_N_MEMBERS]
        pairs = self._review.pair_table(duplicates)
        members: list[GroupMember] = []
        for row in rows.tolist():
            match = int(duplicates.matches[row])
            members.append(
                {
                    **self._context.line(row),
                    "role": str(duplicates.roles[row]),
                    "kind": str(duplicates.kinds[row]),
                    "similarity": round_share(duplicates.similarities[row]),
                    "partner": match,
                    "partnerPoint": int(self._context.point_of[match]),
                    "flags": pairs.find(row, match)["flags"] if match != row else [],
                }
            )
        return members

    def _group_table(self, duplicates: "Duplicates") -> "pd.DataFrame":
        """Returns the groups, group i in row i."""
        if self._groups is None or self._groups[0] is not duplicates:
            self._groups = duplicates, duplicates.to_pandas()
        return self._groups[1]

    # --- on the map ---

    def collapsed(self, request: EmptyRequest) -> CollapsedResponse:
        """Returns which points are dropped, and sizes: a kept point grows with the documents it represents."""
        duplicates, rows = self._context.exploration.duplicates.current, self._context.data.rows
        n_represented = np.bincount(duplicates.keepers, minlength=len(duplicates))[rows]
        growth = np.minimum(np.log(np.maximum(n_represented, 1)) / np.log(_FULL_GROUP), 1.0)
        sizes = _UNIT_SIZE + (_FULL_SIZE - _UNIT_SIZE) * growth
        return {"hidden": pack_mask(duplicates.role_codes[rows] == DROP), "sizes": sizes.astype(np.uint8).tobytes()}

    def density_of_kept(self, request: EmptyRequest) -> DensityResponse:
        """Returns the density of the documents that are not dropped."""
        data = self._context.data
        is_kept = self._context.exploration.duplicates.current.role_codes[data.rows] != DROP
        return {"density": density_grid(data.positions[is_kept]).tobytes()}
