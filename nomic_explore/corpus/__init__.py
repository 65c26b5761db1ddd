"""Documents come in: files, frames and hub data sets become a `Corpus`, audited before time is spent on it."""

from nomic_explore.corpus.audit import Audit, Finding, audit_texts
from nomic_explore.corpus.corpus import Corpus
from nomic_explore.corpus.docstrings import docstring_corpus
from nomic_explore.corpus.reading import read_corpus

__all__ = ["Audit", "Corpus", "Finding", "audit_texts", "docstring_corpus", "read_corpus"]
