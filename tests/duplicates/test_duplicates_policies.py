from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from nomic_explore.duplicates import find_duplicates
from nomic_explore.duplicates.policies import score_rows
from nomic_explore.graph import build_graph

TABLE = pa.table(
    {
        "day": [date(2024, 1, 1), date(2025, 1, 1), None],
        "written": ["2024-01-01", "2025-03-04T10:00:00Z", None],
        "stars": ["7", "10", None],
        "source": ["blog", "paper", "mail"],
        "note": ["", "x", None],
    }
)


@pytest.mark.parametrize(
    ("keep", "best", "worst"),
    [
        ("newest:day", 1, 2),
        ("newest", 1, 2),
        ("oldest:day", 0, 2),
        ("oldest:written", 0, 2),
        ("highest:stars", 1, 2),
        ("lowest:stars", 0, 2),
        ("most_complete", 1, 2),
        ("source:source=mail, paper", 2, 0),
        (lambda rows: rows["source"].str.len(), 1, 2),
    ],
)
def test_a_policy_ranks_rows_by_their_columns_and_what_is_missing_last(
    keep: str | Callable[[object], object], best: int, worst: int
) -> None:
    scores = score_rows(keep, TABLE)
    assert isinstance(scores, np.ndarray)
    assert np.isfinite(scores.astype(float)).all()
    assert scores[best] == scores.max()
    assert scores[worst] == scores.min()


def test_the_columns_choose_the_keeper() -> None:
    vectors = np.ones((3, 2), dtype=np.float32)
    found = find_duplicates(["one cat", "One cat", "one cat!"], vectors, build_graph(vectors))
    placed = replace(found, table=TABLE)
    assert placed.at(keep="newest:day").keepers.tolist() == [1, 1, 1]
    assert placed.at(keep="source:source=mail,blog").at(0.95).keepers.tolist() == [2, 2, 2]
    assert placed.at(keep=lambda rows: -rows.index.to_numpy()).keepers.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("keep", "table", "message"),
    [
        ("newest:when", TABLE, "keep='newest:when': there is no column 'when'; there are day, written, stars"),
        ("newest", TABLE.drop_columns("day"), "needs a column of dates, there are none; name one: 'newest:COLUMN'"),
        ("highest:source", TABLE, "row 0 holds 'blog'; expected numbers or dates"),
        ("source:source=fax", TABLE, "with values of the column; it holds blog, mail, paper"),
        ("longest:day", TABLE, "'longest' takes no column"),
        ("newest:day", None, "looks at columns, but these rows have none"),
        (len, None, "keep is a function, but these rows have no columns"),
        ("best", TABLE, "keep='best'; expected one of 'longest', 'shortest', 'most_central', 'first', 'newest'"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused(keep: object, table: pa.Table | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        score_rows(keep, table)  # type: ignore[arg-type]
