"""Topics: the neighbor graph as nested groups, and the words that set each group apart."""

from nomic_explore.topics.chat import OllamaNamer, OpenAINamer
from nomic_explore.topics.evidence import TopicEvidence
from nomic_explore.topics.topics import Topics
from nomic_explore.topics.tree import find_topics

__all__ = ["OllamaNamer", "OpenAINamer", "TopicEvidence", "Topics", "find_topics"]
