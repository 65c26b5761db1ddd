"""Topics: the neighbor graph as nested groups, and the words that set each group apart."""

from nomic_explore.topics.topics import Topics
from nomic_explore.topics.tree import find_topics

__all__ = ["Topics", "find_topics"]
