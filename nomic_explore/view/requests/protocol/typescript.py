"""The TypeScript twin of the protocol: `python -m nomic_explore.view.requests.protocol.typescript` writes `js/protocol.ts`."""

import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from nomic_explore.view.requests.protocol import QUESTIONS
from nomic_explore.view.requests.protocol.edits import Annotations
from nomic_explore.view.requests.protocol.topics import StoredTopics

PATH = Path(__file__).parents[2] / "js" / "protocol.ts"
_PLAIN: dict[object, str] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    bytes: "DataView<ArrayBuffer>",
    type(None): "null",
    Any: "any",
}


def typescript() -> str:
    """Returns the source of `js/protocol.ts`: a type for each TypedDict of the protocol and the table of questions.

    Example:
        >>> "describe: { request: PointRequest; response: DescribeResponse };" in typescript()
        True
    """
    found: dict[str, type] = {}
    for kind in [Annotations, StoredTopics, *(part for question in QUESTIONS.values() for part in question)]:
        _collect(kind, found)
    questions = [
        f"  {name}: {{ request: {question.request.__name__}; response: {question.response.__name__} }};"
        for name, question in QUESTIONS.items()
    ]
    parts = [
        "// Made from nomic_explore/view/requests/protocol by `make protocol`; edit it there.",
        *(_declare(kind) for kind in found.values()),
        "/** What is sent with each question, and what comes back. */\n"
        + "\n".join(["export type Questions = {", *questions, "};"]),
        "export type Question = keyof Questions;",
        'export type RequestOf<Q extends Question> = Questions[Q]["request"];',
        'export type ResponseOf<Q extends Question> = Questions[Q]["response"];',
    ]
    return "\n\n".join(parts) + "\n"


def _collect(kind: object, found: dict[str, type]) -> None:
    """Adds a TypedDict, and those that its fields hold, by name."""
    if not (isinstance(kind, type) and is_typeddict(kind)):
        for part in get_args(kind):
            _collect(part, found)
    elif kind.__name__ not in found:
        for part in get_type_hints(kind).values():
            _collect(part, found)
        found[kind.__name__] = kind


def _declare(kind: type) -> str:
    """Returns the declaration of a TypedDict."""
    required: frozenset[str] = getattr(kind, "__required_keys__", frozenset())
    fields = get_type_hints(kind).items()
    lines = [f"  {name}{'' if name in required else '?'}: {_written(part)};" for name, part in fields]
    body = " {\n" + "\n".join(lines) + "\n}" if lines else " Record<string, never>"
    summary = " ".join((kind.__doc__ or "").split())
    return f"/** {summary} */\nexport type {kind.__name__} ={body};"


def _written(kind: object) -> str:
    """Returns a type as TypeScript writes it."""
    if isinstance(kind, type) and is_typeddict(kind):
        return kind.__name__
    if kind in _PLAIN:
        return _PLAIN[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin is NotRequired:
        return _written(parts[0])
    if origin in (Union, types.UnionType):
        return " | ".join(dict.fromkeys(_written(part) for part in parts))
    if origin in (list, Sequence):
        inner = _written(parts[0])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if origin is dict:
        return f"Record<{_written(parts[0])}, {_written(parts[1])}>"
    if origin is tuple:
        return f"[{', '.join(_written(part) for part in parts)}]"
    if str(origin).endswith("Literal"):
        return " | ".join(f'"{part}"' if isinstance(part, str) else str(part) for part in parts)
    raise TypeError(f"{kind!r} has no form in TypeScript.")


if __name__ == "__main__":
    PATH.write_text(typescript(), encoding="utf-8")
