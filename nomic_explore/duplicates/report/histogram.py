"""A histogram as SVG: how many rows were removed or flagged for review, by cosine."""

import numpy as np

_WIDTH, _HEIGHT = 620, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 14, 18, 34
_STEP = 0.02  # cosine; 25 bars from 0.5 to 1
_LEAST = 0.5  # lower values, of which there are few, are in the first bar
_ACROSS, _HIGH = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM


def draw_histogram(dropped: np.ndarray, review: np.ndarray, limit: float | None) -> str:
    """Returns an SVG element with a bar for each 0.02 of cosine; those for review on top of the removed ones.

    Args:
        dropped: (a,) cosines.
        review: (b,) cosines; there is at least one of both.
        limit: a cosine to be marked; None marks none.
    """
    every = np.concatenate([dropped, review, [] if limit is None else [limit]])
    first = min(0.9, np.floor(max(_LEAST, float(every.min())) / 0.1 + 1e-6) * 0.1)
    edges = np.round(first + _STEP * np.arange(round((1 - first) / _STEP) + 1), 6)
    lows = [f"{edge:.2f}" for edge in edges]
    is_cut = float(every.min()) < first - 1e-6
    if is_cut:
        lows[0] = "-1.00"
    counts = [np.histogram(np.clip(each, first, 1.0), bins=edges)[0] for each in (dropped, review)]
    most = int((counts[0] + counts[1]).max())
    marks = "".join(
        f'<text x="{_place(cosine, first):.1f}" y="{_HEIGHT - 12}" text-anchor="middle">'
        f"{'≤ ' if is_cut and not at else ''}{cosine:.1f}</text>"
        for at, cosine in enumerate(np.arange(first, 1.05, 0.1))
    )
    floor = _TOP + _HIGH
    line = ""
    if limit is not None:
        x = _place(limit, first)
        line = f'<line class="limit" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 8}" y2="{floor}"/>'
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Rows by cosine">'
        f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{floor}" y2="{floor}"/>'
        f"{_draw_bars(counts[0], counts[1], lows, most)}{line}{marks}"
        f'<text x="{_LEFT - 6}" y="{_TOP + 5}" text-anchor="end">{most:,}</text>'
        f'<text x="{_LEFT - 6}" y="{floor}" text-anchor="end">0</text></svg>'
    )


def _place(cosine: float, first: float) -> float:
    """Returns how far to the right a cosine stands."""
    return float(_LEFT + (cosine - first) / (1 - first) * _ACROSS)


def _draw_bars(dropped: np.ndarray, review: np.ndarray, lows: list[str], most: int) -> str:
    """Returns the bars, each with its numbers to be read when pointed at."""
    wide, drawn = _ACROSS / len(dropped), []
    for at, (n_dropped, n_review) in enumerate(zip(dropped.tolist(), review.tolist(), strict=True)):
        if not n_dropped + n_review:
            continue
        tall, taller = n_dropped / most * _HIGH, (n_dropped + n_review) / most * _HIGH
        across = f'x="{_LEFT + at * wide + 0.75:.2f}" width="{wide - 1.5:.2f}"'
        title = f"cosine {lows[at]} to {lows[at + 1]}: {n_dropped:,} removed, {n_review:,} to review"
        drawn.append(
            f"<g><title>{title}</title>"
            f'<rect class="drop" {across} y="{_TOP + _HIGH - tall:.2f}" height="{tall:.2f}"/>'
            f'<rect class="review" {across} y="{_TOP + _HIGH - taller:.2f}" height="{taller - tall:.2f}"/></g>'
        )
    return "".join(drawn)
