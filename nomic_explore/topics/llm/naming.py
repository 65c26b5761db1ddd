"""Names from a language model, or from any other callable: asked in groups, remembered, checked, and never waited for in vain.

A namer is anything that takes a `TopicEvidence` and returns a name and a description. A topic it fails on keeps the name it had.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import groupby
from threading import Lock
from typing import Any, Protocol

from nomic_explore.checks import check_positive
from nomic_explore.models.services import ServiceError
from nomic_explore.topics.llm.clients import OllamaNamer, OpenAINamer
from nomic_explore.topics.llm.prompts import PROMPT_VERSION, Answer, check_name
from nomic_explore.topics.profile import TopicEvidence

__all__ = ["Namer", "NamingReport", "OllamaNamer", "OpenAINamer", "name_topics_with"]

_MAX_FAILURES = 3  # requests in a row, after which the namer counts as away
_BATCH = 8  # topics given to a `name_many` that does not say how many it takes

Number = tuple[int, int]  # layer and topic
Cache = MutableMapping[str, tuple[str, str]]


class Namer(Protocol):
    """Anything callable that names a topic; an attribute `identity` tells namers with different settings apart."""

    def __call__(self, evidence: TopicEvidence, /) -> tuple[str, str]:
        """Returns a name and a description, possibly empty."""


@dataclass(frozen=True)
class NamingReport:
    """What came of naming topics.

    Attributes:
        names: by layer and topic the name and the description; a topic that is not there keeps what it has.
        n_named: topics with a name here.
        n_cached: those of them that were known from before.
        n_failed: topics without one.
        errors: the distinct reasons, each with its number of topics, the commonest first.
    """

    names: dict[Number, tuple[str, str]]
    n_named: int
    n_cached: int
    n_failed: int
    errors: list[str]


def name_topics_with(
    namer: Namer,
    evidences: Sequence[TopicEvidence],
    *,
    cache: Cache | None = None,
    max_workers: int = 4,
    on_progress: Callable[[int, int], Any] | None = None,
) -> NamingReport:
    """Returns names for topics, as many as the namer gives; what it fails on is counted and never raised.

    Names are unique within a layer, also against those that topics without a new one keep; of two equal ones that of the
    larger topic stands. After three failed requests in a row the others are not sent.

    Args:
        namer: called for one topic at a time, or, where it has `name_many` and `batch`, for groups.
        evidences: of all topics that are to be named.
        cache: names by a digest of the namer's identity and of what it reads; looked up before and filled as answers come.
        max_workers: requests at a time.
        on_progress: called with the number of topics that are done, and of all.

    Raises:
        TypeError: the namer cannot be called.

    Example:
        >>> stars = TopicEvidence(0, 0, "star, planet", 9, 0.5, ["star", "planet"], [1.0, 0.8])
        >>> name_topics_with(lambda evidence: (evidence.keywords[0].title(), ""), [stars]).names
        {(0, 0): ('Star', '')}
    """
    if not callable(namer):
        raise TypeError(f"namer is a {type(namer).__name__}; expected a callable like OllamaNamer('llama3.2').")
    check_positive(max_workers, "max_workers")
    report_progress = on_progress or (lambda n_done, n_topics: None)
    ordered = sorted(evidences, key=lambda evidence: (evidence.layer, -evidence.size))
    keys = {_number(evidence): _digest(namer, evidence) for evidence in ordered}
    answers = _look_up(cache or {}, keys)
    known = set(answers)
    report_progress(len(known), len(keys))
    for part, given in _ask_all(namer, [one for one in ordered if _number(one) not in known], max_workers):
        for evidence, answer in zip(part, map(_checked, given), strict=True):
            answers[_number(evidence)] = answer
            if cache is not None and not isinstance(answer, Exception):
                cache[keys[_number(evidence)]] = answer
        report_progress(len(answers), len(keys))
    names = _keep_unique(ordered, answers)
    reasons = Counter(str(error) or type(error).__name__ for error in answers.values() if isinstance(error, Exception))
    return NamingReport(
        names=names,
        n_named=len(names),
        n_cached=len(known & names.keys()),
        n_failed=len(keys) - len(names),
        errors=[f"{reason} ({n} {'topic' if n == 1 else 'topics'})" for reason, n in reasons.most_common()],
    )


def _look_up(cache: Cache, keys: dict[Number, str]) -> dict[Number, Answer]:
    """Returns the names that are known from before and can be used."""
    found = {number: _checked(cache[key]) for number, key in keys.items() if key in cache}
    return {number: answer for number, answer in found.items() if not isinstance(answer, Exception)}


def _ask_all(
    namer: Any, evidences: Sequence[TopicEvidence], max_workers: int
) -> Iterator[tuple[Sequence[TopicEvidence], Sequence[Any]]]:
    """Yields topics and the namer's answers to them, request by request as they come; a layer's topics share requests."""
    takes_many = callable(getattr(namer, "name_many", None))
    size = getattr(namer, "batch", _BATCH) if takes_many else 1
    layers = [list(own) for _, own in groupby(evidences, key=lambda evidence: evidence.layer)]
    parts = [own[start : start + size] for own in layers for start in range(0, len(own), size)]
    n_failures, counting = 0, Lock()

    def ask(part: list[TopicEvidence]) -> Sequence[Any]:
        nonlocal n_failures
        if n_failures >= _MAX_FAILURES:
            return [ConnectionError(f"not asked any more after {_MAX_FAILURES} failed requests in a row")] * len(part)
        given, is_failure = _ask(namer, part, takes_many)
        with counting:
            n_failures = n_failures + 1 if is_failure else 0
        return given

    pool = ThreadPoolExecutor(max_workers)
    try:
        asked = {pool.submit(ask, part): part for part in parts}
        for answer in as_completed(asked):
            yield asked[answer], answer.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ask(namer: Any, part: list[TopicEvidence], takes_many: bool) -> tuple[Sequence[Any], bool]:
    """Returns the answers to one request, and whether it failed as a whole."""
    try:
        given = list(namer.name_many(part)) if takes_many else [namer(part[0])]
        if len(given) != len(part):
            raise ValueError(f"name_many returned {len(given)} answers for {len(part)} topics")
    except Exception as error:  # a namer is anybody's code: whatever it raises, the map is made
        return [error] * len(part), True
    return given, all(isinstance(answer, ServiceError) for answer in given)


def _checked(answer: Any) -> Answer:
    """Returns a name and a description that can be shown, or why there are none."""
    if isinstance(answer, Exception):
        return answer
    try:
        return check_name(answer)
    except ValueError as error:
        return error


def _keep_unique(ordered: Sequence[TopicEvidence], answers: dict[Number, Answer]) -> dict[Number, tuple[str, str]]:
    """Returns the names that no larger topic of the layer has, and none that keeps its old name; the others become errors."""
    n_named = -1
    names: dict[Number, tuple[str, str]] = {}
    while n_named != len(names):  # a topic that loses its new name takes its old one back, which another may have taken
        n_named = len(names)
        named = {number: answer for number, answer in answers.items() if not isinstance(answer, Exception)}
        taken = {(one.layer, one.name.casefold()) for one in ordered if _number(one) not in named}
        names = {}
        for number in (_number(one) for one in ordered if _number(one) in named):
            mark = (number[0], named[number][0].casefold())
            if mark in taken:
                answers[number] = ValueError("duplicate name")
            else:
                names[number] = named[number]
            taken.add(mark)
    return names


def _number(evidence: TopicEvidence) -> Number:
    return evidence.layer, evidence.topic


def _digest(namer: Any, evidence: TopicEvidence) -> str:
    """Returns the key under which a namer's answer is kept: who answers, and what there is to read."""
    kind = namer if hasattr(namer, "__qualname__") else type(namer)
    code = getattr(namer, "__code__", None)  # a function written anew in a notebook is another namer
    said = [repr(part) for part in code.co_consts if not hasattr(part, "co_code")] if code else []
    written = [code.co_code.hex(), code.co_names, said] if code else []
    module, name = getattr(kind, "stored_as", (kind.__module__, kind.__qualname__))
    identity = [PROMPT_VERSION, module, name, written, getattr(namer, "identity", None)]
    content = [evidence.keywords, evidence.exemplars, evidence.siblings, evidence.parent]
    whole = json.dumps([identity, content], sort_keys=True, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()
