"""`BuildOptions`: the options of a build, stored in the manifest so that a later call need not repeat them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class BuildOptions:
    """Options of the model and of the stages that follow the vectors.

    Attributes:
        projection: how positions are computed: "umap" or "pca".
        umap_neighbors: documents that UMAP counts as near, with the document itself; None is 15.
        min_dist: how close UMAP lets points lie, 0 to 1; None is 0.1.
        stop_words: words that do not stand in names of topics, besides the usual ones.
        n_neighbors: neighbors of each document in the graph.
        n_topics: topics of the finest layer; None chooses by the size of the corpus.
        n_layers: layers of topics, from coarse to fine.
        stability: whether the stability of the topics is measured.
        min_similarity: cosine similarity above which a semantic match is flagged for review.
        keep: which of several duplicates stays.
        block_by: the column within whose values rows are compared for duplicates; None compares all.
        seed: of every random choice.
        title: the column with the titles of the documents; None guesses it when they are shown, "" is none.
        dtype: the number format that was asked of the model; "auto" is what suits the machine.
        long_text: what happens to texts longer than the model reads: "truncate" or "mean".
    """

    projection: str = "umap"
    umap_neighbors: int | None = None
    min_dist: float | None = None
    stop_words: tuple[str, ...] = ()
    n_neighbors: int = 30
    n_topics: int | None = None
    n_layers: int = 3
    stability: bool = False
    min_similarity: float = 0.9
    keep: str = "longest"
    block_by: str | None = None
    seed: int = 42
    title: str | None = None
    dtype: str = "auto"
    long_text: str = "truncate"

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> "BuildOptions":
        """Returns the options that a folder was made with, from its manifest; the stages of earlier versions record some.

        Example:
            >>> BuildOptions.from_manifest({"stages": {"graph": {"n_neighbors": 8}}}).n_neighbors
            8
        """
        stages = manifest.get("stages", {})
        truncation = stages.get("vectors", {}).get("provenance", {}).get("truncation")
        noted: dict[str, Any] = {"long_text": "mean" if truncation == "mean of windows" else "truncate"}
        noted |= {**stages.get("graph", {}), **stages.get("duplicates", {}), **manifest.get("options", {})}
        noted["stop_words"] = tuple(noted.get("stop_words", ()))
        return cls(**{each.name: noted[each.name] for each in fields(cls) if each.name in noted})

    def changed(self, **given: Any) -> "BuildOptions":
        """Returns the options with the given values in place of the stored ones; None keeps the stored value.

        Example:
            >>> changed = BuildOptions(n_topics=20).changed(n_topics=None, seed=7)
            >>> changed.n_topics, changed.seed
            (20, 7)
        """
        return replace(self, **{name: value for name, value in given.items() if value is not None})

    def describe_kept(self, **given: object) -> str:
        """Returns one line naming the stored options that differ from the defaults and were not given; "" if there are none.

        Example:
            >>> BuildOptions(n_topics=20, seed=7).describe_kept(seed=7)
            'kept from the folder: n_topics=20'
        """
        usual = asdict(BuildOptions())
        kept = [
            f"{name}={value!r}"
            for name, value in asdict(self).items()
            if value != usual[name] and given.get(name) is None
        ]
        return f"kept from the folder: {', '.join(kept)}" if kept else ""
