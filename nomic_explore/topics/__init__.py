"""Topics: nested groups of documents, and the names and keywords that set each group apart."""

from nomic_explore.topics.find import find_topics
from nomic_explore.topics.llm.clients import OllamaNamer, OpenAINamer
from nomic_explore.topics.profile import TopicProfile
from nomic_explore.topics.topics import Topics

__all__ = ["OllamaNamer", "OpenAINamer", "TopicProfile", "Topics", "find_topics"]
