"""An open Atlas in your notebook.

The public names below stand in the order a document travels. They load on first use, so that `import nomic_explore`
costs milliseconds; see `help(nomic_explore.explore)` for the whole way in one call.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nomic_explore.corpus import Corpus, docstring_corpus, read_corpus
    from nomic_explore.duplicates import Duplicates, find_duplicates
    from nomic_explore.duplicates.deduplicate import deduplicate
    from nomic_explore.duplicates.deduplication import Deduplication
    from nomic_explore.duplicates.find_leakage import find_leakage
    from nomic_explore.duplicates.leakage import Leakage
    from nomic_explore.exploration import Exploration, explore, open_exploration
    from nomic_explore.graph import NeighborGraph, build_graph
    from nomic_explore.models import Embedder, Encoder
    from nomic_explore.projection import project
    from nomic_explore.topics import OllamaNamer, OpenAINamer, TopicProfile, Topics, find_topics
    from nomic_explore.view import compare

__version__ = "0.1.0"

_ROOMS = {
    "read_corpus": "corpus",
    "docstring_corpus": "corpus",
    "Corpus": "corpus",
    "Embedder": "models",
    "Encoder": "models",
    "build_graph": "graph",
    "NeighborGraph": "graph",
    "project": "projection",
    "find_topics": "topics",
    "Topics": "topics",
    "TopicProfile": "topics",
    "OllamaNamer": "topics",
    "OpenAINamer": "topics",
    "find_duplicates": "duplicates",
    "Duplicates": "duplicates",
    "deduplicate": "duplicates.deduplicate",
    "Deduplication": "duplicates.deduplication",
    "find_leakage": "duplicates.find_leakage",
    "Leakage": "duplicates.leakage",
    "explore": "exploration",
    "open_exploration": "exploration",
    "Exploration": "exploration",
    "compare": "view",
}

__all__ = [  # noqa: RUF022 - in the order a document travels
    "read_corpus",
    "docstring_corpus",
    "Corpus",
    "Embedder",
    "Encoder",
    "build_graph",
    "NeighborGraph",
    "project",
    "find_topics",
    "Topics",
    "TopicProfile",
    "OllamaNamer",
    "OpenAINamer",
    "find_duplicates",
    "Duplicates",
    "deduplicate",
    "Deduplication",
    "find_leakage",
    "Leakage",
    "explore",
    "open_exploration",
    "Exploration",
    "compare",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'nomic_explore' has no attribute {name!r}")
    return getattr(import_module(f"nomic_explore.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
