"""Duplicates: evidence (scored pairs), decisions (kept, dropped or flagged for review), and the result."""

from nomic_explore.duplicates.decide import Decisions, decide
from nomic_explore.duplicates.duplicates import Duplicates, find_duplicates
from nomic_explore.duplicates.evidence import Evidence, collect_equal, collect_evidence
from nomic_explore.duplicates.pairs import Pairs
from nomic_explore.duplicates.verdicts import Verdicts, make_verdicts

__all__ = [
    "Decisions",
    "Duplicates",
    "Evidence",
    "Pairs",
    "Verdicts",
    "collect_equal",
    "collect_evidence",
    "decide",
    "find_duplicates",
    "make_verdicts",
]
