"""Copies out of a table: what stays, what goes, and an account that can be checked."""

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore import Deduplication, deduplicate, explore
from nomic_explore.duplicates.report import report as report_module
from nomic_explore.testing import HashEmbedder

LONG = (
    "The harbour was built in the years when ships still carried coal along the coast, and it was widened "
    "twice before the railway took most of the trade away from the town and its merchants."
)
CUT = LONG[: LONG.index(" and its merchants")]
TEXTS = [LONG, CUT, "a dog", "A dog!", "a dog", "a red house", "the crimson home"]
VECTORS = np.eye(5, dtype=np.float32)[[0, 0, 1, 1, 1, 2, 2]]  # the last two mean the same
WORDS = [
    "a cat",
    "A cat!",
    "a  cat",
    "a dog",
    "a dog 5",
    "a dog 6",
    "1.5 kg",
    "15 kg",
    "...",
    "\x00",
    "\U0001f600",
    None,
]


def deduplicate_texts(**options: Any) -> Deduplication:
    return deduplicate(TEXTS, show_progress=False, **{"vectors": VECTORS, "min_similarity": 0.9, **options})


def test_what_stays_is_the_corpus_without_the_dropped_rows_in_order() -> None:
    assert deduplicate_texts().kept().texts == [LONG, "A dog!", "a red house", "the crimson home"]


def test_every_removed_row_has_its_kept_row_and_a_reason() -> None:
    removed = deduplicate_texts(kinds=["exact", "normalised", "lexical", "semantic"]).removed()
    assert removed["row"].tolist() == [1, 2, 4, 5]
    assert removed["duplicate_of"].tolist() == [0, 3, 3, 6]
    assert removed["duplicate_kind"].tolist() == ["lexical", "normalised", "normalised", "semantic"]
    assert removed["reason"].tolist() == [
        "all of its text occurs in row 0, 90 % of row 0's text in it",
        "equal to row 3 but for case, space and punctuation",
        "equal to row 3 but for case, space and punctuation",
        "means nearly the same as row 6 (cosine 1.000)",
    ]
    assert deduplicate_texts(keep="first").removed()["reason"].tolist()[2] == "the same text as row 2"


def test_the_id_of_the_kept_row_is_named_and_a_column_of_that_name_is_kept() -> None:
    table = {"text": ["a dog", "a dog"], "name": ["x", "y"], "reason": ["one", "two"]}
    removed = deduplicate(table, "text", id="name", exact_only=True).removed()
    assert removed.to_dict("records") == [
        {
            "text": "a dog",
            "name": "y",
            "reason_input": "two",
            "row": 1,
            "duplicate_of": 0,
            "duplicate_of_id": "x",
            "duplicate_kind": "exact",
            "duplicate_similarity": 1.0,
            "reason": "the same text as row 0",
        }
    ]


def test_rows_without_text_stay_are_counted_and_need_no_vector() -> None:
    vectors = [[1, 0], [np.nan, 0], [1, 0], [0, 1], None]
    deduplication = deduplicate(["a cat", None, "a cat", "a dog", "  "], vectors=vectors, show_progress=False)
    assert deduplication.duplicates.roles.tolist() == ["keep", "unique", "drop", "unique", "unique"]
    assert len(deduplication.kept()) == 4
    counts = deduplication.summary()
    assert (counts["rows"], counts["without_text"], counts["kept"], counts["dropped"]) == (5, 2, 4, 1)
    assert counts["share_dropped"] == pytest.approx(1 / 3, abs=1e-6)


def test_the_summary_counts_by_role_and_kind() -> None:
    counts = deduplicate_texts().summary()
    assert counts["roles"] == {"unique": 0, "keep": 3, "drop": 3, "review": 1}
    assert counts["dropped_by_kind"] == {"exact": 0, "normalised": 2, "lexical": 1, "semantic": 0, "verdict": 0}
    assert counts["review_by_kind"]["semantic"] == counts["review"] == 1
    assert counts["groups"] == 3
    assert "7 rows: 4 kept, 3 dropped, 1 of the kept ones flagged for review" in repr(deduplicate_texts())


def test_equal_texts_are_found_without_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nomic_explore.duplicates.deduplicate.embed_rows", None)
    deduplication = deduplicate(["a dog", "a dog", "the house", "The house!"], exact_only=True)
    assert deduplication.duplicates.roles.tolist() == ["keep", "drop", "review", "keep"]
    both = deduplicate(TEXTS, exact_only=True, kinds=["exact", "normalised"])
    assert both.kept().texts == [LONG, CUT, "A dog!", "a red house", "the crimson home"]
    assert both.made_by["vectors"] is both.made_by["min_similarity"] is None


@settings(deadline=None, max_examples=60)
@given(
    texts=st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).filter(
        lambda texts: any(text and text != "\x00" for text in texts)
    )
)
def test_hashing_alone_finds_the_equal_texts_that_all_evidence_finds(texts: list[str | None]) -> None:
    kinds = ["exact", "normalised"]
    quick = deduplicate(texts, exact_only=True, kinds=kinds).duplicates
    numbers = {text: number for number, text in enumerate(WORDS)}
    whole = deduplicate(
        texts, vectors=np.eye(len(WORDS))[[numbers[text] for text in texts]], kinds=kinds, show_progress=False
    ).duplicates
    assert (quick.roles == "drop").tolist() == (whole.roles == "drop").tolist()
    assert quick.keepers.tolist() == whole.keepers.tolist()


@settings(deadline=None, max_examples=40)
@given(order=st.permutations(range(len(TEXTS))))
def test_shuffling_the_rows_keeps_the_same_texts(order: list[int]) -> None:
    shuffled = deduplicate(
        [TEXTS[row] for row in order], vectors=VECTORS[order], min_similarity=0.9, show_progress=False
    )
    assert sorted(map(str, shuffled.kept().texts)) == sorted(map(str, deduplicate_texts().kept().texts))


def test_cleaning_twice_changes_nothing() -> None:
    first = deduplicate_texts()
    again = deduplicate(first.kept(), vectors=VECTORS[first.duplicates.roles != "drop"], show_progress=False)
    assert again.summary()["dropped"] == 0


def test_rows_of_which_one_column_differs_wholly_are_not_dropped() -> None:
    table = {"title": ["A history of the port", "Minutes of the council"], "body": [LONG, LONG]}
    vectors = np.ones((2, 2))
    parted = deduplicate(table, ["title", "body"], vectors=vectors, show_progress=False)
    assert parted.duplicates.roles.tolist() == ["review", "keep"]
    assert parted.made_by["columns"] == ["title", "body"]
    assert deduplicate(table, "body", vectors=vectors, show_progress=False).summary()["dropped"] == 1


def test_only_rows_of_one_block_are_compared() -> None:
    table = {"text": ["a dog", "a dog", "a dog"], "site": ["x", "y", "x"]}
    assert deduplicate(table, "text", exact_only=True, block_by="site").removed()["duplicate_of"].tolist() == [0]


def test_columns_choose_which_row_stays() -> None:
    table = {"text": ["a dog", "a dog"], "day": [datetime.date(2020, 1, 1), datetime.date(2024, 1, 1)]}
    assert deduplicate(table, "text", exact_only=True, keep="newest").removed()["row"].tolist() == [0]
    by_function = deduplicate(table, "text", exact_only=True, keep=lambda frame: frame["day"].map(lambda day: day.year))
    assert by_function.removed()["row"].tolist() == [0]
    assert by_function.made_by["keep"] == "function <lambda>"


def test_a_cleaning_can_be_decided_again() -> None:
    looser = deduplicate_texts().at(0.85, kinds=["exact"], keep="first")
    assert looser.removed()["row"].tolist() == [4]
    assert looser.made_by["kinds"] == ["exact"]
    assert (looser.made_by["min_similarity"], looser.made_by["min_similarity_asked"]) == (0.85, 0.85)


def test_auto_takes_the_default_of_the_model_that_made_the_vectors() -> None:
    made = deduplicate_texts(min_similarity="auto", model="minilm").made_by
    assert (made["min_similarity"], made["min_similarity_asked"], made["vectors"]["model"]) == (0.9, "auto", "minilm")
    assert made["background"]["n_unrelated"] > 0


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"vectors": VECTORS[:3]}, "vectors has 3 rows, the source has 7; row i must be the vector of row i"),
    ({"vectors": np.full((7, 2), np.nan)}, r"vectors\[0\] holds a value that is not finite"),
    ({"vectors": [*VECTORS[:6], None]}, r"vectors\[6\] has no vector, and its row has text; .* Embed that row"),
    ({"vectors": [*VECTORS[:6], 0 * VECTORS[0]]}, r"vectors\[6\] is a zero vector"),
    ({"min_similarity": "high"}, r"min_similarity='high'; expected one of 'auto'"),
    ({"min_similarity": 0.5}, r"min_similarity=0.5; expected at least 0.8"),
    ({"kinds": ["exakt"]}, r"kinds=\['exakt'\]; expected some of 'exact'"),
    ({"kinds": "exact"}, r"kinds='exact'; expected some of"),
    ({"exact_only": True, "kinds": ["lexical"]}, r"expected some of 'exact', 'normalised' with exact_only"),
    ({"block_by": "site"}, r"block_by='site'; expected one of 'text'"),
    ({"keep": "newest:day"}, r"there is no column 'day'"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=[message[:30] for _, message in REFUSED])
def test_what_cannot_be_used_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        deduplicate_texts(**options)


def test_the_files_hold_the_columns_and_types_of_the_input(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": pa.array(["a dog", "a dog", None], pa.large_string()),
            "n": pa.array([1, 2, None], pa.int16()),
            "day": pa.array([datetime.date(2020, 1, 2)] * 3),
            "score": pa.array([0.5, 1.0, float("nan")]),
        }
    )
    deduplication = deduplicate(table, "text", exact_only=True)
    kept = pq.read_table(deduplication.save(tmp_path / "kept.parquet"))
    assert kept.schema == table.schema
    assert kept["n"].to_pylist() == [1, None]
    lines = deduplication.save(tmp_path / "kept.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"text": "a dog", "n": 1, "day": "2020-01-02", "score": 0.5},
        {"text": None, "n": None, "day": "2020-01-02", "score": None},
    ]
    removed = pd.read_csv(deduplication.save_removed(tmp_path / "removed.csv"))
    assert removed["reason"].tolist() == ["the same text as row 0"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.jsonl", "kept.parquet", "removed.csv"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    deduplication = deduplicate_texts()
    with pytest.raises(ValueError, match=r"kept\.xlsx ends in '\.xlsx'; expected \.parquet, \.csv or \.jsonl"):
        deduplication.save(tmp_path / "kept.xlsx")
    with pytest.raises(ValueError, match=r"expected \.html or \.json"):
        deduplication.report(tmp_path / "report.pdf")
    with pytest.raises(FileNotFoundError, match="No folder .*make it first"):
        deduplication.report(tmp_path / "nowhere" / "report.html")
    (tmp_path / "report.json").write_text("before")
    broken = Deduplication(deduplication.corpus, deduplication.duplicates, {})
    with pytest.raises(KeyError):
        broken.report(tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_the_json_account_is_the_same_for_the_same_run_and_holds_every_row(tmp_path: Path) -> None:
    source = tmp_path / "texts.csv"
    pd.DataFrame({"text": TEXTS}).to_csv(source, index=False)
    written = [
        deduplicate(source, "text", vectors=VECTORS, show_progress=False).report(tmp_path / name).read_bytes()
        for name in ("one.json", "two.json")
    ]
    assert written[0] == written[1]
    account = json.loads(written[0])
    assert [row["row"] for row in account["removed"]] == [1, 2, 4]
    assert [row["resembles"] for row in account["review"]] == [6]
    assert account["removed"][0]["text"].startswith("The harbour")
    assert account["counts"]["dropped"] == 3
    file = account["made_by"]["inputs"]["files"][0]
    assert file == {
        "name": "texts.csv",
        "bytes": source.stat().st_size,
        "sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
    }


def test_the_page_shows_texts_as_text_and_asks_for_nothing(tmp_path: Path) -> None:
    hostile = '<script>alert("x")</script> & <img src=http://x.example/a.png> \x00 end'
    deduplication = deduplicate(
        {"text": [hostile, hostile], "name": ["</style><b>", "y"]}, "text", id="name", exact_only=True
    )
    page = deduplication.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "\x00" not in page
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; &lt;img" in page
    assert page.count("</style>") == 1
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert page == deduplication.report(tmp_path / "again.html").read_text(encoding="utf-8")


def test_the_page_says_what_was_found_and_draws_it(tmp_path: Path) -> None:
    page = deduplicate_texts().report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<b>3 of 7 rows</b> (42.9% of those with text) are duplicates of kept rows" in page
    assert "equal to row 3 but for case, space and punctuation" in page
    assert "means nearly the same as row 6" in page
    assert "<svg" in page
    assert "cosine 0.98 to 1.00: 1 removed, 1 to review" in page


def test_a_long_list_is_cut_in_the_page_and_the_page_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_module, "_MAX_LISTED", 2)
    deduplication = deduplicate(["a dog"] * 4, exact_only=True)
    page = deduplication.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "The first 2 of 3, in the order of the source; the JSON report holds all." in page
    assert page.count("<article") == 2
    assert len(json.loads(deduplication.report(tmp_path / "report.json").read_text())["removed"]) == 3


def test_an_exploration_is_cleaned_by_its_settings_and_verdicts(tmp_path: Path) -> None:
    texts = [LONG, CUT, "a dog barks at night", "A dog barks at night!", None]
    exploration = explore(texts, folder=tmp_path / "exploration", model=HashEmbedder(), show_progress=False)
    fresh = deduplicate(texts, show_progress=False)
    assert exploration.duplicates.kept().texts == fresh.kept().texts == [LONG, "A dog barks at night!", None]
    assert fresh.made_by["vectors"]["model"] == "minilm"
    assert fresh.made_by["vectors"]["task"] == "clustering"
    exploration.duplicates.label(1, "distinct")
    exploration.duplicates.label(3, "drop", 0)
    removed = exploration.duplicates.removed()
    assert removed["row"].tolist() == [3]
    assert removed.set_index("row")["reason"][3] == "is a duplicate of row 0; labeled by a person"
    account = json.loads(exploration.duplicates.report(tmp_path / "report.json").read_text())
    assert account["made_by"]["n_verdicts"] == 2


def test_vectors_come_from_a_column_which_stays_in_the_table(tmp_path: Path) -> None:
    rows = {"text": ["a dog barks", "the moon rises", "a lunar rise"], "e": [[1.0, 0.0], [0.0, 1.0], [0.0, 2.0]]}
    found = deduplicate(rows, "text", vectors="e", kinds=["semantic"], min_similarity=0.95, show_progress=False)
    assert found.removed()["row"].tolist() == [2]
    assert found.kept().table.column_names == ["text", "e"]
    with pytest.raises(ValueError, match="vectors='f': there is no such column and no such file"):
        deduplicate(rows, "text", vectors="f", show_progress=False)


def test_an_encoder_of_ones_own_makes_the_vectors() -> None:
    def encode(texts: list[str]) -> list[list[float]]:
        return [[1.0, 0.0] if "dog" in text else [0.0, 1.0] for text in texts]

    texts = ["a dog barks", "the moon rises", "a lunar rise"]
    found = deduplicate(texts, model=encode, kinds=["semantic"], min_similarity=0.95, show_progress=False)
    assert found.removed()["row"].tolist() == [2]
    assert found.made_by["vectors"]["model"].endswith("encode")


@pytest.mark.parametrize(("argument", "value"), [("vectors", [[1.0], [1.0]]), ("model", "minilm")])
def test_what_exact_only_does_not_use_is_refused(argument: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"without vectors; leave {argument}= out"):
        deduplicate(["a cat", "a cat"], exact_only=True, **{argument: value})
