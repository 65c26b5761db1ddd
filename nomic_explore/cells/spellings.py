"""Numbers, truth values and dates as people write them, read on request and recognized for a hint."""

import re
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from nomic_explore.cells.writing import Column, is_text

MISSING = ("", "-", "--", "?", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing", "unknown")
_TRUTHS = {"true": True, "yes": True, "y": True, "t": True, "on": True, "1": True}
_TRUTHS |= {"false": False, "no": False, "n": False, "f": False, "off": False, "0": False}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_N_FIRST, _N_SAMPLE = 20, 1_000  # cells that a hint looks at, at first and in all

# RE2. A number: sign, unit before, digits, unit behind; accountants write a negative one in brackets.
_NUMBER = r"^(?P<sign>[-+\x{2212}]?)\s*(?P<before>\p{Sc}|[A-Z]{3}|)\s*(?P<sign2>[-+\x{2212}]?)(?P<digits>[0-9][0-9.,' \x{a0}\x{202f}\x{2019}_]*|[.,][0-9]+)(?P<exponent>[eE][-+]?[0-9]+|)\s*(?P<behind>%|\x{2030}|\p{Sc}|[A-Z]{3}|)$"
_GROUPED = r"^[0-9]{1,3}(?:[ \x{a0}\x{202f}'\x{2019}_][0-9]{3})+(?:[.,][0-9]+)?$"
_POINT = r"^(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?$"
_COMMA = r"^(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)?(?:,[0-9]*)?$"


class AmbiguousSpellingError(ValueError):
    """All cells can be read in two ways that differ."""


def read_numbers(cells: Column) -> tuple[Column, str]:
    """Returns text as numbers, null where a cell is none, and the unit that stands beside them.

    Read are 1,234.5 and 1.234,5, 1 000, $5, 5 EUR, 5%, +5, (5) and 1e5. A percentage stays the number that stands there.

    Args:
        cells: (n,) strings.

    Raises:
        AmbiguousSpellingError: a comma or point may be that of decimals or of thousands, or there are several units.

    Example:
        >>> read_numbers(pa.array(["3,14", "1.234,50", None]))[0].to_pylist()
        [3.14, 1234.5, None]
        >>> read_numbers(pa.array(["$5", "$1,000.50"]))[1]
        '$'
    """
    text = pc.replace_substring_regex(pc.utf8_trim_whitespace(cells), r"^\((.+)\)$", r"-\1")
    parts = pc.extract_regex(text, _NUMBER)
    sign, before, inner, digits, exponent, behind = (
        pc.struct_field(parts, name) for name in ("sign", "before", "sign2", "digits", "exponent", "behind")
    )
    units = {unit for column in (before, behind) for unit in column.unique().to_pylist() if unit}
    n_bare = pc.sum(pc.and_(pc.equal(before, ""), pc.equal(behind, ""))).as_py() or 0
    if len(units) > 1 or (units & {"%", "‰"} and n_bare):
        some = " and ".join(sorted(units)) + (" and none" if n_bare else "")
        raise AmbiguousSpellingError(f"it holds numbers with several units ({some})")
    digits = pc.utf8_trim_whitespace(digits)
    grouped = pc.match_substring_regex(digits, _GROUPED)
    digits = pc.if_else(grouped, pc.replace_substring_regex(digits, r"[^0-9.,]", ""), digits)
    digits = _with_point(digits, prefers_point=bool(units & _ENGLISH))
    is_negative = pc.xor(pc.is_in(sign, _MINUS), pc.is_in(inner, _MINUS))
    written = pc.binary_join_element_wise(pc.if_else(is_negative, "-", ""), digits, exponent, "")
    is_whole = not pc.any(pc.match_substring_regex(written, "[.eE]")).as_py()
    try:
        numbers = written.cast(pa.int64() if is_whole else pa.float64())
    except pa.ArrowInvalid:  # beyond 64 bits
        numbers = written.cast(pa.float64())
    return numbers, units.pop() if units else ""


_ENGLISH = {"$", "£", "USD", "GBP"}  # where a comma separates thousands
_MINUS = pa.array(["-", "\u2212"])


def _with_point(digits: Column, *, prefers_point: bool) -> Column:
    """Returns digits without separators of thousands and with a decimal point; null where neither reading fits.

    Raises:
        AmbiguousSpellingError: both readings fit all cells, and differ.
    """
    is_point, is_comma = (pc.match_substring_regex(digits, pattern) for pattern in (_POINT, _COMMA))
    by_point = pc.if_else(is_point, pc.replace_substring(digits, ",", ""), None)
    by_comma = pc.if_else(is_comma, pc.replace_substring(pc.replace_substring(digits, ".", ""), ",", "."), None)
    if by_point.null_count != by_comma.null_count:
        return by_point if by_point.null_count < by_comma.null_count else by_comma
    differing = pc.filter(digits, pc.fill_null(pc.not_equal(by_point, by_comma), False))
    if len(differing) and not prefers_point:
        example = differing[0].as_py()
        raise AmbiguousSpellingError(f"{example!r} may have decimals or thousands behind its separator")
    return by_point


def read_truths(cells: Column) -> Column:
    """Returns text as truth values, null where a cell is none: true, yes, y, t, on, 1 and their opposites.

    Example:
        >>> read_truths(pa.array(["Yes", "n", "perhaps"])).to_pylist()
        [True, False, None]
    """
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(cells))
    places = pc.index_in(lowered, pa.array(list(_TRUTHS)))
    return pa.array(list(_TRUTHS.values())).take(places)


def read_dates(cells: Column) -> Column:
    """Returns text as dates, or as times if one cell has one; null where a cell is neither.

    Read are ISO 8601, 31.12.2023, 31/12/2023 and 12/31/2023 where it is clear which, 20231231, "Wed Oct 10 20:19:24 +0000
    2018" as Twitter writes it, "Wed, 10 Oct 2018 20:19:24 +0000" as mails do, 10 Oct 2018, Oct 10, 2018, and seconds, milli-,
    micro- or nanoseconds since 1970. Times with an offset become UTC.

    Args:
        cells: (n,) strings.

    Raises:
        AmbiguousSpellingError: no cell tells the day from the month.

    Example:
        >>> read_dates(pa.array(["31.12.2023", "1.2.2024"])).to_pylist()
        [datetime.date(2023, 12, 31), datetime.date(2024, 2, 1)]
        >>> read_dates(pa.array(["1539202764"]))[0].as_py().isoformat()
        '2018-10-10T20:19:24+00:00'
    """
    text = pc.utf8_trim_whitespace(cells)
    best: Column = pa.nulls(len(text), pa.date32())
    for read in (_since_1970, _year_first, _day_or_month_first, _named_month):
        found = read(text)
        if found is not None and found.null_count < best.null_count:
            best = found
    return best


def _since_1970(text: Column) -> Column | None:
    """Returns 9 or 10 digits as seconds since 1970, 12 or 13 as milliseconds, 15 or 16 as micro- and 18 or 19 as nanoseconds."""
    if not pc.any(pc.match_substring_regex(text, r"^[0-9]{9,19}(?:\.[0-9]*)?$")).as_py():
        return None
    whole = pc.replace_substring_regex(text, r"\.[0-9]*$", "")
    counts = [pc.match_substring_regex(whole, f"^[0-9]{{{n - 1},{n}}}$") for n in (10, 13, 16, 19)]
    for is_unit, unit in zip(counts, ("s", "ms", "us", "ns"), strict=True):
        if pc.any(is_unit).as_py():
            ticks = pc.if_else(is_unit, whole, None).cast(pa.int64())
            return ticks.cast(pa.timestamp(unit, "UTC")).cast(pa.timestamp("us", "UTC"), safe=False)
    return None


_CLOCK = (
    r"(?:[T ,]+(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2})(?:[.,](?P<f>[0-9]{1,9}))?)?\s*(?P<half>[aApP]\.?[mM]\.?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[-+][0-9]{2}:?[0-9]{2}|[-+][0-9]{2})?)?$"
)


def _year_first(text: Column) -> Column | None:
    """Returns 2023-12-31, 2023/12/31 and 20231231."""
    apart = pc.extract_regex(text, r"^(?P<y>[0-9]{4})[-/.](?P<mo>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})" + _CLOCK)
    joined = pc.extract_regex(text, r"^(?P<y>[0-9]{4})(?P<mo>[0-9]{2})(?P<d>[0-9]{2})" + _CLOCK)
    return _from_parts(apart if apart.null_count <= joined.null_count else joined)


def _day_or_month_first(text: Column) -> Column | None:
    """Returns 31.12.2023 and 12/31/2023: the part that exceeds 12 is the day, and with points the first always is."""
    pattern = r"^(?P<a>[0-9]{1,2})(?P<mark>[-/.])\s?(?P<b>[0-9]{1,2})[-/.]\s?(?P<y>[0-9]{4})" + _CLOCK
    parts = pc.extract_regex(text, pattern)
    if parts.null_count == len(parts):
        return None
    first, second = (pc.struct_field(parts, name).cast(pa.int32()) for name in ("a", "b"))
    is_day_first, is_month_first = (pc.any(pc.greater(part, 12)).as_py() for part in (first, second))
    if is_day_first == is_month_first and pc.any(pc.not_equal(pc.struct_field(parts, "mark"), ".")).as_py():
        if is_day_first:
            return None
        if pc.any(pc.not_equal(first, second)).as_py():
            example = pc.filter(text, pc.fill_null(pc.not_equal(first, second), False))[0].as_py()
            raise AmbiguousSpellingError(f"nothing tells whether {example!r} starts with the day or the month")
    day, month = ("b", "a") if is_month_first and not is_day_first else ("a", "b")
    return _from_parts(parts, day=day, month=month)


def _named_month(text: Column) -> Column | None:
    """Returns dates whose month is a word, in the orders of Twitter, of mails and of texts."""
    name = r"(?P<mo>[A-Za-z]{3})[a-z]*\.?"
    weekday = r"^(?:[A-Za-z]{3,9},?\s+)?"
    twitter = rf"{weekday}{name} +(?P<d>[0-9]{{1,2}}) (?P<h>[0-9]{{1,2}}):(?P<m>[0-9]{{2}}):(?P<s>[0-9]{{2}})(?P<f>)(?P<half>) (?P<zone>[-+][0-9]{{4}}|UTC|GMT) (?P<y>[0-9]{{4}})$"
    mail = rf"{weekday}(?P<d>[0-9]{{1,2}})(?:\.|st|nd|rd|th)?[- ]+{name}[-, ]+(?P<y>[0-9]{{4}})" + _CLOCK
    words = rf"{weekday}{name} +(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,? +(?P<y>[0-9]{{4}})" + _CLOCK
    best = None
    for pattern in (twitter, mail, words):
        parts = pc.extract_regex(text, pattern)
        if parts.null_count < len(parts) and (best is None or parts.null_count < best.null_count):
            best = parts
    return None if best is None else _from_parts(best, is_named=True)


def _from_parts(parts: Column, *, day: str = "d", month: str = "mo", is_named: bool = False) -> Column | None:
    """Returns the dates, or the times, of the parts that a pattern extracted; null where there is no such day."""
    if parts.null_count == len(parts):
        return None
    part = {field.name: pc.struct_field(parts, field.name) for field in parts.type}
    months = part[month]
    if is_named:
        places = pc.index_in(pc.utf8_lower(months), pa.array(_MONTHS))
        months = pc.add(places, 1).cast(pa.string())
    dates = pc.binary_join_element_wise(part["y"], pc.utf8_lpad(months, 2, "0"), pc.utf8_lpad(part[day], 2, "0"), "-")
    has_time = pc.any(pc.not_equal(part["h"], "")).as_py()
    if not has_time:
        return _parsed(dates, pa.date32())
    hour = _if_blank(part["h"], "0").cast(pa.int32())
    half = pc.utf8_lower(part["half"])
    hour = pc.if_else(pc.equal(half, ""), hour, pc.add(_modulo_12(hour), pc.if_else(pc.starts_with(half, "p"), 12, 0)))
    clock = pc.binary_join_element_wise(
        pc.utf8_lpad(hour.cast(pa.string()), 2, "0"), _if_blank(part["m"], "00"), _if_blank(part["s"], "00"), ":"
    )
    digits = pc.utf8_slice_codeunits(pc.utf8_rpad(part["f"], 6, "0"), 0, 6)
    zone = pc.replace_substring_regex(part["zone"], "^(?:UTC|GMT)$", "Z")
    has_zone = pc.any(pc.not_equal(zone, "")).as_py()
    zone = _if_blank(zone, "Z") if has_zone else zone
    moments = pc.binary_join_element_wise(dates, "T", clock, ".", digits, zone, "")
    return _parsed(moments, pa.timestamp("us", "UTC" if has_zone else None))


def _modulo_12(hour: Column) -> Column:
    return pc.if_else(pc.equal(hour, 12), 0, hour)


def _if_blank(column: Column, instead: str) -> Column:
    return pc.if_else(pc.equal(column, ""), instead, column)


def _parsed(texts: Column, kind: pa.DataType) -> Column:
    """Returns texts in ISO 8601 as dates or times, null where there is no such day."""
    try:
        return texts.cast(kind)
    except pa.ArrowInvalid:
        values = []
        for text in texts.to_pylist():
            try:
                values.append(None if text is None else pa.scalar(text).cast(kind))
            except pa.ArrowInvalid:
                values.append(None)
        return pa.array([None if value is None else value.as_py() for value in values], kind)


_READERS: dict[str, Callable[[Column], Column]] = {
    "number": lambda cells: read_numbers(cells)[0],
    "date": read_dates,
    "boolean": read_truths,
}


def is_missing(cells: Column) -> Column:
    """Returns which cells say that there is no value: blank, NA, n/a, null, none, nan, - and the like.

    Example:
        >>> is_missing(pa.array(["NA", "-", "0"])).to_pylist()
        [True, True, False]
    """
    return pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(cells)), pa.array(MISSING))


def suggest(column: Column) -> str | None:
    """Returns the kind that a column of text looks like, as `dtype=` takes it; None if it is text, or has a type.

    Args:
        column: n values; the first thousand are looked at.

    Example:
        >>> suggest(pa.array(["3,14", "2,50"])), suggest(pa.array(["31.12.2023"])), suggest(pa.array(["a cat"]))
        ('number', 'date', None)
    """
    if not is_text(column.type):
        return None
    kind = None
    for n in (_N_FIRST, _N_SAMPLE):
        cells = column.drop_null().slice(0, n).cast(pa.string())
        cells = pc.filter(cells, pc.invert(is_missing(cells)))
        kind = next(_kinds_of(cells), None) if len(cells) else None
        if kind is None and len(cells):
            break
    return kind


def _kinds_of(cells: Column) -> Iterator[str]:
    if pc.all(pc.match_substring_regex(cells, r"^[+0]?[0-9]{4,}$")).as_py() and not _are_moments(cells):
        return  # postcodes, telephone numbers, ids
    for kind in ("boolean", "date", "number"):
        try:
            if not _READERS[kind](cells).null_count:
                yield kind
        except ValueError:
            continue


def _are_moments(cells: Column) -> bool:
    """Whether all cells can be seconds or milliseconds between 1990 and 2040."""
    return bool(re.fullmatch("(?:[0-9]{10})|(?:[0-9]{13})", cells[0].as_py() or ""))
