"""One open exploration folder: results, edits and history, without a screen and without a build."""

from nomic_explore.session.session import Session

__all__ = ["Session"]
