"""The account of a deduplication: as data with every row, and as a page for people."""

import json
import math
import re
from collections.abc import Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.duplicates.decide import DROP, REVIEW
from nomic_explore.duplicates.describe import describe_reasons, find_places, format_flags
from nomic_explore.duplicates.matches import LEXICAL
from nomic_explore.duplicates.report.histogram import draw_histogram
from nomic_explore.files import check_target, write_text

if TYPE_CHECKING:
    from nomic_explore.duplicates.deduplication import Deduplication

FORMAT = 1  # of the JSON
REPORT_ENDINGS = (".html", ".json")
_MAX_LISTED = 2_000  # rows of each list in a page: about a megabyte, which a browser opens at once
_EXCERPT = 200  # characters of a text
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def write_report(deduplication: "Deduplication", path: str | Path) -> Path:
    """Writes the account as .html or .json, whole or not at all, and returns the path."""
    target = check_target(path, REPORT_ENDINGS)
    pieces = _as_json(deduplication) if target.suffix.lower() == ".json" else _as_page(deduplication)
    return write_text(target, pieces)


def list_rows(deduplication: "Deduplication", role: int) -> Iterator[dict[str, Any]]:
    """Yields what there is to say of each row of a role, ready for JSON; in order of rows, those to review by groups."""
    found, corpus = deduplication.duplicates, deduplication.corpus
    rows = np.flatnonzero(found.role_codes == role)
    if role == REVIEW:
        rows = rows[np.argsort(found.groups[rows], kind="stable")]
    places = find_places(found, rows)
    overlaps, pairs = found.evidence.pairs.overlaps, found.evidence.pairs
    details = zip(
        rows.tolist(), places.tolist(), describe_reasons(found, rows), format_flags(pairs, places), strict=True
    )
    for row, place, reason, flags in details:
        match = int(found.matches[row])
        told: dict[str, Any] = {"group": int(found.groups[row])} if role == REVIEW else {}
        told |= {"row": row, "id": corpus.ids[row]}
        other = "duplicate_of" if role == DROP else "resembles"
        told |= {other: match, f"{other}_id": corpus.ids[match], "kind": str(found.kinds[row])}
        told |= {"similarity": _rounded(found.similarities[row])}
        told |= {"overlap": _rounded(overlaps[place]) if place >= 0 else None, "flags": flags}
        yield {
            **told,
            "reason": reason,
            "text": _excerpt(corpus.texts[row]),
            "other_text": _excerpt(corpus.texts[match]),
        }


def _as_json(deduplication: "Deduplication") -> Iterator[str]:
    """Yields the account as JSON, a row a line."""
    head = {"format": FORMAT, "made_by": deduplication.made_by, "counts": deduplication.summary()}
    yield json.dumps(head, ensure_ascii=False, indent=1, default=str)[:-2]
    for name, role in (("removed", DROP), ("review", REVIEW)):
        yield f',\n "{name}": ['
        for at, row in enumerate(list_rows(deduplication, role)):
            yield (",\n  " if at else "\n  ") + json.dumps(row, ensure_ascii=False)
        yield "]"
    yield "\n}\n"


def _as_page(deduplication: "Deduplication") -> Iterator[str]:
    """Yields the account as a page that asks for nothing but itself."""
    counts = deduplication.summary()
    name = _safe(deduplication.corpus.name)
    style = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
    yield f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<link rel="icon" href="data:,">
<title>Duplicates in {name}</title>
<style>{style}</style>
</head>
<body><main>
<h1>Duplicates in {name}</h1>
<p class="lead">{_format_result(counts)}</p>
<nav><a href="#asked">What was asked</a><a href="#removed">Removed rows</a><a href="#review">To review</a></nav>
<h2>What was found</h2>
<div class="pair-of">{_draw_counts(counts)}{_draw_similarities(deduplication)}</div>
<h2 id="asked">What was asked</h2>
{_draw_questions(deduplication)}
"""
    yield f'<h2 id="removed">Removed rows</h2>\n<p class="soft">{_format_listing(counts["dropped"], "JSON report")}</p>\n'
    for row, _ in zip(list_rows(deduplication, DROP), range(_MAX_LISTED), strict=False):
        yield _draw_row(row, "removed", row["duplicate_of"], row["duplicate_of_id"], "kept")
    yield f'<h2 id="review">To review</h2>\n<p class="soft">{_format_review(counts["review"])}</p>\n'
    listed = (row for row, _ in zip(list_rows(deduplication, REVIEW), range(_MAX_LISTED), strict=False))
    for group, rows in groupby(listed, key=lambda row: row["group"]):
        yield f"<h3>Group {group}</h3>\n"
        for row in rows:
            yield _draw_row(row, "review", row["resembles"], row["resembles_id"], "resembles")
    yield "</main></body>\n</html>\n"


def _format_result(counts: dict[str, Any]) -> str:
    dropped, rows = counts["dropped"], counts["rows"]
    told = f"<b>{dropped:,} of {rows:,} rows</b> ({counts['share_dropped']:.1%} of those with text) are duplicates of kept rows"
    may_be = (
        f"; {counts['review']:,} that stay may be duplicates of others and ask for a look" if counts["review"] else ""
    )
    return f"{told}{may_be}. {counts['kept']:,} rows stay."


def _draw_counts(counts: dict[str, Any]) -> str:
    """Returns a table of rows by kind of evidence and what became of them."""
    dropped, review = counts["dropped_by_kind"], counts["review_by_kind"]
    lines = "".join(
        f"<tr><th>{_KINDS[kind]}</th><td>{n_dropped:,}</td><td>{review[kind]:,}</td></tr>"
        for kind, n_dropped in dropped.items()
        if n_dropped or review[kind] or kind != "verdict"
    )
    aside = f"<p class='soft'>{counts['without_text']:,} rows without text stay.</p>" if counts["without_text"] else ""
    return (
        "<div><table><thead><tr><th>evidence</th><th>removed</th><th>to review</th></tr></thead>"
        f"<tbody>{lines}</tbody>"
        f"<tfoot><tr><th>in {counts['groups']:,} groups</th><td>{counts['dropped']:,}</td><td>{counts['review']:,}</td></tr>"
        f"</tfoot></table>{aside}</div>"
    )


_KINDS = {
    "exact": "the same text",
    "normalised": "equal but for case, space, punctuation",
    "lexical": "much of the same text",
    "semantic": "nearly the same meaning",
    "verdict": "somebody said so",
}


def _draw_similarities(deduplication: "Deduplication") -> str:
    """Returns a histogram of the cosines of what is not simply equal."""
    found = deduplication.duplicates
    is_scored = (found.kind_codes >= LEXICAL) & np.isfinite(found.similarities)
    dropped, review = (found.similarities[is_scored & (found.role_codes == role)] for role in (DROP, REVIEW))
    if not len(dropped) + len(review):
        return '<p class="soft">All duplicates found are equal texts, or equal but for case, space and punctuation.</p>'
    drawn = draw_histogram(dropped, review, None if deduplication.made_by.get("exact_only") else found.min_similarity)
    return (
        f"<figure>{drawn}<figcaption><span class='key drop'></span>removed<span class='key review'></span>to review. "
        "Rows by the cosine to the row they go for or resemble; equal texts are left out. A duplicate by its letters may have any "
        "cosine; from the dashed line on, meaning alone asks for a look.</figcaption></figure>"
    )


def _draw_questions(deduplication: "Deduplication") -> str:
    """Returns what made the deduplication as a list of terms."""
    made = deduplication.made_by
    vectors, asked = made.get("vectors") or {}, made.get("min_similarity_asked")
    told = {
        "kept of several copies": made["keep"],
        "removed for": ", ".join(_KINDS[kind] for kind in made["kinds"]),
        "meaning asks from": _format_threshold(made) if asked is not None else None,
        "text": " + ".join(made["columns"]) if made.get("columns") else made.get("text"),
        "compared only within": made.get("block_by"),
        "model": vectors.get("model") or ("none" if not vectors else "vectors were given"),
        "task and prefix": " / ".join(filter(None, (vectors.get("task"), repr(vectors.get("prefix", "")))))
        if "task" in vectors
        else None,
        "verdicts of people": f"{made['n_verdicts']:,}" if made["n_verdicts"] else None,
        "nomic_explore": made["nomic_explore"],
    }
    lines = [f"<dt>{term}</dt><dd>{_safe(str(value))}</dd>" for term, value in told.items() if value]
    for file in made["inputs"]["files"]:
        lines.append(f"<dt>file</dt><dd>{_safe(file['name'])} <code>sha256 {_safe(file['sha256'])}</code></dd>")
    lines.append(f"<dt>texts</dt><dd><code>sha256 {_safe(made['inputs']['texts_sha256'])}</code></dd>")
    return f"<dl>{''.join(lines)}</dl>"


def _format_threshold(made: dict[str, Any]) -> str:
    told = f"cosine {made['min_similarity']:.3f}" + (" (auto)" if made["min_similarity_asked"] == "auto" else "")
    below = made.get("background", {}).get("share_of_unrelated_below")
    if below is None:
        return told
    n = made["background"]["n_unrelated"]
    share = "all" if below >= 1 else f"{math.floor(1000 * below) / 10:g} % of"
    return f"{told}, above {share} the {n:,} nearest unrelated neighbors"


def _format_listing(n: int, elsewhere: str) -> str:
    if not n:
        return "None."
    if n <= _MAX_LISTED:
        return "All of them, in the order of the source; of each text the beginning."
    return f"The first {_MAX_LISTED:,} of {n:,}, in the order of the source; the {elsewhere} holds all."


def _format_review(n: int) -> str:
    if not n:
        return "Nothing."
    first = f"The first {_MAX_LISTED:,} of {n:,}; the JSON report holds all. " if n > _MAX_LISTED else ""
    return f"{first}These rows stay. The evidence is not enough to remove them, or says that something differs."


def _draw_row(row: dict[str, Any], looks: str, other: int, other_id: str, becomes: str) -> str:
    """Returns a row beside the one it goes for or resembles."""
    scores = [f"cosine {row['similarity']:.3f}"] if row["similarity"] is not None else []
    scores += [f"overlap {row['overlap']:.2f}"] if row["overlap"] is not None else []
    flags = f'<span class="flags">{_safe(row["flags"])}</span>' if row["flags"] else ""
    role = "removed" if looks == "removed" else "to review"
    return (
        f'<article class="is-{looks}"><header><span class="kind">{_safe(row["kind"])}</span><span>{_safe(row["reason"])}</span>'
        f'{flags}<span class="score">{", ".join(scores)}</span></header><div class="texts">'
        f"{_draw_text(role, row['row'], row['id'], row['text'])}{_draw_text(becomes, other, other_id, row['other_text'])}"
        "</div></article>\n"
    )


def _draw_text(role: str, row: int, name: str, text: str) -> str:
    named = f"{role}: row {row} · id {_safe(name)}"
    return f'<blockquote dir="auto"><span class="named" dir="ltr">{named}</span>{_safe(text)}</blockquote>'


def _excerpt(text: str | None) -> str:
    """Returns the beginning of a text, spaces and line ends as one space."""
    begun = " ".join((text or "")[: 4 * _EXCERPT].split())
    return (
        begun if len(begun) <= _EXCERPT and len(text or "") <= 4 * _EXCERPT else begun[:_EXCERPT].rstrip() + "\u00a0…"
    )


def _safe(text: str) -> str:
    """Returns text as markup that shows it, whatever it holds."""
    return escape(_UNSEEN.sub(" ", text))


def _rounded(value: Any) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
