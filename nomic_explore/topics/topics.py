"""`Topics`: nested layers of topics, from coarse to fine, and what can be read from them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "layer",
    "topic",
    "name",
    "size",
    "share",
    "core",
    "confidence",
    "parent",
    "keywords",
    "weights",
    "exemplars",
    "description",
)
_MAX_SHOWN = 200  # topics that a notebook shows of a tree


@dataclass(frozen=True, eq=False, repr=False)
class Topics:
    """A tree of topics over n documents; `find_topics` makes one.

    Attributes:
        layers: coarse to fine, each (n,) int32: the topic of each document, -1 for none.
        names: for each layer the name of each topic; unique within the layer.
        keywords: for each layer and topic the words and phrases that set it apart, best first.
        weights: beside the keywords how much each sets it apart, 1.0 for the first.
        parents: for each layer (t,) int32: the topic one layer up that holds each topic; -1 in the first layer.
        exemplars: for each layer and topic rows that show it best: near its center and unlike each other.
        descriptions: for each layer a sentence about each topic, empty unless a language model wrote one.
        confidence: for each layer (t,) float32: how well each topic is found again in other samples of the documents,
            0 to 1; NaN where that was not measured.
        assignment: (n,) "core" (most neighbors share the finest topic), "soft" (they do not) or "none".
        strength: (n,) float32: share of the neighbors, weighted by similarity, in the same finest topic.
        groups: (n,) int32: the small group each document belongs to, a leaf of the tree; -1 for none.
        merges: (g - 1, 2) int32: the tree: each joins the branches that hold two groups, the closest first.
    """

    layers: tuple[np.ndarray, ...]
    names: tuple[list[str], ...]
    keywords: tuple[list[list[str]], ...]
    weights: tuple[list[list[float]], ...]
    parents: tuple[np.ndarray, ...]
    exemplars: tuple[list[list[int]], ...]
    descriptions: tuple[list[str], ...]
    confidence: tuple[np.ndarray, ...]
    assignment: np.ndarray
    strength: np.ndarray
    groups: np.ndarray
    merges: np.ndarray

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(names):,}" for names in self.names)
        shares = ", ".join(f"{share:.0%} {how}" for how, share in self.assignment_shares().items())
        layers = "1 layer" if len(self.names) == 1 else f"{len(self.names)} layers"
        return f"Topics({len(self.assignment):,} documents, {layers} of {counts} topics, {shares})"

    def _repr_html_(self) -> str:
        n_layers = max(1, int((np.cumsum([len(names) for names in self.names]) <= _MAX_SHOWN).sum()))
        left = len(self.names) - n_layers
        note = (
            f"<p>{left} finer {'layer is' if left == 1 else 'layers are'} not shown; see to_pandas().</p>"
            if left
            else ""
        )
        return f"<p>{escape(repr(self))}</p>{_list_html(self.tree().children, n_layers)}{note}"

    def to_pandas(self) -> "pd.DataFrame":
        """Returns one row per topic, the coarsest layer first.

        Columns: layer (0 is the coarsest), topic, name, size (documents), share (of all), core (share of its documents
        whose neighbors mostly agree), confidence, parent, keywords, weights, exemplars (row numbers), description.

        Example:
            >>> from nomic_explore import build_graph, find_topics
            >>> vectors = np.eye(2)[[0, 0, 1]]
            >>> topics = find_topics(["star", "star", "soup"], vectors, build_graph(vectors), n_topics=2, n_layers=1)
            >>> topics.to_pandas()["name"].tolist()
            ['Star', 'Soup']
        """
        import pandas as pd

        is_core = self.assignment == "core"
        rows = []
        for layer, (labels, names) in enumerate(zip(self.layers, self.names, strict=True)):
            sizes = np.bincount(labels[labels >= 0], minlength=len(names))
            cores = np.bincount(labels[(labels >= 0) & is_core], minlength=len(names))
            for topic, name in enumerate(names):
                size = int(sizes[topic])
                values = (
                    *(layer, topic, name, size, size / max(1, len(labels)), float(cores[topic]) / max(1, size)),
                    *(float(self.confidence[layer][topic]), int(self.parents[layer][topic])),
                    *(self.keywords[layer][topic], self.weights[layer][topic], self.exemplars[layer][topic]),
                    self.descriptions[layer][topic],
                )
                rows.append(dict(zip(COLUMNS, values, strict=True)))
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def tree(self) -> "TopicNode":
        """Returns the tree of topics, whose root holds all documents; it prints as an indented list.

        Example:
            >>> from nomic_explore import build_graph, find_topics
            >>> vectors = np.eye(2)[[0, 0, 1]]
            >>> topics = find_topics(["star", "star", "soup"], vectors, build_graph(vectors), n_topics=2, n_layers=1)
            >>> print(topics.tree())
            all documents (3)
              Star (2)
              Soup (1)
        """
        children: list[dict[int, list[TopicNode]]] = [{} for _ in range(len(self.layers) + 1)]
        for layer in reversed(range(len(self.layers))):
            sizes = np.bincount(self.layers[layer][self.layers[layer] >= 0], minlength=len(self.names[layer]))
            for topic, name in enumerate(self.names[layer]):
                inside = tuple(children[layer + 1].get(topic, ()))
                node = TopicNode(layer, topic, name, int(sizes[topic]), inside)
                children[layer].setdefault(int(self.parents[layer][topic]), []).append(node)
        return TopicNode(-1, -1, "all documents", len(self.assignment), tuple(children[0].get(-1, ())))

    def documents(self, topic: int | str, layer: int | None = None) -> np.ndarray:
        """Returns the rows of a topic's documents (m,) int64, those first whose neighbors mostly share the topic.

        Args:
            topic: its number or its name.
            layer: 0 is the coarsest; None is the finest for a number, and all layers, the finest first, for a name.

        Raises:
            KeyError: there is no topic of that name.
            IndexError: there is no such layer or number.

        Example:
            >>> from nomic_explore import build_graph, find_topics
            >>> vectors = np.eye(2)[[0, 0, 1]]
            >>> topics = find_topics(["star", "star", "soup"], vectors, build_graph(vectors), n_topics=2, n_layers=1)
            >>> topics.documents("Star").tolist()
            [0, 1]
        """
        at, number = self.find(topic, layer)
        rows = np.flatnonzero(self.layers[at] == number)
        return rows[np.argsort(-self.strength[rows], kind="stable")]

    def find(self, topic: int | str, layer: int | None = None) -> tuple[int, int]:
        """Returns the layer, counted from 0, and the number of a topic that is given by its number or its name.

        Args:
            topic: its number or its name.
            layer: 0 is the coarsest; None is the finest for a number, and all layers, the finest first, for a name.

        Raises:
            KeyError: there is no topic of that name.
            IndexError: there is no such layer or number.

        Example:
            >>> from nomic_explore import build_graph, find_topics
            >>> vectors = np.eye(2)[[0, 0, 1]]
            >>> topics = find_topics(["star", "star", "soup"], vectors, build_graph(vectors), n_topics=2, n_layers=1)
            >>> topics.find("Soup")
            (0, 1)
        """
        n_layers = len(self.layers)
        if layer is not None and not -n_layers <= layer < n_layers:
            raise IndexError(f"layer={layer}; expected 0 to {n_layers - 1}, or -1 for the finest.")
        if isinstance(topic, str):
            asked = range(n_layers)[::-1] if layer is None else [layer % n_layers]
            place = next(((at, self.names[at].index(topic)) for at in asked if topic in self.names[at]), None)
            if place is None:
                raise KeyError(f"There is no topic named {topic!r}; topics.to_pandas() lists all topics.")
            return place
        at = (n_layers - 1 if layer is None else layer) % n_layers
        if isinstance(topic, bool) or not 0 <= topic < len(self.names[at]):
            raise IndexError(
                f"topic={topic!r}; expected 0 to {len(self.names[at]) - 1}. topics.to_pandas() lists all topics."
            )
        return at, int(topic)

    def core(self) -> "Topics":
        """Returns the same topics with only their core documents; documents assigned softly get no topic (-1).

        Example:
            >>> from nomic_explore import build_graph, find_topics
            >>> vectors = np.eye(2)[[0, 0, 1]]
            >>> topics = find_topics(["star", "star", "soup"], vectors, build_graph(vectors), n_topics=2, n_layers=1)
            >>> topics.core().assignment.tolist()
            ['core', 'core', 'none']
        """
        is_core = self.assignment == "core"
        return replace(
            self,
            layers=tuple(np.where(is_core, labels, -1).astype(np.int32) for labels in self.layers),
            assignment=np.where(is_core, "core", "none"),
        )

    def assignment_shares(self) -> dict[str, float]:
        """Returns the share of the documents, 0 to 1, that are assigned as "core", as "soft", and to no topic ("none").

        Example:
            >>> from nomic_explore import build_graph, find_topics
            >>> vectors = np.eye(2)[[0, 0, 1]]
            >>> topics = find_topics(["star", "star", "soup"], vectors, build_graph(vectors), n_topics=2, n_layers=1)
            >>> topics.assignment_shares()
            {'core': 0.6666666666666666, 'soft': 0.3333333333333333, 'none': 0.0}
        """
        return {
            how: float((self.assignment == how).mean()) if len(self.assignment) else 0.0
            for how in ("core", "soft", "none")
        }

    def _to_rows(self, index: np.ndarray, n_rows: int, shown: np.ndarray | None = None) -> "Topics":
        """Returns the topics of rows that hold these documents.

        Args:
            index: (n_rows,) the document that each row holds, -1 for none.
            n_rows: number of rows.
            shown: (n,) the row that represents each document among the exemplars; None takes the first that holds it.
        """
        has_document = index >= 0
        first = np.full(len(self.assignment), -1, dtype=np.int64)
        first[index[has_document][::-1]] = np.flatnonzero(has_document)[::-1]
        first = first if shown is None else shown
        return replace(
            self,
            layers=tuple(np.where(has_document, labels[index], -1).astype(np.int32) for labels in self.layers),
            exemplars=tuple([[int(first[row]) for row in rows] for rows in layer] for layer in self.exemplars),
            assignment=np.where(has_document, self.assignment[index], "none"),
            strength=np.where(has_document, self.strength[index], 0.0).astype(np.float32),
            groups=np.where(has_document, self.groups[index], -1).astype(np.int32),
        )


@dataclass(frozen=True, repr=False)
class TopicNode:
    """A topic with the topics inside it, the largest first.

    Attributes:
        layer: 0 is the coarsest; -1 at the root.
        topic: its number in the layer; -1 at the root.
        name: of the topic.
        size: number of its documents.
        children: the topics inside it, in the next finer layer.
    """

    layer: int
    topic: int
    name: str
    size: int
    children: tuple["TopicNode", ...]

    def walk(self) -> Iterator["TopicNode"]:
        """Yields this node and all nodes below it, each before its children.

        Example:
            >>> root = TopicNode(-1, -1, "all documents", 3, (TopicNode(0, 0, "cats", 3, ()),))
            >>> [node.name for node in root.walk()]
            ['all documents', 'cats']
        """
        yield self
        for child in self.children:
            yield from child.walk()

    def __str__(self) -> str:
        return "\n".join(f"{'  ' * (node.layer + 1)}{node.name} ({node.size:,})" for node in self.walk())

    __repr__ = __str__


def _list_html(nodes: tuple[TopicNode, ...], n_layers: int) -> str:
    """Returns the first layers of some branches as nested HTML lists."""
    if not nodes or not n_layers:
        return ""
    shown = nodes[:_MAX_SHOWN]
    items = [f"<li>{escape(node.name)} ({node.size:,}){_list_html(node.children, n_layers - 1)}</li>" for node in shown]
    if len(nodes) > len(shown):
        items.append(f"<li>{len(nodes) - len(shown):,} smaller topics; see to_pandas()</li>")
    return f"<ul>{''.join(items)}</ul>"
