"""The deduplication report."""
