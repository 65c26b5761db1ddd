"""Which writing systems the texts use, counted over code points."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

N_SAMPLED = 20_000  # texts; with N_CHARACTERS it bounds the time for any corpus to a fraction of a second
N_CHARACTERS = 300

# Letters of each script: ranges of the Unicode block list (Blocks.txt), joined where the gaps hold no other letters.
RANGES: dict[str, list[tuple[int, int]]] = {
    "Latin": [
        (0x41, 0x5A),
        (0x61, 0x7A),
        (0xAA, 0xAA),
        (0xBA, 0xBA),
        (0xC0, 0x24F),
        (0x250, 0x2AF),
        (0x1E00, 0x1EFF),
        (0x2C60, 0x2C7F),
        (0xA720, 0xA7FF),
        (0xFF21, 0xFF5A),
    ],
    "Greek": [(0x370, 0x3FF), (0x1F00, 0x1FFF)],
    "Cyrillic": [(0x400, 0x52F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)],
    "Armenian": [(0x530, 0x58F)],
    "Hebrew": [(0x590, 0x5FF), (0xFB1D, 0xFB4F)],
    "Arabic": [(0x600, 0x6FF), (0x750, 0x77F), (0x870, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFE)],
    "Devanagari": [(0x900, 0x97F), (0xA8E0, 0xA8FF)],
    "Bengali": [(0x980, 0x9FF)],
    "Tamil": [(0xB80, 0xBFF)],
    "other Indic": [(0xA00, 0xB7F), (0xC00, 0xDFF)],
    "Thai": [(0xE00, 0xE7F)],
    "Georgian": [(0x10A0, 0x10FF), (0x1C90, 0x1CBF)],
    "Ethiopic": [(0x1200, 0x139F)],
    "Hangul": [(0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF)],
    "Kana": [(0x3041, 0x309F), (0x30A1, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)],
    "Han": [
        (0x2E80, 0x2FDF),
        (0x3005, 0x3007),
        (0x3400, 0x4DBF),
        (0x4E00, 0x9FFF),
        (0xF900, 0xFAFF),
        (0x20000, 0x323AF),
    ],
}
NAMES = ["no letters", *RANGES]


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


def _script_of_point() -> np.ndarray:
    numbers = np.zeros(0x110000, dtype=np.uint8)
    for number, ranges in enumerate(RANGES.values(), start=1):
        for first, last in ranges:
            numbers[first : last + 1] = number
    return numbers


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "< 0.1%"
