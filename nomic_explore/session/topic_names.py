"""Topic names from a language model: asked for all topics once the map is there, kept beside the computed names."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.store import tables
from nomic_explore.topics.find import rename_all

if TYPE_CHECKING:
    from nomic_explore.topics import Topics
    from nomic_explore.topics.llm.naming import Namer, NamingReport
    from nomic_explore.topics.profile import TopicProfile

TABLE = "topic_names"
CACHE = "topic_name_cache"


class TopicNaming:
    """The part of an `Exploration` that says what a topic is about, and has topics named by a language model."""

    def topic_evidence(self: Any, topic: int | str, layer: int | None = None) -> "TopicProfile":
        """Returns all that says what a topic is about: keywords, exemplars, siblings, neighbors, metadata that stand out.

        Args:
            topic: its number or its name.
            layer: where it is; None is the finest layer for a number, and any for a name.

        Raises:
            KeyError: there is no topic of that name.
            IndexError: there is no such layer or number.
        """
        from nomic_explore.topics.profile import make_profile

        at, number = self.topics.find(topic, layer)
        return make_profile(self.topics, at, number, self.corpus.texts, self.vectors, self.corpus.table)

    def name_topics(
        self: Any, namer: "Namer | None", *, wait: bool = True
    ) -> "NamingReport | Future[NamingReport] | None":
        """Names and describes all topics with a language model, in the place of their keywords.

        Answers are kept by what they were made from, so that a topic that did not change costs nothing again; what the namer
        fails on keeps its keywords and is counted. Names that people gave stand above these.

        Args:
            namer: `OllamaNamer("llama3.2")`, `OpenAINamer(model, url=...)`, or any callable that takes a `TopicProfile`
                and returns a name and a description. None brings the computed names back.
            wait: False names in the background: maps show each name when all are there.

        Returns:
            What was named, taken from the cache and failed; a `Future` of it if `wait` is False; None without a namer.

        Raises:
            TypeError: the namer cannot be called.
        """
        if namer is None:
            self._keep_names(None)
            return None
        if not callable(namer):
            raise TypeError(f"namer is a {type(namer).__name__}; expected a callable like OllamaNamer('llama3.2').")
        if wait:
            return self._name_now(namer)
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="topic-names")
        future = pool.submit(self._name_now, namer)
        pool.shutdown(wait=False)
        return future

    def _name_now(self: Any, namer: "Namer") -> "NamingReport":
        from nomic_explore.topics.llm.naming import name_topics_with
        from nomic_explore.topics.profile import make_profiles

        topics = tables.read_topics(self._store)
        texts = list(self._texts.values())
        table = self.corpus.table.take(self._first_rows)
        profiles: list[TopicProfile] = []
        for layer in range(len(topics.layers)):
            profiles += make_profiles(topics, layer, texts, self._distinct_vectors, table)
        cache = read_pairs(self._store, CACHE)
        report = name_topics_with(namer, profiles, cache=cache)
        write_pairs(self._store, CACHE, cache)
        self._keep_names({f"{layer} {topic}": answer for (layer, topic), answer in report.names.items()})
        return report

    def _keep_names(self: Any, given: dict[str, tuple[str, str]] | None) -> None:
        """Writes names beside the computed ones, and in the manifest that they are there; None takes them away."""
        with self._store.writing():
            if given is not None:
                write_pairs(self._store, TABLE, given)
            manifest = self._store.read_manifest()
            manifest["stages"]["topics"]["is_named"] = given is not None
            self._store.write_manifest(manifest)
        self.manifest = manifest
        for made in ("_computed_topics", "_edited_topics"):
            self.__dict__.pop(made, None)
        self._tell()

    def _with_names(self: Any, topics: "Topics") -> "Topics":
        """Returns computed topics with the names that a language model gave them."""
        if not self._record("topics").get("is_named"):
            return topics
        given = read_pairs(self._store, TABLE)
        return rename_all(topics, {_place(key): answer for key, answer in given.items()})


def read_pairs(store: Any, name: str) -> dict[str, tuple[str, str]]:
    """Returns names and descriptions by key; none if the table is not there."""
    if name not in store.table_names():
        return {}
    table = store.read_table(name).to_pydict()
    return {
        key: (own, description)
        for key, own, description in zip(table["key"], table["name"], table["description"], strict=True)
    }


def write_pairs(store: Any, name: str, pairs: dict[str, tuple[str, str]]) -> None:
    """Writes names and descriptions by key."""
    import pyarrow as pa

    columns = {
        "key": list(pairs),
        "name": [own for own, _ in pairs.values()],
        "description": [more for _, more in pairs.values()],
    }
    store.write_table(name, pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()}))


def _place(key: str) -> tuple[int, int]:
    layer, topic = np.array(key.split(), dtype=int).tolist()
    return layer, topic
