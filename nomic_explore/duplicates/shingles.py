"""Shingles: which texts share uncommon character sequences, and how much of each occurs in the other."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nomic_explore.arrays import count_equal, starts_of

WIDTH = 5  # characters of a shingle: "char-5-grams"
_BATCH = 1 << 22  # characters hashed at a time
_MAX_BUCKETS = 1 << 26  # of the table that counts shingles; a shared bucket only makes a shingle look more common
_MAX_LIST = 32  # texts that share an uncommon shingle; all of them are compared
_N_UNCOMMON, _N_COMMON = 16, 8  # shingles of each kind by which a text looks for its duplicates
_MIN_HELD = 0.25  # of the shingles asked for that a candidate contains,
_MIN_HELD_BY_LONG = 0.75  # and one that is more than
_LONG = 4  # times as long, for a very long text contains much by chance
_ASKING = 1 << 15  # texts that ask at a time
_TOKENS = 1 << 23  # compared at a time
_CLASS_BITS = 5  # of the length class of a text, by powers of two
_LOW = 0xFFFFFFFF  # the lower half of a key made of two numbers


@dataclass(frozen=True)
class TokenSets:
    """The distinct tokens of d texts, as numbers.

    Attributes:
        starts: (d + 1,) int64: those of text i are `tokens[starts[i] : starts[i + 1]]`.
        tokens: (t,) int32, not negative, ascending within a text.
    """

    starts: np.ndarray
    tokens: np.ndarray

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def counts(self) -> np.ndarray:
        """(d,) int64: tokens of each text."""
        return np.diff(self.starts)

    def take(self, texts: np.ndarray) -> "TokenSets":
        """Returns the tokens of some texts (m,)."""
        _, place = expand(self.starts[texts], self.counts[texts])
        return TokenSets(np.append(0, np.cumsum(self.counts[texts])), self.tokens[place])

    def select(self, is_selected: np.ndarray) -> "TokenSets":
        """Returns those of the tokens, by number, that are selected."""
        kept = is_selected[self.tokens]
        return TokenSets(np.append(0, np.cumsum(kept))[self.starts], self.tokens[kept])

    @property
    def owners(self) -> np.ndarray:
        """(t,) int64: the text of each token."""
        return np.repeat(np.arange(len(self)), self.counts)


def shingle(normalized: Sequence[str]) -> TokenSets:
    """Returns the character 5-grams of d normalized texts, hashed; a shorter text is one shingle, an empty one has none.

    Example:
        >>> shingle(["abcdefg", "abcde", "abc", ""]).counts.tolist()
        [3, 1, 1, 0]
    """
    hashes, counts = [np.zeros(0, dtype=np.int32)], [np.zeros(1, dtype=np.int64)]
    for batch in _batches(normalized):
        owner, found = hash_places(batch)
        keys, _ = count_equal((owner << 32) | found)
        hashes.append((keys & _LOW).astype(np.int32))
        counts.append(np.bincount(keys >> 32, minlength=len(batch)))
    return TokenSets(np.cumsum(np.concatenate(counts)), np.concatenate(hashes))


def hash_places(normalized: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the text (p,) and the hash (p,) int64 of 31 bits of every shingle, in the order in which they stand."""
    # Normalised texts hold no NUL: it pads what is shorter than a shingle.
    padded = [text.ljust(WIDTH, "\0") if text else "" for text in normalized]
    codes = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    owner = np.repeat(np.arange(len(padded)), [len(text) for text in padded])
    n_places = max(0, len(codes) - WIDTH + 1)
    mixed = np.zeros(n_places, dtype=np.uint64)
    for place in range(WIDTH):
        mixed = (mixed + codes[place : place + n_places]) * np.uint64(0x9E3779B97F4A7C15)  # the golden ratio, 64 bits
        mixed ^= mixed >> np.uint64(29)
    is_whole = owner[:n_places] == owner[WIDTH - 1 :]
    return owner[:n_places][is_whole], (mixed[is_whole] >> np.uint64(33)).astype(np.int64)


def code_tokens(
    texts: Sequence[str], split: Callable[[str], Iterable[Hashable]], codes: dict[Hashable, int] | None = None
) -> TokenSets:
    """Returns the tokens of each text as numbers; `codes` is what they are so far, and grows."""
    known: dict[Hashable, int] = {} if codes is None else codes
    coded = [sorted({known.setdefault(token, len(known)) for token in split(text)}) for text in texts]
    starts = np.cumsum([0, *map(len, coded)])
    tokens = [token for one in coded for token in one]
    return TokenSets(starts, np.array(tokens, dtype=np.int32))


def find_candidates(shingles: TokenSets, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns pairs of texts that may be duplicates: each text asks all others for some of its shingles.

    Only the asking text samples, so a cut-off duplicate finds the whole, which contains all its shingles. Sequences made by
    noise occur nowhere else and are not asked for. Texts that share an uncommon shingle are all compared. Of those that share a
    common one only the longest of about the same length is a candidate, so that boilerplate costs no more than its length.

    Args:
        shingles: of d texts.
        lengths: (d,) characters; ties go to the lower number.

    Returns:
        (p,) and (p,) int32, first < second, sorted, each pair once.
    """
    n_buckets = 1 << 16
    while n_buckets < min(4 * len(shingles.tokens), _MAX_BUCKETS):
        n_buckets *= 2
    bucket = shingles.tokens & (n_buckets - 1)
    frequency = np.bincount(bucket, minlength=n_buckets).astype(np.int32)[bucket]
    is_uncommon = (frequency > 1) & (frequency <= _MAX_LIST)
    pairs = [
        _ask_all(_select(shingles, is_uncommon), shingles.counts),
        _ask_longest(_select(shingles, frequency > _MAX_LIST), lengths),
    ]
    keys, _ = count_equal(np.concatenate(pairs))
    return (keys >> 32).astype(np.int32), (keys & _LOW).astype(np.int32)


def count_shared(tokens: TokenSets, others: TokenSets, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns (p,) int64 how many tokens of `first` in `tokens` are among those of `second` in `others`."""
    from scipy.sparse import csr_array

    tables = []
    for each in (tokens, others):
        shape = (len(each), 2**31 - 1)
        tables.append(csr_array((np.ones(len(each.tokens), dtype=np.int16), each.tokens, each.starts), shape=shape))
    shared = np.zeros(len(first), dtype=np.int64)
    for part in cut(tokens.counts[first] + others.counts[second]):
        both = tables[0][first[part]].multiply(tables[1][second[part]])
        shared[part] = np.diff(both.indptr)
    return shared


def find_contained(
    tokens: TokenSets, others: TokenSets, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns for each token of `first` its pair (t,), its index in `tokens` (t,) and whether the other text contains it (t,)."""
    pair, place = expand(tokens.starts[first], tokens.counts[first])
    other_pair, other_place = expand(others.starts[second], others.counts[second])
    known = (other_pair << 32) | others.tokens[other_place]
    asked = (pair << 32) | tokens.tokens[place]
    at = np.searchsorted(known, asked)
    is_found = at < len(known)
    is_found[is_found] = known[at[is_found]] == asked[is_found]
    return pair, place, is_found


def expand(starts: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns for ranges (r,) the range (t,) and the value (t,) of each of their members, one range after the other.

    Example:
        >>> expand(np.array([5, 9]), np.array([2, 1]))[1].tolist()
        [5, 6, 9]
    """
    which = np.repeat(np.arange(len(starts)), counts)
    return which, np.arange(len(which)) + (starts - np.cumsum(counts) + counts)[which]


def cut(sizes: np.ndarray) -> list[slice]:
    """Returns consecutive parts of pairs of these sizes (p,), each about `_TOKENS` large."""
    if not len(sizes):
        return []
    total = np.cumsum(sizes)
    bounds = np.searchsorted(total, np.arange(0, total[-1], _TOKENS)).tolist()
    return [slice(low, high) for low, high in pairwise([*bounds, len(sizes)]) if high > low]


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yields runs of texts of about `_BATCH` characters."""
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    yield batch


def _select(tokens: TokenSets, is_selected: np.ndarray) -> TokenSets:
    """Returns some of the tokens of the same texts."""
    starts = np.concatenate([[0], np.cumsum(is_selected)])[tokens.starts]
    return TokenSets(starts, tokens.tokens[is_selected])


def _ask_all(tokens: TokenSets, counts: np.ndarray) -> np.ndarray:
    """Returns keys (p,) int64 of pairs in which a text holds enough of the lowest tokens of another.

    Args:
        tokens: the uncommon ones of d texts; they are hashes, so the lowest are a sample, and the same one in every text.
        counts: (d,) all tokens of each text.
    """
    asking, place = expand(tokens.starts[:-1], np.minimum(tokens.counts, _N_UNCOMMON))
    answers = np.sort((tokens.tokens.astype(np.int64) << 32) | tokens.owners)
    return _pair(asking, tokens.tokens[place].astype(np.int64), answers >> 32, answers & _LOW, counts)


def _ask_longest(tokens: TokenSets, lengths: np.ndarray) -> np.ndarray:
    """Returns keys (p,) int64 of pairs of a text and the longest of its length class, or the next, that hold its common tokens.

    Args:
        tokens: the common ones of d texts.
        lengths: (d,).
    """
    order = np.lexsort((np.arange(len(lengths)), -lengths))  # the longest first
    place_of = np.argsort(order)
    length_class = np.frexp(np.maximum(tokens.counts, 1))[1].astype(np.int64)
    kinds = (tokens.tokens.astype(np.int64) << _CLASS_BITS) | length_class[tokens.owners]
    # Sorted by kind and place, the longest text opens each list.
    sorting = np.lexsort((place_of[tokens.owners], kinds))
    first = sorting[starts_of(kinds[sorting])]
    lists, texts = kinds[first], tokens.owners[first]
    asking, place = expand(tokens.starts[:-1], np.minimum(tokens.counts, _N_COMMON))
    keys = [_pair(asking, kinds[place] + step, lists, texts, np.ones_like(lengths)) for step in (0, 1)]
    return np.concatenate(keys)


def _pair(
    asking: np.ndarray, asked: np.ndarray, lists: np.ndarray, texts: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Returns keys (p,) int64 of pairs of a text that asks and a text that is in enough of the lists it asks for."""
    begin, end = _find_lists(lists, asked)
    n_asked = np.bincount(asking, minlength=len(counts))
    bounds = np.searchsorted(asking, np.arange(0, len(counts) + _ASKING, _ASKING))
    pairs = [np.zeros(0, dtype=np.int64)]
    for low, high in pairwise(bounds.tolist()):
        which, found = expand(begin[low:high], (end - begin)[low:high])
        keys, n_held = count_equal((asking[low:high][which] << 32) | texts[found])
        asker, other = keys >> 32, keys & _LOW
        least = np.where(counts[other] > _LONG * counts[asker], _MIN_HELD_BY_LONG, _MIN_HELD)
        is_pair = (asker != other) & (n_held >= least * n_asked[asker])
        asker, other = asker[is_pair], other[is_pair]
        pairs.append((np.minimum(asker, other) << 32) | np.maximum(asker, other))
    return np.concatenate(pairs)


def _find_lists(lists: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns where in the ordered lists each asked one begins and ends; asking in order spares the cache."""
    order = np.argsort(asked)
    begin, end = np.empty(len(asked), dtype=np.int64), np.empty(len(asked), dtype=np.int64)
    begin[order] = np.searchsorted(lists, asked[order], "left")
    end[order] = np.searchsorted(lists, asked[order], "right")
    return begin, end
