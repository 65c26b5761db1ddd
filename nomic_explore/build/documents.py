"""What a build takes from a corpus: its distinct texts, and a digest by which the same rows are known again."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nomic_explore.corpus.distinct import DistinctTexts, index_texts
from nomic_explore.store.tables import content_key

if TYPE_CHECKING:
    import pyarrow as pa

    from nomic_explore.corpus import Corpus


@dataclass(frozen=True, eq=False)
class Documents:
    """The distinct texts of a corpus, in the order of their content keys.

    Attributes:
        keys: d content keys.
        texts: d texts.
        row_keys: the content key of each row's text; None where the row was set aside.
        distinct: which text each row holds.
    """

    keys: list[str]
    texts: list[str]
    row_keys: list[str | None]
    distinct: DistinctTexts


def index_corpus(corpus: "Corpus") -> Documents:
    """Returns the distinct texts of a corpus, and which of them each row holds."""
    row_keys = [None if text is None else content_key(text) for text in corpus.texts]
    keys = sorted({key for key in row_keys if key is not None})
    distinct = index_texts(row_keys, keys)
    return Documents(keys, [str(corpus.texts[row]) for row in distinct.first], row_keys, distinct)


def as_read_before(table: "pa.Table") -> "pa.Table":
    """Returns a table as earlier versions read its file: blank fields were empty strings, and no field had a note."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = {
        name: pc.fill_null(column, "") if pa.types.is_string(column.type) else column
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pa.table(columns)


def table_digest(table: "pa.Table") -> str:
    """Returns a digest of a table: equal for the same source read again."""
    import pyarrow as pa

    digest = hashlib.blake2b(digest_size=16)

    class _Sink:
        closed = False

        def write(self, data: bytes) -> int:
            digest.update(data)
            return len(data)

        def flush(self) -> None: ...

        def close(self) -> None: ...

    with pa.ipc.new_stream(pa.PythonFile(_Sink(), "w"), table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return digest.hexdigest()
