"""The deduplication report: as JSON with every row, and as an HTML page for people."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from nomic_explore.duplicates.decide import Decisions
from nomic_explore.duplicates.describe import count_outcomes, describe_reasons, find_places, format_flags
from nomic_explore.duplicates.matches import LEXICAL
from nomic_explore.duplicates.report.histogram import draw_histogram
from nomic_explore.duplicates.roles import DROP, REVIEW
from nomic_explore.files import check_target, write_text

if TYPE_CHECKING:
    from nomic_explore.corpus import Corpus

FORMAT = 1  # of the JSON
REPORT_ENDINGS = (".html", ".json")
_MAX_LISTED = 2_000  # rows of each list in a page: about a megabyte, which a browser opens at once
_EXCERPT = 200  # characters of a text
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_KINDS = {
    "exact": "the same text",
    "normalised": "equal but for case, space, punctuation",
    "lexical": "much of the same text",
    "semantic": "nearly the same meaning",
    "verdict": "labeled by a person",
}


class MadeBy(TypedDict, total=False):
    """What decisions were made from and with, ready for JSON."""

    nomic_explore: str
    corpus: str
    rows: int
    inputs: Mapping[str, object]
    text: str | Sequence[str] | None
    id: str | None
    limit: int | None
    columns: list[str]
    block_by: str | None
    exact_only: bool
    vectors: Mapping[str, Any] | None
    min_similarity: float | None
    min_similarity_asked: float | str | None
    background: Mapping[str, Any]
    kinds: list[str]
    keep: str
    keep_n: int
    keep_fraction: float
    n_verdicts: int


def write_report(corpus: "Corpus", duplicates: Decisions, made_by: MadeBy, path: str | Path) -> Path:
    """Writes the report as .html or .json, whole or not at all, and returns the path.

    Args:
        corpus: n rows.
        duplicates: the decisions on them.
        made_by: the source, settings and model they were made with, ready for JSON.
        path: ends in .html or .json.

    Raises:
        ValueError: the path ends in something else.
        FileNotFoundError: its folder does not exist.
    """
    target = check_target(path, REPORT_ENDINGS)
    write = _as_json if target.suffix.lower() == ".json" else _as_page
    return write_text(target, write(corpus, duplicates, made_by))


def _as_json(corpus: "Corpus", duplicates: Decisions, made_by: MadeBy) -> Iterator[str]:
    """Yields the report as JSON, one row per line."""
    head = {"format": FORMAT, "made_by": made_by, "counts": count_outcomes(duplicates, len(corpus.rows))}
    yield json.dumps(head, ensure_ascii=False, indent=1, default=str)[:-2]
    for name, role in (("removed", DROP), ("review", REVIEW)):
        yield f',\n "{name}": ['
        for at, row in enumerate(_list_rows(corpus, duplicates, role)):
            yield (",\n  " if at else "\n  ") + json.dumps(row, ensure_ascii=False)
        yield "]"
    yield "\n}\n"


def _as_page(corpus: "Corpus", duplicates: Decisions, made_by: MadeBy) -> Iterator[str]:
    """Yields the report as an HTML page that loads nothing."""
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    def without_control(value: object) -> object:
        return _CONTROL.sub(" ", value) if isinstance(value, str) and not isinstance(value, Markup) else value

    folder = Path(__file__).parent
    templates = Environment(loader=FileSystemLoader(folder), autoescape=True, finalize=without_control)
    counts = count_outcomes(duplicates, len(corpus.rows))
    dropped, review = counts["dropped_by_kind"], counts["review_by_kind"]
    flagged = islice(_list_rows(corpus, duplicates, REVIEW), _MAX_LISTED)
    return templates.get_template("report.html.j2").generate(
        name=corpus.name,
        style=(folder / "report.css").read_text(encoding="utf-8"),
        counts=counts,
        kinds=[
            (label, dropped[kind], review[kind])
            for kind, label in _KINDS.items()
            if dropped[kind] or review[kind] or kind != "verdict"
        ],
        histogram=_draw_similarities(duplicates, is_exact_only=bool(made_by.get("exact_only"))),
        settings=_list_settings(made_by),
        inputs=made_by["inputs"],
        removed=islice(_list_rows(corpus, duplicates, DROP), _MAX_LISTED),
        review_groups=groupby(flagged, key=lambda row: row["group"]),
        max_listed=_MAX_LISTED,
    )


def _list_rows(corpus: "Corpus", duplicates: Decisions, role: int) -> Iterator[dict[str, object]]:
    """Yields what the report says of each row with a role, ready for JSON; in row order, those for review by group."""
    rows = np.flatnonzero(duplicates.role_codes == role)
    if role == REVIEW:
        rows = rows[np.argsort(duplicates.groups[rows], kind="stable")]
    places = find_places(duplicates, rows)
    overlaps, pairs = duplicates.evidence.pairs.overlaps, duplicates.evidence.pairs
    reasons, flags = describe_reasons(duplicates, rows), format_flags(pairs, places)
    other = "duplicate_of" if role == DROP else "resembles"
    for row, place, reason, flag in zip(rows.tolist(), places.tolist(), reasons, flags, strict=True):
        match = int(duplicates.matches[row])
        yield {
            **({"group": int(duplicates.groups[row])} if role == REVIEW else {}),
            "row": row,
            "id": corpus.ids[row],
            other: match,
            f"{other}_id": corpus.ids[match],
            "kind": str(duplicates.kinds[row]),
            "similarity": _round(duplicates.similarities[row]),
            "overlap": _round(overlaps[place]) if place >= 0 else None,
            "flags": flag,
            "reason": reason,
            "text": _excerpt(corpus.texts[row]),
            "other_text": _excerpt(corpus.texts[match]),
        }


def _draw_similarities(duplicates: Decisions, *, is_exact_only: bool) -> str:
    """Returns a histogram of the cosines of matches that are not simply equal, as SVG; "" if there are none."""
    is_scored = (duplicates.kind_codes >= LEXICAL) & np.isfinite(duplicates.similarities)
    dropped, review = (duplicates.similarities[is_scored & (duplicates.role_codes == role)] for role in (DROP, REVIEW))
    if not len(dropped) + len(review):
        return ""
    return draw_histogram(dropped, review, None if is_exact_only else duplicates.min_similarity)


def _list_settings(made_by: MadeBy) -> list[tuple[str, str]]:
    """Returns the settings and what the vectors were made with, by name; those that do not apply are left out."""
    vectors, asked = made_by.get("vectors") or {}, made_by.get("min_similarity_asked")
    settings = {
        "kept of several duplicates": made_by["keep"],
        "removed for": ", ".join(_KINDS[kind] for kind in made_by["kinds"]),
        "meaning flags from": _format_threshold(made_by) if asked is not None else None,
        "text": " + ".join(made_by["columns"]) if made_by.get("columns") else made_by.get("text"),
        "compared only within": made_by.get("block_by"),
        "model": vectors.get("model") or ("none" if not vectors else "vectors were given"),
        "task and prefix": " / ".join(filter(None, (vectors.get("task"), repr(vectors.get("prefix", "")))))
        if "task" in vectors
        else None,
        "verdicts of people": f"{made_by['n_verdicts']:,}" if made_by["n_verdicts"] else None,
        "nomic_explore": made_by["nomic_explore"],
    }
    return [(term, str(value)) for term, value in settings.items() if value]


def _format_threshold(made_by: MadeBy) -> str:
    threshold = f"cosine {made_by['min_similarity']:.3f}"
    if made_by["min_similarity_asked"] == "auto":
        threshold += " (auto)"
    below = made_by.get("background", {}).get("share_of_unrelated_below")
    if below is None:
        return threshold
    share = "all" if below >= 1 else f"{math.floor(1000 * below) / 10:g} % of"
    return f"{threshold}, above {share} the {made_by['background']['n_unrelated']:,} nearest unrelated neighbors"


def _excerpt(text: str | None) -> str:
    """Returns the beginning of a text, runs of white space as one space."""
    start = " ".join((text or "")[: 4 * _EXCERPT].split())
    is_whole = len(start) <= _EXCERPT and len(text or "") <= 4 * _EXCERPT
    return start if is_whole else start[:_EXCERPT].rstrip() + "\u00a0…"


def _round(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
