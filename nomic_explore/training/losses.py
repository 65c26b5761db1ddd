"""The losses of the recipe, in float32 whatever the encoder computes in; each is a mean over its rows.

Shapes in the comments: B queries, N documents, d entries of a vector, k hard negatives of each query, T tokens, E experts,
A active experts of each token, L layers with experts, V tokens of the vocabulary. Equal to Nomic's own code
(contrastors, `loss.py`, commit 613ddfd), apart from its factor for the number of processes: `loop.train` averages
gradients over processes instead.
"""

from collections.abc import Callable, Sequence
from functools import wraps

import torch
import torch.nn.functional as F
from torch import Tensor

_Loss = Callable[..., Tensor]


def _in_float32(loss: _Loss) -> _Loss:
    """Computes a loss in float32 also under autocast: at temperature .02, bfloat16 would round scores by .2."""

    @wraps(loss)
    def compute(first: Tensor, *others: object, **options: object) -> Tensor:
        with torch.autocast(first.device.type, enabled=False):
            return loss(first.float(), *others, **options)

    return compute


@_in_float32
def info_nce(
    queries: Tensor,
    documents: Tensor,
    *,
    temperature: float = 0.02,
    n_per_query: int | None = None,
    offset: int = 0,
    excluded: Tensor | None = None,
) -> Tensor:
    """Returns how hard it is to tell each query's own document from all others (InfoNCE, queries to documents only).

    Args:
        queries: (B, d), of any length; they are L2-normalized here.
        documents: (N, d): of each query its own document, then its hard negatives. Every document but its own
            is a negative of a query, those of other queries among them.
        temperature: divides the cosine similarities.
        n_per_query: documents of each query, 1 + k; None is N / B.
        offset: queries of other processes that come before these, where documents of all processes are given.
        excluded: (B, N) bool, True for documents that may belong to the query, too, and are no negatives of it.

    Returns:
        () float32, the mean cross-entropy.

    Example:
        >>> queries = torch.eye(2)
        >>> round(float(info_nce(queries, queries, temperature=1.0)), 4)  # log(1 + 1 / e)
        0.3133
    """
    n_per_query = len(documents) // len(queries) if n_per_query is None else n_per_query
    scores = F.normalize(queries, dim=-1) @ F.normalize(documents.float(), dim=-1).T / temperature  # (B, N)
    own = (torch.arange(len(queries), device=queries.device) + offset) * n_per_query  # (B)
    if excluded is not None:
        excluded = excluded.scatter(1, own[:, None], False)  # a query's own document always counts
        scores = scores.masked_fill(excluded, -torch.inf)
    return F.cross_entropy(scores, own)


def bidirectional_info_nce(queries: Tensor, documents: Tensor, *, temperature: float = 0.02) -> Tensor:
    """Returns InfoNCE from queries (B, d) to documents (B, d) plus that from documents to queries, () float32.

    Example:
        >>> round(float(bidirectional_info_nce(torch.eye(2), torch.eye(2), temperature=1.0)), 4)
        0.6265
    """
    forth = info_nce(queries, documents, temperature=temperature)
    return forth + info_nce(documents, queries, temperature=temperature)


@_in_float32
def symmetric_info_nce(first: Tensor, second: Tensor, *, temperature: float | Tensor) -> Tensor:
    """Returns the loss of CLIP and LiT: the mean of InfoNCE in both directions.

    Args:
        first: (B, d), of pictures for example; L2-normalized here.
        second: (B, d), of their texts.
        temperature: divides the cosine similarities; a tensor () where it is learned, exp(-logit_scale).

    Returns:
        () float32.

    Example:
        >>> round(float(symmetric_info_nce(torch.eye(2), torch.eye(2), temperature=1.0)), 4)
        0.3133
    """
    scores = F.normalize(first, dim=-1) @ F.normalize(second.float(), dim=-1).T / temperature  # (B, B)
    own = torch.arange(len(first), device=first.device)
    return (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2


@_in_float32
def matryoshka_loss(
    queries: Tensor,
    documents: Tensor,
    dimensions: Sequence[int],
    *,
    temperature: float = 0.02,
    n_per_query: int | None = None,
    offset: int = 0,
    excluded: Tensor | None = None,
) -> Tensor:
    """Returns the sum of InfoNCE over vectors cut to several sizes, so that the first entries say the most.

    Vectors are layer-normed at full width, then cut, then L2-normalized: the order in which v1.5 is used, too.

    Args:
        queries: (B, d), as the encoder gives them.
        documents: (N, d), as for `info_nce`.
        dimensions: sizes, each at most d; all count the same.
        temperature: as for `info_nce`.
        n_per_query: as for `info_nce`.
        offset: as for `info_nce`.
        excluded: as for `info_nce`.

    Returns:
        () float32; of the order of the number of sizes times `info_nce`.

    Example:
        >>> vectors = torch.randn(4, 8, generator=torch.Generator().manual_seed(0))
        >>> float(matryoshka_loss(vectors, vectors, (8, 2))) > float(matryoshka_loss(vectors, vectors, (8,)))
        True
    """
    width = queries.shape[-1:]
    queries, documents = F.layer_norm(queries, width), F.layer_norm(documents.float(), width)
    options = {"temperature": temperature, "n_per_query": n_per_query, "offset": offset, "excluded": excluded}
    return torch.stack([info_nce(queries[:, :d], documents[:, :d], **options) for d in dimensions]).sum()


@_in_float32
def masked_token_loss(logits: Tensor, tokens: Tensor) -> Tensor:
    """Returns the mean cross-entropy of the tokens that were masked.

    Args:
        logits: (T, V), the scores at the masked places only.
        tokens: (T) int64, what stood there.

    Returns:
        () float32.

    Example:
        >>> round(float(masked_token_loss(torch.zeros(3, 10), torch.tensor([1, 2, 3]))), 4)  # log(10)
        2.3026
    """
    return F.cross_entropy(logits, tokens)


@_in_float32
def router_loss(shares: Tensor, chosen: Tensor, n_experts: int) -> Tensor:
    """Returns how unevenly the routers use their experts: 1 if all are used alike, up to E if one gets everything.

    The formula of megablocks at weight 1: in each layer the share of visits that an expert gets times the mean of
    the router's softmax for it, summed over experts; the mean over layers, times E.

    Args:
        shares: (T, E), or (L, T, E) of several layers: the router's softmax over all experts.
        chosen: (T, A) or (L, T, A) int64, the experts that each token goes through.
        n_experts: E.

    Returns:
        () float32; the gradient goes through `shares` only.

    Example:
        >>> shares, chosen = torch.full((4, 2), 0.5), torch.tensor([[0], [1], [0], [1]])
        >>> float(router_loss(shares, chosen, 2))
        1.0
    """
    visits = F.one_hot(chosen, n_experts).float().mean(dim=(-3, -2))  # (E) or (L, E), shares of all visits
    return n_experts * (visits * shares.mean(dim=-2)).sum(dim=-1).mean()


@_in_float32
def pooled_router_loss(shares: Tensor, chosen: Tensor, n_experts: int, *, mask: Tensor | None = None) -> Tensor:
    """Returns contrastors' own router loss: the layers are taken as one, and first and second choices are summed.

    Args:
        shares: (L, T, E), the routers' softmax over all experts.
        chosen: (L, T, A) int64.
        n_experts: E.
        mask: (T), 1 for a token and 0 for padding, which does not count; None if nothing is padding.

    Returns:
        () float32, A if all experts are used alike.

    Example:
        >>> shares, chosen = torch.full((1, 4, 2), 0.5), torch.tensor([[[0], [1], [0], [1]]])
        >>> float(pooled_router_loss(shares, chosen, 2))
        1.0
    """
    counts = torch.ones(shares.shape[1]) if mask is None else mask.float()  # (T)
    counts = counts.to(shares.device).expand(shares.shape[:2]).flatten()  # (L T)
    counts = counts / counts.sum()
    visits = F.one_hot(chosen, n_experts).float().sum(dim=2).flatten(0, 1)  # (L T, E)
    return n_experts * ((counts @ visits) * (counts @ shares.flatten(0, 1))).sum()
