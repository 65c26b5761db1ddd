"""Names of topics from a language model: asked for, remembered, and kept beside the computed names."""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from nomic_explore.session.snapshot import Snapshot
from nomic_explore.store.manifest import Manifest, digest
from nomic_explore.store.migrations import migrate
from nomic_explore.store.stage_tables import StageWriter
from nomic_explore.store.sweeping import ReadLock
from nomic_explore.store.topic_tables import TOPIC_NAMES, read_topics, topic_names_of, topic_names_table

if TYPE_CHECKING:
    from nomic_explore.session.state import State
    from nomic_explore.topics.llm.naming import Namer, NamingReport
    from nomic_explore.topics.profile import TopicProfile

CACHE = "topic_name_cache"


def name_topics(state: "State", namer: "Namer") -> "NamingReport":
    """Names all topics with a language model and returns what was named, remembered and failed."""
    from nomic_explore.topics.llm.naming import name_topics_with
    from nomic_explore.topics.profile import make_profiles

    topics = read_topics(state.tables("topics"))
    texts = list(state.texts.values())
    table = state.corpus.table.take(state.distinct.first)
    profiles: list[TopicProfile] = []
    for layer in range(len(topics.layers)):
        profiles += make_profiles(topics, layer, texts, state.distinct_vectors, table)
    cache = topic_names_of(state.store.read_table(CACHE)) if CACHE in state.store.table_names() else {}
    report = name_topics_with(namer, profiles, cache=cache)
    state.store.write_table(CACHE, topic_names_table(cache))
    keep_names(state, {f"{layer} {topic}": answer for (layer, topic), answer in report.names.items()})
    return report


def name_in_background(state: "State", namer: "Namer") -> "Future[NamingReport]":
    """Names all topics in a thread of its own."""
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="topic-names")
    future = pool.submit(name_topics, state, namer)
    pool.shutdown(wait=False)
    return future


def keep_names(state: "State", given: dict[str, tuple[str, str]] | None) -> None:
    """Writes names beside the computed ones, and in the manifest that they are there; None takes them away."""
    with state.store.writing():
        migrate(state.store)
        manifest = state.store.read_manifest()
        if _inputs(manifest) != _inputs(state.manifest):
            raise ValueError(
                f"{state.folder} was built again meanwhile; call refresh() and name its topics again. Answers are remembered."
            )
        record = manifest["stages"]["topics"]
        record["tables"].pop(TOPIC_NAMES, None)
        if given is not None:
            writer = StageWriter(state.store, digest(given))
            writer.write(TOPIC_NAMES, topic_names_table(given))
            record["tables"] |= writer.notes
        record["is_named"] = given is not None
        state.store.write_manifest(manifest)
    state.take_topics(Snapshot(state.store, manifest, ReadLock(state.store, manifest)))


def _inputs(manifest: Manifest) -> dict[str, str]:
    """Returns what each stage was made from."""
    return {stage: record["made_from"] for stage, record in manifest["stages"].items()}
