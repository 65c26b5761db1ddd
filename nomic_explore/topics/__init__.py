"""Topics: the neighbor graph as nested groups, and the words that set each group apart."""

from nomic_explore.topics.find import find_topics
from nomic_explore.topics.llm.clients import OllamaNamer, OpenAINamer
from nomic_explore.topics.profile import TopicEvidence
from nomic_explore.topics.topics import Topics

__all__ = ["OllamaNamer", "OpenAINamer", "TopicEvidence", "Topics", "find_topics"]
