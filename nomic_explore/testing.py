"""Test doubles: a model and a namer that answer at once, offline, and always the same.

Use them in tests of code that calls this package, and in examples, wherever embedding or naming is not the subject.
"""

from collections.abc import Callable, Sequence

from nomic_explore.models.embedder import Embedder
from nomic_explore.topics.profile import TopicProfile

__all__ = ["FakeNamer", "HashEmbedder"]


class HashEmbedder(Embedder):
    """An `Embedder` without weights: a text's vector is the sum of random vectors of its words.

    Texts that share words are near each other; nothing is downloaded or loaded. Pass it as `model=` to `explore()`,
    `deduplicate()` and `find_leakage()`. An exploration made with it is opened and searched like any other, because
    `Embedder("hash:64")` is the same model.

    Args:
        dimensions: entries of a vector.

    Example:
        >>> vectors = HashEmbedder(32).encode(["a red apple", "an apple, red", "my old bicycle"])
        >>> vectors.shape
        (3, 32)
        >>> bool(vectors[0] @ vectors[1] > vectors[0] @ vectors[2])
        True
    """

    def __init__(self, dimensions: int = 64):
        super().__init__(f"hash:{dimensions}")


class FakeNamer:
    """A namer for topics that makes names from keywords, and remembers what it was asked.

    Args:
        name: makes the name of a topic; None joins its first two keywords.

    Attributes:
        asked: the topics it was asked to name, in that order.

    Example:
        >>> namer = FakeNamer()
        >>> namer(TopicProfile(0, 0, "star, planet", 9, 0.5, ["star", "planet"], [1.0, 0.8]))
        ('Star and planet', 'Documents about star and planet.')
        >>> len(namer.asked)
        1
    """

    identity = "fake"

    def __init__(self, name: Callable[[TopicProfile], str] | None = None):
        self.asked: list[TopicProfile] = []
        self._name = name

    def __call__(self, profile: TopicProfile) -> tuple[str, str]:
        """Returns the name and the description of one topic."""
        self.asked.append(profile)
        words = " and ".join(profile.keywords[:2]) or profile.name
        name = self._name(profile) if self._name else words[:1].upper() + words[1:]
        return name, f"Documents about {words}."

    def name_many(self, profiles: Sequence[TopicProfile]) -> list[tuple[str, str]]:
        """Returns the names and descriptions of several topics.

        Example:
            >>> FakeNamer(lambda profile: "Stars").name_many([])
            []
        """
        return [self(profile) for profile in profiles]
