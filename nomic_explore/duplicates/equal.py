"""Equal: the evidence that needs no vectors and compares no pairs."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from nomic_explore.checks import check_texts
from nomic_explore.duplicates.evidence import Evidence, code_normalised, measure_roughness, normalise, number_documents
from nomic_explore.duplicates.pairs import Pairs

_INTEGERS = ("first", "second", "n_shared", "own_first", "own_second")
_SHARES = ("similarities", "held_first", "held_second")


def collect_equal(texts: Sequence[str], *, blocks: Sequence[Any] | None = None) -> Evidence:
    """Returns the evidence for copies among n texts that hashing finds: equal, or equal once normalised. There are no pairs.

    Args:
        texts: n strings.
        blocks: (n,) values; only rows with equal ones are compared.

    Raises:
        TypeError: a text is not a string.

    Example:
        >>> collect_equal(["a cat", "A cat!", "a cat"]).document.tolist()
        [1, 0, 1]
    """
    listed = check_texts(texts)
    block_names = [""] * len(listed) if blocks is None else [str(value) for value in blocks]
    document, rows = number_documents(listed, block_names)
    distinct = [listed[row] for row in rows]
    block = np.unique([block_names[row] for row in rows], return_inverse=True)[1]
    columns: dict[str, np.ndarray] = {each.name: np.zeros(0, dtype=bool) for each in fields(Pairs)}
    columns |= {name: np.zeros(0, dtype=np.int32) for name in _INTEGERS}
    columns |= {name: np.zeros(0, dtype=np.float32) for name in _SHARES}
    return Evidence(
        document=document,
        normalised=code_normalised(distinct, [normalise(text) for text in distinct], block.astype(np.int64)),
        lengths=np.array([len(" ".join(text.split())) for text in distinct], dtype=np.int32),
        roughness=np.array([measure_roughness(text) for text in distinct], dtype=np.int32),
        centrality=np.zeros(len(distinct), dtype=np.float32),
        pairs=Pairs(**columns),
    )
