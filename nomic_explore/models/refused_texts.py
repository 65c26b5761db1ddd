"""Embeds a batch of which a service refuses some texts: halves the batch, cuts texts that are too long, names the others."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol, Self

import numpy as np

from nomic_explore.http import RefusedError, ServiceError

# What servers write about a text that is longer than their model reads. "special token" is another reason.
_SPEAKS_OF_LENGTH = re.compile(
    r"context|too (long|large|many)|max(imum)?\b|at most|exceed|longer|less than|\btokens\b|length|limit", re.IGNORECASE
)
_TOO_LARGE = 413
_SAYS_SO = (400, _TOO_LARGE, 422)  # the text is the reason; after any other the service may be failing
_SHORTEST_CUT = 32  # characters: less of a text says too little of it
_SHORT_FOR_ALL = (
    500  # characters: every model reads that many, so that without a word on length, length is not the reason
)
_EXCERPT = 60  # characters by which a message names a text


class TextsRefused(ServiceError):  # noqa: N818 - what is raised is not a failure of the whole
    """Some texts have no vector because the service refused each of them alone; all others have been yielded.

    Args:
        message: what happened.
        reasons: for the number of each such text, what the service answered.

    Example:
        >>> raise TextsRefused.of({1: "ollama:small answered 400: bad text"}, ["a cat", "a dog"])
        Traceback (most recent call last):
        nomic_explore.models.refused_texts.TextsRefused: 1 of 2 texts has no vector: texts[1] ('a dog'): ...
    """

    def __init__(self, message: str, reasons: Mapping[int, str] = MappingProxyType({})):
        super().__init__(message)
        self.reasons = dict(reasons)

    @classmethod
    def of(cls, reasons: Mapping[int, str], texts: Sequence[str]) -> Self:
        """Returns the error that names the first of the refused texts.

        Args:
            reasons: for the number of each such text, what the service answered.
            texts: all texts, by number.
        """
        number, reason = next(iter(sorted(reasons.items())))
        one = len(reasons) == 1
        return cls(
            f"{len(reasons):,} of {len(texts):,} texts {'has' if one else 'have'} no vector: "
            f"{'' if one else 'the first is '}texts[{number}] ({excerpt(texts[number])}): {reason.rstrip('.')}. "
            f"Leave {'it' if one else 'them'} out, or change {'it' if one else 'them'}.",
            reasons,
        )


class Ask(Protocol):
    """One request for the vectors of some texts."""

    def __call__(self, asked: list[str], *, cut: bool = False) -> np.ndarray:
        """Returns (k, d) vectors of k texts `asked`; with `cut` the service may cut them, if it can.

        Raises:
            RefusedError: there are none, and one of the texts may be the reason.
            ServiceError: there are none, whatever the texts.
        """


@dataclass
class Settled:
    """What became of the texts of a batch; each place is in `vectors` or in `refused`.

    Attributes:
        vectors: by place.
        cut: by place, how many characters of the text were sent; all of them where the service cut the text itself.
        refused: by place, what the service answered.
    """

    vectors: dict[int, np.ndarray] = field(default_factory=dict)
    cut: dict[int, int] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


def embed_each(
    ask: Ask, check: Callable[[], object], texts: Sequence[str], prefix: str = "", *, can_cut: bool = False
) -> Settled:
    """Returns the vectors of a batch, without those of texts that the service does not take.

    Args:
        ask: sends a request.
        check: sends one short text, to see whether the service takes any; raises `ServiceError` if it does not.
        texts: n strings.
        prefix: put before each; never cut.
        can_cut: whether the service can cut a text itself.

    Raises:
        ServiceError: the service takes no text.

    Example:
        >>> def ask(asked, *, cut=False):
        ...     if any("bad" in text for text in asked):
        ...         raise RefusedError("answered 400: bad text", 400)
        ...     return np.ones((len(asked), 2))
        >>> settled = embed_each(ask, lambda: None, ["a cat", "a bad dog", "an owl"])
        >>> sorted(settled.vectors), settled.refused
        ([0, 2], {1: 'answered 400: bad text'})
    """
    settled = Settled()
    _embed(_Batch(ask, check, texts, prefix, can_cut, settled), list(range(len(texts))), is_first=True)
    return settled


@dataclass(frozen=True)
class _Batch:
    ask: Ask
    check: Callable[[], object]
    texts: Sequence[str]
    prefix: str
    can_cut: bool
    settled: Settled

    def request(self, texts: list[str], *, cut: bool = False) -> np.ndarray:
        return self.ask([self.prefix + text for text in texts], cut=cut)


def _embed(batch: _Batch, places: list[int], *, is_first: bool = False) -> None:
    """Settles some texts of a batch: by one request, or by two for its halves."""
    try:
        vectors = batch.request([batch.texts[place] for place in places])
        batch.settled.vectors.update(zip(places, vectors, strict=True))
    except RefusedError as error:
        if is_first or (len(places) == 1 and error.status not in _SAYS_SO):
            _check_service(batch, error)
        if len(places) == 1:
            _embed_alone(batch, places[0], error)
            return
        middle = len(places) // 2
        _embed(batch, places[:middle])
        _embed(batch, places[middle:])


def _embed_alone(batch: _Batch, place: int, error: RefusedError) -> None:
    """Settles one text that was refused, while the service takes others: it is asked again, cut, or set aside."""
    text = batch.texts[place]
    for shorter, cut in _attempts(text, error, batch.can_cut):
        try:
            batch.settled.vectors[place] = batch.request([shorter], cut=cut)[0]
        except RefusedError:
            continue
        if cut:
            batch.settled.cut[place] = len(shorter)
        return
    batch.settled.refused[place] = str(error)


def _attempts(text: str, error: RefusedError, can_cut: bool) -> Iterator[tuple[str, bool]]:
    """Yields what is sent after a text was refused, and whether it counts as cut."""
    if error.status not in _SAYS_SO:
        yield text, False
    is_long = error.status == _TOO_LARGE or bool(_SPEAKS_OF_LENGTH.search(error.reason))
    shortest = _SHORTEST_CUT if is_long else _SHORT_FOR_ALL
    length = len(text)
    if can_cut and (is_long or length >= 2 * shortest):
        yield text, True
    while (length := length // 2) >= shortest:
        yield text[:length], True


def _check_service(batch: _Batch, error: RefusedError) -> None:
    """Raises the error for good if the service does not even take a short text."""
    try:
        batch.check()
    except RefusedError:
        raise ServiceError(str(error)) from error


def excerpt(text: str) -> str:
    """Returns the start of a text in quotes, by which a message names it.

    Example:
        >>> excerpt("word " * 30)
        "'word word word word word word word word word word word word …'"
    """
    start = " ".join(text[: 2 * _EXCERPT].split())
    return repr(start if len(start) <= _EXCERPT and len(text) <= 2 * _EXCERPT else f"{start[:_EXCERPT].rstrip()} …")
