"""Texts -> tokens, and the order in which they are embedded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Protocol

import numpy as np

_SLICE_CHARACTERS = 2_000_000  # tokenized at a time; the tokenizer needs some hundred bytes per token while it works
_MAX_BYTES = 512 << 20  # of a tokenizer.json; the largest published ones have 35 MB
_SECONDS = 30.0  # that any texts may take to be tokenized,
_CHARACTERS_PER_SECOND = 5_000  # and besides one second for so many characters; usual are a million and more
_OVERLAP = 8  # tokens that two windows of a long text share, as in Nomic's own client


class Encoding(Protocol):
    """The token numbers of one text, special tokens included."""

    @property
    def ids(self) -> list[int]:
        """The token numbers, in the order of the text."""


class Tokenizer(Protocol):
    """What counts and numbers the tokens of texts."""

    def encode(self, sequence: str) -> Encoding:
        """Returns the tokens of a text."""

    def encode_batch(self, input: list[str]) -> Sequence[Encoding]:
        """Returns the tokens of several texts."""


class FileTokenizer(Tokenizer, Protocol):
    """A tokenizer read from a file, that can be saved again."""

    def get_vocab_size(self) -> int:
        """Returns the number of tokens."""

    def token_to_id(self, token: str) -> int | None:
        """Returns the number of a token; None if there is no such token."""

    def save(self, path: str) -> None:
        """Writes the tokenizer to a file tokenizer.json."""


@dataclass(frozen=True)
class Tokens:
    """The token numbers of many texts in one array.

    A text is one piece, or several where long texts are read in windows.

    Attributes:
        ids: (t,) int32.
        starts: (p + 1,) int64; piece i is `ids[starts[i]:starts[i + 1]]`.
        first_pieces: (n + 1,) int64; text i is made of the pieces `first_pieces[i]` up to `first_pieces[i + 1]`.
        full_lengths: (n,) int64; tokens of each text before it was cut to what the model reads.
    """

    ids: np.ndarray
    starts: np.ndarray
    first_pieces: np.ndarray
    full_lengths: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """The number of tokens of each piece, (p,) int64."""
        return np.diff(self.starts)

    @property
    def text_lengths(self) -> np.ndarray:
        """The number of tokens of each text that the model reads, (n,) int64."""
        return np.diff(self.starts[self.first_pieces])

    def padded(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns the token numbers of some pieces (b,), as (b, s) int64 padded with 0, and their lengths (b,)."""
        lengths = self.starts[numbers + 1] - self.starts[numbers]
        padded = np.zeros((len(numbers), int(lengths.max())), dtype=np.int64)
        for row, number in enumerate(numbers):
            padded[row, : lengths[row]] = self.ids[self.starts[number] : self.starts[number + 1]]
        return padded, lengths


@dataclass(frozen=True)
class Plan:
    """The distinct texts to embed, and the chunks in which they are embedded.

    Attributes:
        texts: the distinct texts.
        tokens: of the distinct texts.
        distinct: (n,) int64; for each row the number of its text among the distinct ones.
        chunks: numbers of distinct texts, longest first; each chunk is embedded as one.
    """

    texts: list[str]
    tokens: Tokens
    distinct: np.ndarray
    chunks: list[np.ndarray]

    def rows(self) -> Iterator[np.ndarray]:
        """Yields for each chunk the numbers of the rows that hold its texts."""
        order = np.argsort(self.distinct, kind="stable")
        ends = np.searchsorted(self.distinct[order], np.arange(len(self.tokens.full_lengths) + 1))
        for chunk in self.chunks:
            yield np.concatenate([order[ends[number] : ends[number + 1]] for number in chunk])


def load_tokenizer(folder: Path) -> FileTokenizer:
    """Returns the tokenizer of a model folder, without truncation and padding.

    Raises:
        ValueError: its file is damaged.
    """
    from tokenizers import BertWordPieceTokenizer, Tokenizer

    path = folder / "tokenizer.json"
    if path.is_file() and (size := path.stat().st_size) > _MAX_BYTES:
        raise ValueError(
            f"{path} has {size:,} bytes; expected a tokenizer of at most {_MAX_BYTES:,}. Download it again."
        )
    try:
        if path.is_file():
            tokenizer = Tokenizer.from_file(str(path))
        else:
            path = folder / "vocab.txt"
            tokenizer = BertWordPieceTokenizer(str(path), lowercase=True)
    except BaseException as error:  # the library raises bare Exception, and panics
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        raise ValueError(f"{path} cannot be read as a tokenizer ({error}). Download it again.") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def is_panic(error: BaseException) -> bool:
    """Returns whether an error is a panic of a library in Rust; those are no `Exception`."""
    return type(error).__name__ == "PanicException"


def tokenize(
    tokenizer: Tokenizer, texts: Sequence[str], prefix: str, max_tokens: int, *, in_windows: bool = False
) -> Tokens:
    """Returns the tokens of `prefix + text` for each text; the prefix always stays.

    Args:
        tokenizer: of the model.
        texts: n strings.
        prefix: put before each.
        max_tokens: the most tokens the model reads at once, prefix and special tokens included.
        in_windows: long texts are read in pieces that overlap by 8 tokens, each with the prefix; else they lose their end.
    """
    n_before = len(_encode(tokenizer, [prefix.rstrip()])[0].ids) - 1 if prefix else 1  # a special token and the prefix
    pieces: list[np.ndarray] = []
    n_pieces, full_lengths = np.ones(len(texts), dtype=np.int64), np.zeros(len(texts), dtype=np.int64)
    number = 0
    for part in _slices(texts):
        for encoding in _encode(tokenizer, [prefix + without_half_surrogates(text) for text in part]):
            ids = np.array(encoding.ids, dtype=np.int32)
            full_lengths[number] = len(ids)
            if len(ids) <= max_tokens:
                pieces.append(ids)
            elif in_windows:
                windows = _windows(ids, n_before, max_tokens)
                n_pieces[number] = len(windows)
                pieces += windows
            else:
                pieces.append(np.concatenate([ids[: max_tokens - 1], ids[-1:]]))  # the last is the end-of-text token
            number += 1
    starts, first_pieces = np.zeros(len(pieces) + 1, dtype=np.int64), np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(piece) for piece in pieces], out=starts[1:])
    np.cumsum(n_pieces, out=first_pieces[1:])
    ids = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int32)
    return Tokens(ids, starts, first_pieces, full_lengths)


def without_half_surrogates(text: str) -> str:
    """Returns a text that can be written as UTF-8: with "?" for halves of surrogate pairs.

    Example:
        >>> without_half_surrogates("an owl " + chr(0xD83E))
        'an owl ?'
    """
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _windows(ids: np.ndarray, n_before: int, max_tokens: int) -> list[np.ndarray]:
    """Returns the pieces of a long text, each with the tokens before and after its text."""
    before, body, after = ids[:n_before], ids[n_before:-1], ids[-1:]
    size = max_tokens - n_before - 1
    step = max(1, size - _OVERLAP)
    starts = range(0, max(1, len(body) - _OVERLAP), step)
    return [np.concatenate([before, body[start : start + size], after]) for start in starts]


def make_plan(read: Callable[[list[str]], Tokens], texts: Sequence[str], chunk_tokens: int) -> Plan:
    """Returns the plan for these texts; except for row numbers it depends on the set of texts alone.

    Args:
        read: gives the tokens of texts.
        texts: n strings.
        chunk_tokens: tokens of a chunk.
    """
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    distinct = np.fromiter((numbers[text] for text in texts), dtype=np.int64, count=len(texts))
    known = list(numbers)
    tokens = read(known)
    lengths = tokens.text_lengths
    order = np.array(sorted(range(len(known)), key=lambda number: (-lengths[number], known[number])), dtype=np.int64)
    work = np.cumsum(lengths[order])  # tokens up to and with each text
    borders = np.flatnonzero(np.diff(work // chunk_tokens)) + 1
    return Plan(known, tokens, distinct, [chunk for chunk in np.split(order, borders) if len(chunk)])


def make_batches(numbers: np.ndarray, lengths: np.ndarray, batch_tokens: int) -> Iterator[np.ndarray]:
    """Yields runs of `numbers`, whose lengths fall, of at most `batch_tokens` tokens with padding, or of one text."""
    start = 0
    while start < len(numbers):
        size = max(1, batch_tokens // int(lengths[numbers[start]]))
        yield numbers[start : start + size]
        start += size


def _encode(tokenizer: Tokenizer, texts: list[str]) -> Sequence[Encoding]:
    """Returns the tokens of several texts.

    Raises:
        ValueError: the tokenizer fails, or does not end: its regular expressions try out too much.
    """
    if not type(tokenizer).__module__.startswith("tokenizers"):
        return tokenizer.encode_batch(texts)  # Python code can be interrupted, that of the library cannot
    made: list[Sequence[Encoding]] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            made.append(tokenizer.encode_batch(texts))
        except BaseException as error:
            errors.append(error)

    n_characters = sum(map(len, texts))
    seconds = _SECONDS + n_characters / _CHARACTERS_PER_SECOND
    worker = Thread(target=work, daemon=True)  # one that does not end shall not keep the process alive
    worker.start()
    worker.join(seconds)
    if made:
        return made[0]
    if errors and not is_panic(errors[0]):
        raise errors[0]
    what = f"fails ({errors[0]})" if errors else f"has not ended after {seconds:.0f} seconds"
    raise ValueError(
        f"the tokenizer {what} on {len(texts):,} texts of {n_characters:,} characters; a regular expression in its "
        "tokenizer.json tries out too much. Take the tokenizer.json that was published with the model."
    )


def _slices(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yields runs of texts of about as many characters as are tokenized at a time."""
    start, characters = 0, 0
    for row, text in enumerate(texts):
        characters += len(text)
        if characters >= _SLICE_CHARACTERS:
            yield texts[start : row + 1]
            start, characters = row + 1, 0
    if start < len(texts):
        yield texts[start:]
