"""`Service`: what the models on servers share, from a group of texts to checked vectors of length 1."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from threading import Event
from time import perf_counter

import numpy as np

from nomic_explore.debug_log import get_log
from nomic_explore.http import RefusedError, ServiceError
from nomic_explore.models.catalog import ModelRow, find_model
from nomic_explore.models.images import Picture
from nomic_explore.models.refused_texts import Settled, TextsRefused, embed_each
from nomic_explore.models.tokens import Plan, Tokenizer, load_tokenizer, without_half_surrogates
from nomic_explore.models.weights import locate_weights

_CHUNK_TOKENS = 65536
_PROBE = "size"  # a text that every model reads
_ENOUGH = 8  # texts refused, and none accepted: the service takes no document


class Service(ABC):
    """Base class of the services: groups requests, retries them, and checks the answers.

    Args:
        source: the full name.
        model_name: the model's name at the service.
        row: its row of the catalog, or a row with only the name.
        request_texts: how many texts a request holds.

    Attributes:
        cut_texts: texts that were longer than the service reads, and how many characters of each it was sent.
    """

    _n_requests = 1  # at a time
    _adds_prefix = False
    _can_cut = False

    def __init__(self, source: str, model_name: str, row: ModelRow, request_texts: int):
        self.source, self.model_name, self.model = source, model_name, row
        self._request_texts = request_texts
        self.cut_texts: dict[str, int] = {}
        self._accepts_texts = False
        if not row.width:
            width = len(self._ask([_PROBE], "clustering", 0)[0])
            self.model = replace(row, width=width, dimensions=(width,))

    @property
    def chunk_tokens(self) -> int:
        """How many tokens of texts are sent before their vectors are yielded."""
        return _CHUNK_TOKENS

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """BERT's English tokenizer: exact for the Nomic v1 models, an estimate for all others."""
        return load_tokenizer(locate_weights(find_model("minilm")))

    def embed(
        self, plan: Plan, numbers: np.ndarray, task: str, dimensions: int
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields numbers of distinct texts and their vectors (k, d), request by request.

        Raises:
            ServiceError: a request failed for good; the others of its group have been yielded before.
            TextsRefused: some texts were refused; all others have been yielded before.
        """
        size = self._request_texts
        parts = [numbers[start : start + size] for start in range(0, len(numbers), size)]
        texts = [[plan.texts[number] for number in part] for part in parts]
        failure: ServiceError | None = None
        refused: dict[int, str] = {}
        pool, given_up = ThreadPoolExecutor(self._n_requests), Event()
        try:
            answers = [pool.submit(self._embed_part, part, task, dimensions, given_up) for part in texts]
            for part, answer in zip(parts, answers, strict=True):
                try:
                    settled = answer.result()
                    self._check_accepts(settled, plan.texts[numbers[-1]], task, dimensions)
                except ServiceError as error:
                    failure = failure or error
                    given_up.set()
                    pool.shutdown(wait=False, cancel_futures=True)  # requests under way are still used
                except CancelledError:
                    continue
                else:
                    self.cut_texts |= {plan.texts[part[place]]: n for place, n in settled.cut.items()}
                    refused |= {int(part[place]): reason for place, reason in settled.refused.items()}
                    if settled.vectors:
                        places = sorted(settled.vectors)
                        yield part[places], np.stack([settled.vectors[place] for place in places])
        finally:
            given_up.set()
            pool.shutdown(wait=False, cancel_futures=True)
        if failure is not None:
            raise failure
        if refused:
            raise TextsRefused.of(refused, plan.texts)

    def _embed_part(self, texts: list[str], task: str, dimensions: int, given_up: Event) -> Settled:
        """Returns what became of the texts of one request.

        Raises:
            ServiceError: the service does not work.
            CancelledError: it was given up before all was sent.
        """
        prefix = "" if self._adds_prefix else self.model.prefixes[task]

        def ask_for(asked: list[str], *, cut: bool = False, retry_failed: bool = False) -> np.ndarray:
            if given_up.is_set():
                raise CancelledError
            sent = list(map(without_half_surrogates, asked))
            began, outcome = perf_counter(), "refused"
            try:
                answer = self._ask(sent, task, dimensions, cut=cut, retry_failed=retry_failed)
                vectors, outcome = self._finish(self._check(answer, len(sent)), dimensions), "embedded"
            finally:
                get_log().debug(
                    "%s: request of %d texts %s, %.2f s", self.source, len(sent), outcome, perf_counter() - began
                )
            return vectors

        return embed_each(
            ask_for, lambda: ask_for([prefix + _PROBE], retry_failed=True), texts, prefix, can_cut=self._can_cut
        )

    def _check_accepts(self, settled: Settled, shortest: str, task: str, dimensions: int) -> None:
        """Raises ServiceError where a service refused many texts and then the shortest too, and has taken none yet."""
        self._accepts_texts = self._accepts_texts or bool(settled.vectors)
        if self._accepts_texts or len(settled.refused) < _ENOUGH:
            return
        self._accepts_texts = bool(self._embed_part([shortest], task, dimensions, Event()).vectors)
        if not self._accepts_texts:
            reason = next(iter(settled.refused.values()))
            raise ServiceError(f"{self.source} refused the first {len(settled.refused)} texts one by one: {reason}")

    def embed_images(self, pictures: Sequence[Picture], dimensions: int) -> Iterator[np.ndarray]:
        """Yields the vectors of pictures; only Nomic's API has an image model."""
        raise ValueError(
            f"{self.source} reads no pictures; nomic-embed-vision-v1.5 and nomic-api:nomic-embed-vision-v1.5 do."
        )

    def provenance(self) -> dict[str, object]:
        """Returns the service and the model that made the vectors, ready for JSON."""
        return {"backend": self.source.partition(":")[0], "served_model": self.model_name}

    @abstractmethod
    def _ask(
        self, texts: list[str], task: str, dimensions: int, *, cut: bool = False, retry_failed: bool = True
    ) -> list[list[float]]:
        """Returns the service's answer to one request.

        Args:
            texts: with their prefixes.
            task: what the vectors are for.
            dimensions: entries of a vector.
            cut: let the service cut texts that are too long, if it can.
            retry_failed: as for `ask`.
        """

    def _check(self, answer: Sequence[Sequence[float]], n: int) -> np.ndarray:
        """Returns (n, w) float32 vectors."""
        if not isinstance(answer, Sequence) or isinstance(answer, str):
            raise RefusedError(f"{self.source} answered something else than a list of vectors.")
        if len(answer) != n:
            raise RefusedError(f"{self.source} answered {len(answer)} vectors for {n} texts.")
        if not all(isinstance(vector, Sequence) and not isinstance(vector, str) for vector in answer):
            raise RefusedError(f"{self.source} answered something else than lists of numbers as vectors.")
        widths = {len(vector) for vector in answer}
        if len(widths) > 1 or 0 in widths:
            raise RefusedError(f"{self.source} answered vectors of {sorted(widths)} entries; expected one length.")
        try:
            vectors = np.array(answer, dtype=np.float64)
        except (TypeError, ValueError, OverflowError) as error:
            raise RefusedError(f"{self.source} answered vectors with entries that are no numbers ({error}).") from error
        with np.errstate(over="ignore"):
            vectors = vectors.astype(np.float32)
        is_bad = ~np.isfinite(vectors).all(axis=1) | ~vectors.any(axis=1)
        if is_bad.any():
            raise RefusedError(
                f"{self.source} answered {is_bad.sum()} of {n} vectors with NaN, infinite or only zero entries."
            )
        return vectors

    def _finish(self, vectors: np.ndarray, dimensions: int) -> np.ndarray:
        """Returns (n, d) vectors of length 1, after the post-processing of the model."""
        import torch

        from nomic_explore.models.pooling import post_process

        if vectors.shape[1] != self.model.width:
            raise RefusedError(
                f"{self.source} answered vectors of {vectors.shape[1]} entries; {self.model.name} makes {self.model.width}."
            )
        return post_process(torch.from_numpy(vectors), self.model.post_processing, dimensions).numpy()
