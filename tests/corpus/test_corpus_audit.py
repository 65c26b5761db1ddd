"""What the audit finds, and that it says so in a terminal, a notebook, a frame and on disk."""

from pathlib import Path
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nomic_explore.corpus import Audit, audit_texts, read_corpus
from nomic_explore.corpus.writing_systems import NAMES, main_scripts

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"

ODD = [
    "fine",
    None,
    " \n",
    "fine",
    "lost \ufffd character",
    "cafÃ© au lait",
    "donâ€™t",
    "a\x00b",
    "naïve façade, Ähre, ‘quoted’, 5 €, São Paulo, Ångström",
    "\x1b[31mred\x1b[0m",
    "tab\tand\r\nline ends are text",
]


def test_each_kind_of_oddness_is_found_in_its_rows() -> None:
    audit = read_corpus(ODD).audit
    found = {finding.kind: finding.rows.tolist() for finding in audit}
    assert found == {
        "null text": [1],
        "blank text": [2],
        "repeated text": [3],
        "replacement character": [4],
        "mojibake": [5, 6],
        "control character": [7, 9],
    }
    assert (audit.n_rows, audit.n_texts) == (11, 9)


@pytest.mark.parametrize(
    "text",
    ["Müller", "naïve", "£5 and ©", "Ελληνικά", "Ã la carte", "ÂME", "« voilà…” »", "“curly” – dash", "日本語", "ÐŽ"],
)
def test_text_in_other_languages_is_no_mojibake(text: str) -> None:
    assert audit_texts([text])["mojibake"].count == 0


@pytest.mark.parametrize(
    "text", ["Müller", "voilà", "‘so’ it is", "Привет, мир", "日本語", "über 5 €", "naïve", "à côté"]
)
def test_text_read_in_the_wrong_encoding_is_mojibake(text: str) -> None:
    for encoding in ("latin-1", "cp1252"):
        broken = text.encode().decode(encoding, "ignore")
        assert audit_texts([broken])["mojibake"].count == 1, broken


@settings(deadline=None)
@given(st.lists(st.none() | st.sampled_from("abc ")))
def test_a_repeat_is_a_text_that_stood_in_an_earlier_row(texts: list[str | None]) -> None:
    slow = [row for row, text in enumerate(texts) if text is not None and text in texts[:row]]
    assert audit_texts(texts)["repeated text"].rows.tolist() == slow


def test_columns_with_one_value_are_named() -> None:
    corpus = read_corpus(
        {"text": ["a", "b"], "same": [1, 1], "none": [None, None], "lists": [[1], [1]], "n": [1, 2]}, "text"
    )
    assert corpus.audit["constant column"].message == "one value in all rows: same, none"
    assert corpus.audit["constant column"].count == 2
    assert read_corpus(["only one row"]).audit["constant column"].count == 0


def test_texts_longer_than_the_model_reads_are_found_and_follow_their_rows() -> None:
    corpus = read_corpus(["short", None, "long", "longer"]).with_lengths([3, 99, 8, 9], max_tokens=7)
    finding = corpus.audit["over-long text"]
    assert (finding.count, finding.rows.tolist()) == (2, [2, 3])
    assert "longer than the 7 tokens the model reads" in finding.message
    assert corpus.with_lengths([1, 1, 1, 1], max_tokens=7).audit["over-long text"].count == 0
    assert corpus.take([3, 0]).audit["over-long text"].rows.tolist() == [0]
    with pytest.raises(ValueError, match=r"token_counts has shape \(1,\); expected \(4,\)"):
        corpus.with_lengths([1], max_tokens=7)
    with pytest.raises(ValueError, match="max_tokens=0"):
        corpus.with_lengths([1, 1, 1, 1], max_tokens=0)


SCRIPTS = {
    "Latin": "ein Text, déjà vu, tiếng Việt",
    "Cyrillic": "Привет",
    "Greek": "Καλημέρα κόσμε",
    "Han": "我来自中国",
    "Kana": "私は日本語を話します",
    "Hangul": "안녕하세요",
    "Arabic": "مرحبا بالعالم",
    "Hebrew": "שלום עולם",
    "Devanagari": "नमस्ते दुनिया",
    "Thai": "สวัสดีชาวโลก",
    "no letters": "12 + 30 = 42 🙂",
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_script_of_a_text_is_recognised(script: str) -> None:
    import pyarrow as pa

    column = pa.chunked_array([pa.array([SCRIPTS[script], "", "x"], pa.large_string())])
    assert [NAMES[number] for number in main_scripts(column)] == [script, "no letters", "Latin"]


def test_the_mix_of_scripts_is_told_with_the_rows_of_the_rarer_ones() -> None:
    finding = audit_texts(["one", "two", "три", None, "four"])["scripts"]
    assert (finding.count, finding.rows.tolist()) == (1, [2])
    assert finding.message == "main script of all texts: Latin 75.0%, Cyrillic 25.0%"
    assert audit_texts(["one", "two"])["scripts"].count == 0


def test_a_sample_is_called_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    from nomic_explore.corpus import writing_systems

    monkeypatch.setattr(writing_systems, "N_SAMPLED", 4)
    finding = audit_texts(["a", "б"] * 5)["scripts"]
    assert "main script of a sample of 4 texts" in finding.message


def test_the_audit_prints_as_an_aligned_table() -> None:
    corpus = read_corpus(["a", None, *["b"] * 7])
    lines = str(corpus.audit).splitlines()
    assert lines[0] == "9 rows, 8 with text, 1 set aside"
    assert lines[1].split() == ["finding", "count", "rows", "what", "it", "means"]
    assert lines[2].startswith("null text          1  1                ")
    assert lines[3].startswith("repeated text      6  3, 4, 5, 6, 7 …  word for word")
    assert repr(corpus.audit).startswith("Audit(9 rows, 8 with text, 1 set aside: null text 1")
    assert "\n" not in repr(corpus.audit)
    assert len(repr(corpus.audit)) < 500
    assert str(audit_texts(["a", "b"])) == "2 rows, 2 with text: nothing odd found."


def test_the_audit_is_a_table_in_a_terminal_and_in_a_notebook() -> None:
    from rich.console import Console

    audit = read_corpus({"text": ["[b]a", "[b]a"], "<i>": [1, 1]}, "text").audit
    console = Console(width=120, record=True, quiet=False, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(audit)
        shown = console.export_text()
    assert "repeated text" in shown
    assert "<i>" in shown
    html = audit._repr_html_()
    assert "&lt;i&gt;" in html
    assert "<i>" not in html
    assert "<td" not in audit_texts(["a"])._repr_html_()


def test_the_frame_has_a_row_for_each_finding() -> None:
    frame = read_corpus(ODD).audit.to_pandas()
    assert list(frame.columns) == ["kind", "count", "share", "rows", "message"]
    assert frame.loc[frame["kind"] == "mojibake", "rows"].tolist() == [[5, 6]]
    assert frame["share"].between(0, 1).all()
    assert len(audit_texts(["a"]).to_pandas()) == 0


def test_a_stored_audit_comes_back_with_its_first_rows() -> None:
    import json

    audit = read_corpus(["a"] * 500).audit
    loaded = Audit.from_json(json.loads(json.dumps(audit.to_json())))
    assert str(loaded) == str(audit)
    assert loaded["repeated text"].count == 499
    np.testing.assert_array_equal(loaded["repeated text"].rows, np.arange(1, 101))


def test_real_abstracts_are_read_and_audited_in_seconds() -> None:
    path = CORPORA / "arxiv_20k.parquet"
    if not path.exists():
        pytest.skip("no ../shared/corpora")
    began = process_time()
    corpus = read_corpus(path, ["title", "abstract"])
    assert process_time() - began < 20  # 0.8 s; of the processor, so that neighbors do not count
    assert len(corpus.rows) == 20_000
    assert str(corpus.table.schema.field("created").type) == "timestamp[ns]"
