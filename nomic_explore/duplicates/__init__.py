"""Duplicates: evidence (scored pairs) and decisions (kept or dropped, and why)."""

from nomic_explore.duplicates.duplicates import Duplicates, decide, find_duplicates
from nomic_explore.duplicates.evidence import Evidence, collect_evidence
from nomic_explore.duplicates.pairs import Pairs
from nomic_explore.duplicates.verdicts import Verdicts, make_verdicts

__all__ = [
    "Duplicates",
    "Evidence",
    "Pairs",
    "Verdicts",
    "collect_evidence",
    "decide",
    "find_duplicates",
    "make_verdicts",
]
