"""Topic names from language models."""
