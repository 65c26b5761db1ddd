"""Errors of the package in the words of the command line: `--text COLUMN` for `text='COLUMN'`."""

import ast
import re
import shlex
from collections.abc import Mapping

# Arguments of the package that are options of the commands under the same name.
SAME_NAME = (
    *("text", "id", "model", "vectors", "encoder", "dimensions", "limit", "encoding", "sep", "dtype", "on_bad_rows", "format"),
    *("projection", "umap_neighbors", "min_dist", "stop_words", "n_neighbors", "n_topics", "n_layers", "stability", "namer"),
    *("min_similarity", "keep", "kinds", "exact_only", "block_by", "seed", "title", "change_model", "max_mb"),
)  # fmt: skip
_OTHER_NAMES = {"positions": "--x and --y", "folder": "--out"}
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_VALUE = rf"{_QUOTED}|\[[^\[\]]*\]|\((?:[^()]*)\)|\{{[^{{}}]*\}}|-?\d[\d_.]*\d|-?\d|True|False|None"
_CALL = re.compile(r"read_corpus\(\.\.\., ([^()]*)\)")
_OPTION = re.compile(
    rf"(?<![\w.'\"-])(?P<name>{'|'.join((*SAME_NAME, *_OTHER_NAMES))})(?P<key>\[(?:{_QUOTED})\])?="
    rf"(?:(?P<value>{_VALUE})|(?![\w'\"\[({{]))(?P<stated> \((?P<option>--[^()]+)\))?"
)


def in_words_of_options(message: str) -> str:
    """Returns a message that names options of the command line instead of arguments of Python.

    Example:
        >>> in_words_of_options("say which make the text: text='COLUMN'. limit=0; expected more. Leave sep= out.")
        'say which make the text: --text COLUMN. --limit 0; expected more. Leave --sep out.'
    """
    return _OPTION.sub(_as_option, _CALL.sub(r"\1", message))


def _as_option(found: re.Match[str]) -> str:
    if found["option"]:
        return found["option"]
    name = found["name"]
    option = _OTHER_NAMES.get(name, f"--{name.replace('_', '-')}")
    if found["value"] is None or name in _OTHER_NAMES:
        return option
    try:
        value = ast.literal_eval(found["value"])
    except (ValueError, SyntaxError):
        return found[0]
    if isinstance(value, bool):
        return option
    if found["key"]:
        value = {ast.literal_eval(found["key"][1:-1]): value}
    return f"{option} {_quote(value)}"


def _quote(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(shlex.quote(f"{key}={inner}") for key, inner in value.items())
    if isinstance(value, list | tuple | set):
        return shlex.quote(",".join(map(str, value)))
    text = str(value)
    return text if re.fullmatch(r"[\w./:@%+;|-]+", text) else shlex.quote(text)
