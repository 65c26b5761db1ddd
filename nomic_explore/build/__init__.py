"""Builds explorations: the stages in order, and subsets of an exploration."""
