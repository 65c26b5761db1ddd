"""A small corpus as libraries have it: titles, authors, addresses, numbers, dates, lists, and a language from right to left."""

import datetime as dt
from typing import Any

N_PAPERS = 130
THEMES = ("galaxies", "proteins", "markets", "grammar")
ARABIC = "الخرائط القديمة تصف العالم."


def paper_table() -> dict[str, list[Any]]:
    """Returns the columns of N_PAPERS papers; papers 0 and 1 are equal but for their numbers, the abstract of 2 is Arabic."""
    numbers = range(N_PAPERS)
    themes = [THEMES[at % len(THEMES)] for at in numbers]
    words = [f"word{at} term{7 * at % N_PAPERS} item{at // 3}" for at in numbers]
    abstracts = [f"We study {theme} and {own}. " * 12 for theme, own in zip(themes, words, strict=True)]
    abstracts[1], abstracts[2] = abstracts[0], ARABIC
    titles = [f"On {theme}, part {at:03}" for at, theme in enumerate(themes)]
    titles[1] = titles[0]
    return {
        "title": titles,
        "abstract": abstracts,
        "authors": [f"Ada Lovelace {at}, Zoë Żak and {at} others" for at in numbers],
        "doi": [f"10.1000/paper.{at}" for at in numbers],
        "link": [f"see https://example.org/p/{at}?q=a&b=1." if at % 2 else "javascript:alert(1)" for at in numbers],
        "arxiv_id": [f"1603.{at:05}" for at in numbers],
        "theme": themes,
        "score": [None if at % 10 == 0 else at + 0.1 + 0.2 for at in numbers],
        "sent": [dt.datetime(2020, 1, 1, 12 * (at % 2)) + dt.timedelta(days=at) for at in numbers],
        "keywords": [[theme, f"k{at % 3}"] for at, theme in enumerate(themes)],
        "remark": [f"Remark {at}. " + "long " * 200 for at in numbers],
    }
