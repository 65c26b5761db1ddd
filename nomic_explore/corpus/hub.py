"""Data sets of the Hugging Face hub, through `datasets` where it is installed."""

from urllib.parse import parse_qsl, urlsplit

import pyarrow as pa

from nomic_explore.corpus.audit import Finding
from nomic_explore.corpus.frames import table_from_frame
from nomic_explore.hub_access import why_unreachable

HUB_PREFIX = "hf://"


def read_hub(address: str, limit: int | None) -> tuple[pa.Table, str, list[Finding]]:
    """Returns the rows of hf://datasets/owner/name?split=train&config=NAME, the data set's name, and what was changed.

    Raises:
        ValueError: the address has another form.
        ImportError: `datasets` is not installed.
        OSError: the hub or the data set cannot be reached.
    """
    parts = urlsplit(address)
    asked = dict(parse_qsl(parts.query))
    name = parts.path.strip("/")
    if parts.netloc != "datasets" or not 1 <= len(name.split("/")) <= 2 or not name or set(asked) - {"split", "config"}:
        raise ValueError(
            f"{address!r} is not the address of a data set; expected hf://datasets/owner/name, "
            "optionally with ?split=train&config=NAME."
        )
    try:
        from datasets import load_dataset
    except ImportError:
        raise ImportError(
            f"Reading {address} needs the package datasets. Install it: pip install 'nomic-explore[hub]'"
        ) from None
    reason = why_unreachable()
    if reason and "HF_HUB_OFFLINE" not in reason:  # where that is set, only what was downloaded before is looked for
        raise OSError(
            f"{address} cannot be read: {reason}. Download the data set elsewhere and pass its files "
            "(folder/*.parquet), or set HF_HUB_OFFLINE=1 to read what was downloaded before."
        )
    split = asked.get("split", "train")
    rows = load_dataset(name, asked.get("config"), split=split if limit is None else f"{split}[:{limit}]")
    table, _, notes = table_from_frame(rows)
    return table, name.split("/")[-1], notes
