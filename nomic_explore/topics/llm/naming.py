"""Topic names from a language model or any other callable: sent in groups, cached, checked, and optional.

A namer is any callable that takes a `TopicProfile` and returns a name and a description. A topic that it fails on keeps
its name.
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
from nomic_explore.http import ServiceError
from nomic_explore.topics.llm.clients import OllamaNamer, OpenAINamer
from nomic_explore.topics.llm.prompts import PROMPT_VERSION, Answer, check_name
from nomic_explore.topics.profile import TopicProfile

__all__ = ["Namer", "NamingReport", "OllamaNamer", "OpenAINamer", "name_topics_with"]

_MAX_FAILURES = 3  # requests in a row, after which no further requests are sent
_BATCH = 8  # topics given to a `name_many` that does not say how many it takes

Number = tuple[int, int]  # layer and topic
Cache = MutableMapping[str, tuple[str, str]]


class Namer(Protocol):
    """A callable that names a topic; its attribute `identity`, if it has one, distinguishes namers of other settings."""

    def __call__(self, profile: TopicProfile, /) -> tuple[str, str]:
        """Returns a name and a description; the description may be empty.

        Example:
            >>> stars = TopicProfile(0, 0, "star, planet", 9, 0.5, ["star", "planet"], [1.0, 0.8])
            >>> namer: Namer = lambda profile: (profile.keywords[0].title(), "")
            >>> namer(stars)
            ('Star', '')
        """


@dataclass(frozen=True)
class NamingReport:
    """The result of naming topics: new names, counts and errors.

    Attributes:
        names: the name and the description by layer and topic; a topic that is missing keeps its name.
        n_named: number of topics with a new name.
        n_cached: number of those whose name came from the cache.
        n_failed: number of topics without a new name.
        errors: the distinct reasons, each with its number of topics, the most frequent first.
    """

    names: dict[Number, tuple[str, str]]
    n_named: int
    n_cached: int
    n_failed: int
    errors: list[str]


def name_topics_with(
    namer: Namer,
    profiles: Sequence[TopicProfile],
    *,
    cache: Cache | None = None,
    max_workers: int = 4,
    on_progress: Callable[[int, int], object] | None = None,
) -> NamingReport:
    """Returns names for topics, as many as the namer gives; its failures are counted and never raised.

    Names are unique within a layer, also among topics that keep their name; of two topics with the same name the larger
    one gets it. After three failed requests in a row no more are sent.

    Args:
        namer: called for one topic at a time, or, where it has `name_many` and `batch`, for groups.
        profiles: of all topics that are to be named.
        cache: names by a digest of the namer's identity and the profile; read first, and filled as answers arrive.
        max_workers: requests at a time.
        on_progress: called with the number of finished topics and the number of all.

    Raises:
        TypeError: the namer cannot be called.

    Example:
        >>> stars = TopicProfile(0, 0, "star, planet", 9, 0.5, ["star", "planet"], [1.0, 0.8])
        >>> name_topics_with(lambda profile: (profile.keywords[0].title(), ""), [stars]).names
        {(0, 0): ('Star', '')}
    """
    if not callable(namer):
        raise TypeError(f"namer is a {type(namer).__name__}; expected a callable like OllamaNamer('llama3.2').")
    check_positive(max_workers, "max_workers")
    report_progress = on_progress or (lambda n_done, n_topics: None)
    ordered = sorted(profiles, key=lambda profile: (profile.layer, -profile.size))
    keys = {_number(profile): _digest(namer, profile) for profile in ordered}
    answers = _look_up(cache or {}, keys)
    known = set(answers)
    report_progress(len(known), len(keys))
    for part, given in _ask_all(namer, [one for one in ordered if _number(one) not in known], max_workers):
        for profile, answer in zip(part, map(_checked, given), strict=True):
            answers[_number(profile)] = answer
            if cache is not None and not isinstance(answer, Exception):
                cache[keys[_number(profile)]] = answer
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
    cached = {number: _checked(cache[key]) for number, key in keys.items() if key in cache}
    return {number: answer for number, answer in cached.items() if not isinstance(answer, Exception)}


def _ask_all(
    namer: Any, profiles: Sequence[TopicProfile], max_workers: int
) -> Iterator[tuple[Sequence[TopicProfile], Sequence[object]]]:
    """Yields topics and the namer's answers to them, request by request as they come; a layer's topics share requests."""
    takes_many = callable(getattr(namer, "name_many", None))
    size = getattr(namer, "batch", _BATCH) if takes_many else 1
    layers = [list(own) for _, own in groupby(profiles, key=lambda profile: profile.layer)]
    parts = [own[start : start + size] for own in layers for start in range(0, len(own), size)]
    n_failures, counting = 0, Lock()

    def ask(part: list[TopicProfile]) -> Sequence[object]:
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


def _ask(namer: Any, part: list[TopicProfile], takes_many: bool) -> tuple[Sequence[object], bool]:
    """Returns the answers to one request, and whether it failed as a whole."""
    try:
        given = list(namer.name_many(part)) if takes_many else [namer(part[0])]
        if len(given) != len(part):
            raise ValueError(f"name_many returned {len(given)} answers for {len(part)} topics")
    except Exception as error:  # a namer is anybody's code: whatever it raises, the map is made
        return [error] * len(part), True
    return given, all(isinstance(answer, ServiceError) for answer in given)


def _checked(answer: object) -> Answer:
    """Returns a name and a description that can be shown, or why there are none."""
    if isinstance(answer, Exception):
        return answer
    try:
        return check_name(answer)
    except ValueError as error:
        return error


def _keep_unique(ordered: Sequence[TopicProfile], answers: dict[Number, Answer]) -> dict[Number, tuple[str, str]]:
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


def _number(profile: TopicProfile) -> Number:
    return profile.layer, profile.topic


def _digest(namer: object, profile: TopicProfile) -> str:
    """Returns the key under which a namer's answer is kept: who answers, and what there is to read."""
    kind = namer if hasattr(namer, "__qualname__") else type(namer)
    code = getattr(namer, "__code__", None)  # a function written anew in a notebook is another namer
    constants = [repr(part) for part in code.co_consts if not hasattr(part, "co_code")] if code else []
    written = [code.co_code.hex(), code.co_names, constants] if code else []
    module, name = getattr(kind, "stored_as", (kind.__module__, kind.__qualname__))
    identity = [PROMPT_VERSION, module, name, written, getattr(namer, "identity", None)]
    content = [profile.keywords, profile.exemplars, profile.siblings, profile.parent]
    whole = json.dumps([identity, content], sort_keys=True, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()
