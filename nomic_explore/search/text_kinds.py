"""Columns of text that hold numbers or dates: what they look like, and how to read them as what they are."""

import re
from collections.abc import Iterable

_HEAD = 200
_MIN_SHARE = 0.95
_CURRENCY = "$€£¥"
_NUMBER = re.compile(
    rf"[{_CURRENCY}]?\s?[+-]?[{_CURRENCY}]?\s?([0-9]+|[0-9]*[.,][0-9]+|[0-9]{{1,3}}([., '][0-9]{{3}})+([.,][0-9]+)?)\s?[%{_CURRENCY}]?"
)
_DATES = (
    re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-]([0-9]{4}|[0-9]{2})([T ,].*)?"),
    re.compile(r"[0-9]{4}[./][0-9]{1,2}[./][0-9]{1,2}([T ,].*)?"),
    re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?"),
    re.compile(
        r"((Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?([0-9]{1,2} )?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?,? .*[0-9]{4}.*"
    ),
)


def text_kind(strings: Iterable[str | None]) -> str | None:
    """Returns what some strings hold that are written as text: "number", "date", or None for text.

    Args:
        strings: of a column; the first 200 that are not blank decide, 95 % of which must look alike.

    Example:
        >>> text_kind(["31.12.2023", "1.1.2024"]), text_kind(["3,14", "$5", None, "12 %"]), text_kind(["a", "5"])
        ('date', 'number', None)
    """
    head = [
        value.strip() for value, _ in zip((one for one in strings if one and one.strip()), range(_HEAD), strict=False)
    ]
    if not head:
        return None
    if sum(any(form.fullmatch(value) for form in _DATES) for value in head) >= _MIN_SHARE * len(head):
        return "date"
    return "number" if sum(bool(_NUMBER.fullmatch(value)) for value in head) >= _MIN_SHARE * len(head) else None


def compares_as_text(strings: Iterable[str | None]) -> bool:
    """Returns whether strings that look like numbers have the order of the numbers: digits, and equally many.

    Example:
        >>> compares_as_text(["2010", "2015"]), compares_as_text(["9", "10"])
        (True, False)
    """
    found = {value.strip() for value in strings if value and value.strip()}
    return all(value.isdecimal() for value in found) and len({len(value) for value in found}) <= 1


def advise_dtype(column: str, kind: str) -> str:
    """Returns the words that tell how a column of text is read as what it holds.

    Example:
        >>> advise_dtype("dmy", "date")
        "Column 'dmy' holds dates written as text; read the table with dtype={'dmy': 'date'}"
    """
    return f"Column {column!r} holds {kind}s written as text; read the table with dtype={{{column!r}: {kind!r}}}"
