"""Queries, and rankings by meaning and by words."""
