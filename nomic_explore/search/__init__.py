"""Search queries, and rankings by similarity and by keywords."""
