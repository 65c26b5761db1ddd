"""Which writing systems the texts use, counted over code points."""

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

N_SAMPLED = 20_000  # texts; with N_CHARACTERS it bounds the time for any corpus to a fraction of a second
N_CHARACTERS = 300

# Unicode scripts by the name that the audit shows.
SCRIPTS: dict[str, tuple[str, ...]] = {
    **{
        name: (name,)
        for name in ("Latin", "Greek", "Cyrillic", "Armenian", "Hebrew", "Arabic", "Devanagari", "Bengali")
    },
    "Tamil": ("Tamil",),
    "other Indic": ("Gurmukhi", "Gujarati", "Oriya", "Telugu", "Kannada", "Malayalam", "Sinhala"),
    **{name: (name,) for name in ("Thai", "Georgian", "Ethiopic", "Hangul")},
    "Kana": ("Hiragana", "Katakana"),
    "Han": ("Han",),
}
NAMES = ["no letters", *SCRIPTS]
_LAST = 0x33480  # behind the last letter of these scripts


def count_scripts(column: pa.ChunkedArray) -> tuple[int, np.ndarray, str] | None:
    """Returns how many texts are mainly in another script than most, their row numbers, and the shares in words.

    Args:
        column: (n,) strings; null rows do not count.

    Returns:
        None if all texts are in one script.
    """
    rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    is_sampled = len(rows) > N_SAMPLED
    if is_sampled:
        rows = rows[np.linspace(0, len(rows) - 1, N_SAMPLED).astype(np.int64)]
    if not len(rows):
        return None
    mains = main_scripts(column.take(pa.array(rows)))
    counts = np.bincount(mains, minlength=len(NAMES))
    if (counts > 0).sum() < 2:
        return None
    order = [number for number in np.argsort(-counts, kind="stable") if counts[number]]
    shares = ", ".join(f"{NAMES[number]} {_percent(counts[number] / len(rows))}" for number in order)
    others = rows[mains != order[0]]
    source = f"a sample of {N_SAMPLED:,} texts" if is_sampled else "all texts"
    return len(others), others, f"main script of {source}: {shares}"


def main_scripts(column: pa.ChunkedArray) -> np.ndarray:
    """Returns for each text the number in NAMES of the script of most of its first letters, (n,) int64."""
    starts = pc.utf8_slice_codeunits(column, 0, N_CHARACTERS)
    lengths = pc.utf8_length(starts).to_numpy().astype(np.int64)
    joined = "".join(starts.to_pylist())
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    scripts = _script_of_point()[points]
    texts = np.repeat(np.arange(len(column)), lengths)
    letters = scripts > 0
    counts = np.bincount(texts[letters] * len(NAMES) + scripts[letters], minlength=len(column) * len(NAMES))
    counts = counts.reshape(len(column), len(NAMES))
    # Japanese mixes Kana with Han: where both occur it is Kana that identifies the language.
    kana, han = NAMES.index("Kana"), NAMES.index("Han")
    mixed = counts[:, kana] > 0.1 * counts[:, han]
    counts[mixed, kana] += counts[mixed, han]
    counts[mixed, han] = 0
    return np.where(counts.any(axis=1), counts.argmax(axis=1), 0)


@cache
def _script_of_point() -> np.ndarray:
    """Returns (1,114,112,) uint8: the number in NAMES of the script of each code point."""
    import regex

    points = np.array([*range(0xD800), *range(0xE000, _LAST)])  # all but surrogates
    every = "".join(map(chr, points.tolist()))
    numbers = np.zeros(0x110000, dtype=np.uint8)
    for number, scripts in enumerate(SCRIPTS.values(), start=1):
        letters = "".join(rf"\p{{Script={script}}}" for script in scripts)
        for run in regex.finditer(f"[{letters}]+", every):
            numbers[points[run.start() : run.end()]] = number
    return numbers


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "< 0.1%"
