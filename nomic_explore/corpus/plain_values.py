"""Python objects of any kind as values that Arrow has a type for, or as text."""

import datetime as dt
import json
import math
import re
from collections import deque
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

_LISTS = (list, tuple, set, frozenset, deque, range)
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+(?=>)")  # of an object in memory, another one each time
_KEPT = (bool, int, float, bytes, Decimal, dt.date, dt.time, dt.timedelta)  # Arrow has types for them


def text_of(value: object) -> str:
    """Returns a value as text: strings as they are, lists and dicts as JSON, dates as ISO 8601, others as Python writes them.

    Example:
        >>> text_of(1.5), text_of({"a": [1, None]}), text_of("007")
        ('1.5', '{"a": [1, null]}', '007')
    """
    if isinstance(value, str):
        return repair_surrogates(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return _text_of_bytes(bytes(value))
    if isinstance(value, (Mapping, np.ndarray, *_LISTS)):
        return json_of(value)
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return repair_surrogates(_ADDRESS.sub("", str(value)))


def json_of(value: object) -> str:
    """Returns lists and dicts as JSON; keys keep their order, and what JSON has no form for becomes text.

    Example:
        >>> json_of({"b": 1, "a": float("inf")})
        '{"b": 1, "a": "inf"}'
    """
    return json.dumps(_jsonable(value), ensure_ascii=False)


def repair_surrogates(text: str) -> str:
    r"""Returns a text without halves of characters: two that belong together become one, others U+FFFD.

    Example:
        >>> repair_surrogates("a \ud83d")
        'a \ufffd'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def is_missing(value: object) -> bool:
    """Returns whether a value stands for none: None, NaN, pandas' NA and NaT.

    Example:
        >>> is_missing(float("nan")), is_missing(0), is_missing([])
        (True, False, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, float | np.floating):
        return math.isnan(value)
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    return isinstance(value, Decimal) and value.is_nan()


def plain_value(value: object) -> object:
    """Returns a value without the kinds that Arrow cannot take: arrays and sets become lists, other objects text.

    Example:
        >>> import numpy as np
        >>> plain_value({1: np.zeros((1, 2)), "kinds": {"a"}})
        {'1': [[0.0, 0.0]], 'kinds': ['a']}
    """
    if is_missing(value):
        return None
    if isinstance(value, str):
        return repair_surrogates(value)
    if isinstance(value, _KEPT):
        return value
    if isinstance(value, np.bool_ | np.integer | np.floating) and not isinstance(value, np.longdouble):
        return value.item()
    if isinstance(value, Mapping):
        keys = [text_of(key) for key in value]
        if len(set(keys)) < len(keys):
            return repair_surrogates(str(value))
        return {key: plain_value(part) for key, part in zip(keys, value.values(), strict=True)}
    if isinstance(value, _LISTS):
        return [plain_value(part) for part in value]
    listed = value.tolist() if hasattr(value, "tolist") else None  # an array, also of another library
    return plain_value(listed) if isinstance(listed, list | bool | int | float) else text_of(value)


def has_surrogates(value: object) -> bool:
    r"""Returns whether a string, or one inside a list or a dict, holds half a character.

    Example:
        >>> has_surrogates(["whole", {"half": "\ud83d"}])
        True
    """
    if isinstance(value, str):
        return repair_surrogates(value) is not value
    if isinstance(value, Mapping):
        return any(has_surrogates(part) for item in value.items() for part in item)
    return isinstance(value, _LISTS) and any(map(has_surrogates, value))


def _jsonable(value: object) -> object:
    plain = plain_value(value)
    if isinstance(plain, dict):
        return {key: _jsonable(part) for key, part in plain.items()}
    if isinstance(plain, list):
        return [_jsonable(part) for part in plain]
    if isinstance(plain, float):
        return plain if math.isfinite(plain) else str(plain)
    return plain if plain is None or isinstance(plain, bool | int | str) else text_of(plain)


def _text_of_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return str(value)
