"""Compares how vectors were made with how a model makes them now."""

from collections.abc import Mapping

# Keys in which the vectors of two machines may differ and still be compared.
DEPENDS_ON_MACHINE = frozenset({"dtype", "backend", "device", "versions"})
_FILES = ("weights_sha256", "tokenizer_sha256", "config_sha256", "encoder_version")


def find_changes(stored: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Returns the keys in which a model differs from what made the stored vectors.

    A key that the stored provenance lacks is not compared: an earlier version did not record it. What depends on the
    machine is not compared either.

    Args:
        stored: the provenance of the stored vectors.
        now: the provenance of the model.

    Example:
        >>> find_changes({"model": "a", "dtype": "int8"}, {"model": "b", "dtype": "float32", "tokenizer_sha256": "12"})
        ['model']
    """
    return [key for key in stored if key not in DEPENDS_ON_MACHINE and now.get(key) != stored[key]]


def find_changed_files(stored: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Returns the keys of weights, tokenizer, settings and code in which two models of one name differ.

    Example:
        >>> find_changed_files({"model": "a", "weights_sha256": "12"}, {"model": "a", "weights_sha256": "34"})
        ['weights_sha256']
    """
    return [key for key in _FILES if key in stored and key in now and stored[key] != now[key]]


def keep_stored(now: Mapping[str, object], stored: Mapping[str, object] | None) -> dict[str, object]:
    """Returns the provenance under which vectors are kept: the stored one, as long as nothing that it says has changed.

    A folder of an earlier version, whose provenance has fewer keys, keeps its vectors in this way.

    Args:
        now: the provenance of the model.
        stored: the provenance of the vectors of a folder; None if it has none.

    Example:
        >>> keep_stored({"model": "a", "tokenizer_sha256": "12"}, {"model": "a"})
        {'model': 'a'}
        >>> keep_stored({"model": "b", "tokenizer_sha256": "12"}, {"model": "a"})
        {'model': 'b', 'tokenizer_sha256': '12'}
    """
    if stored and all(key in now and now[key] == value for key, value in stored.items()):
        return dict(stored)
    return dict(now)
