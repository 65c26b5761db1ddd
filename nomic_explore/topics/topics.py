"""`Topics`: nested layers of topics, from coarse to fine."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Topics:
    """A tree of topics over n documents.

    Attributes:
        layers: coarse to fine, each (n,) int32: the topic of each document, -1 for none.
        names: for each layer the name of each topic; unique within the layer.
        keywords: for each layer and topic the words that set it apart, best first.
        parents: for each layer (t,) int32: the topic one layer up that holds each topic; -1 in the first layer.
        exemplars: for each layer and topic the rows that show it best.
        assignment: (n,) "core" (most neighbors share the topic), "soft" (they do not) or "none".
        strength: (n,) float32: share of the neighbors, weighted by similarity, in the same finest topic.
    """

    layers: tuple[np.ndarray, ...]
    names: tuple[list[str], ...]
    keywords: tuple[list[list[str]], ...]
    parents: tuple[np.ndarray, ...]
    exemplars: tuple[list[list[int]], ...]
    assignment: np.ndarray
    strength: np.ndarray

    def frame(self) -> "pd.DataFrame":
        """Returns one row per topic: layer (0 is the coarsest), topic, name, size, share, parent, keywords, exemplars."""
        import pandas as pd

        rows = []
        for layer, (labels, names) in enumerate(zip(self.layers, self.names, strict=True)):
            sizes = np.bincount(labels[labels >= 0], minlength=len(names))
            for topic, name in enumerate(names):
                size = int(sizes[topic])
                rows.append(
                    {
                        "layer": layer,
                        "topic": topic,
                        "name": name,
                        "size": size,
                        "share": size / max(1, len(labels)),
                        "parent": int(self.parents[layer][topic]),
                        "keywords": self.keywords[layer][topic],
                        "exemplars": self.exemplars[layer][topic],
                    }
                )
        return pd.DataFrame(
            rows, columns=["layer", "topic", "name", "size", "share", "parent", "keywords", "exemplars"]
        )

    def spread(self, index: np.ndarray, n_rows: int) -> "Topics":
        """Returns the topics of rows: `index` (n_rows,) is the document each row holds, -1 for none."""
        has_document = index >= 0
        first = np.full(len(self.assignment), -1, dtype=np.int64)
        first[index[has_document][::-1]] = np.flatnonzero(has_document)[::-1]
        layers = tuple(np.where(has_document, labels[index], -1).astype(np.int32) for labels in self.layers)
        return Topics(
            layers=layers,
            names=self.names,
            keywords=self.keywords,
            parents=self.parents,
            exemplars=tuple([[int(first[row]) for row in rows] for rows in layer] for layer in self.exemplars),
            assignment=np.where(has_document, self.assignment[index], "none"),
            strength=np.where(has_document, self.strength[index], 0.0).astype(np.float32),
        )
