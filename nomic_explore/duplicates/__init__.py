"""Duplicates: evidence (scored pairs) and decisions (kept or dropped, and why)."""

from nomic_explore.duplicates.decisions import Duplicates, decide, find_duplicates
from nomic_explore.duplicates.evidence import Evidence, collect_evidence

__all__ = ["Duplicates", "Evidence", "collect_evidence", "decide", "find_duplicates"]
