"""The duplicate workbench: the threshold, kinds and keepers, groups, pairs side by side, and the same state again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_tools import MARKS, Map, Notebook, until

from nomic_explore import Exploration, open_exploration

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
OVERFLOWING = """(root) => [...root.querySelectorAll('.nx-pane, .nx-review, .nx-side-text, .nx-decide, .nx-members')]
    .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth)
    .map((one) => `${one.className}: ${one.scrollWidth} in ${one.clientWidth}`)"""


@pytest.fixture(scope="module")
def opened(notebook: Notebook) -> Map:
    """A map with the pane open, in a notebook."""
    notebook.run("shown = exploration.duplicates.review(height=760); atlas = shown.atlas")
    return notebook.show("shown")


@pytest.fixture
def workbench(notebook: Notebook, opened: Map) -> Iterator[Map]:
    """The same before anything was decided; what a test decides is taken back."""
    until(opened.page, lambda: opened.part("copy-group").count() > 0, "the groups are listed")
    opened.clear()
    yield opened
    if opened.part("close-review").count():
        opened.part("close-review").click()
    notebook.run("while exploration.undo(): pass")
    until(opened.page, lambda: threshold(opened) == 0.9, "the threshold is back")
    assert notebook.told == []


def threshold(shown: Map) -> float:
    """Where the line of the histogram stands."""
    return float(shown.part("threshold").get_attribute("aria-valuenow") or "nan")


def count_told(shown: Map, what: str) -> int:
    """The number before a word above the histogram."""
    lines = {
        line.split(" ", 1)[1]: line.split(" ", 1)[0] for line in shown.part("copies-told").inner_text().split("\n")
    }
    return int(lines[what].replace(",", ""))


def count(exploration: Exploration, role: str, **look: Any) -> int:
    """How many documents have a role, with other settings or those there are."""
    return int((exploration.duplicates.at(**look).roles == role).sum())


def drag_threshold(shown: Map, value: float, *, lets_go: bool = True) -> None:
    """Drags the line of the histogram from where it is to a value between 0.6, or 0.8, and 1."""
    box = shown.part("copy-scores").bounding_box()
    low = lowest_score(shown)
    start = shown.part("threshold").bounding_box()
    shown.page.mouse.move(start["x"] + start["width"] / 2, box["y"] + 20)
    shown.page.mouse.down()
    shown.page.mouse.move(box["x"] + box["width"] * (value - low) / (1 - low), box["y"] + 20, steps=8)
    if lets_go:
        shown.page.mouse.up()


def lowest_score(shown: Map) -> float:
    """The similarity at the left end of the histogram."""
    return float(shown.root.locator(".nx-score-ends > span").first.inner_text().removeprefix("≤").strip())


def pair_of(shown: Map) -> tuple[int, int]:
    """The rows that are side by side."""
    row, other = shown.part("review-card").get_attribute("data-pair").split("-")
    return int(row), int(other)


def open_review(shown: Map) -> tuple[int, int]:
    """Opens the first pair of the queue."""
    shown.part("review").click()
    until(shown.page, lambda: shown.part("pair-left").is_visible(), "two documents are side by side")
    return pair_of(shown)


def press(shown: Map, key: str) -> tuple[int, int]:
    """Presses a key on the card, and waits for another pair."""
    before = pair_of(shown)
    shown.page.keyboard.press(key)
    until(shown.page, lambda: pair_of(shown) != before, f"{key} brings another pair", shown.part("said").inner_text)
    return pair_of(shown)


def test_the_pane_shows_counts_bars_and_what_the_threshold_means(field: Exploration, workbench: Map) -> None:
    assert workbench.part("tab-copies").get_attribute("aria-selected") == "true"
    told = {name: count_told(workbench, name) for name in ("groups", "copies", "to review")}
    assert told["groups"] == len(field.duplicates.to_pandas())
    assert (told["copies"], told["to review"]) == (count(field, "drop"), count(field, "review"))
    assert workbench.part("copy-scores").locator("rect").count() > 5
    assert "unrelated neighbors" in workbench.part("threshold-told").inner_text()
    assert "asks for a look" in workbench.part("threshold-told").inner_text()
    assert workbench.root.evaluate(OVERFLOWING) == []


def test_counts_follow_while_the_threshold_is_dragged_and_are_kept_once_it_is_let_go(
    field: Exploration, notebook: Notebook, workbench: Map
) -> None:
    loose = count(field, "review", min_similarity=0.82)
    assert loose > count(field, "review")
    drag_threshold(workbench, 0.82, lets_go=False)
    until(workbench.page, lambda: count_told(workbench, "to review") == loose, "the counts follow")
    assert notebook.ask("exploration.duplicates.current.min_similarity") == 0.9
    value = threshold(workbench)
    workbench.page.mouse.up()
    notebook.wait(f"exploration.duplicates.current.min_similarity == {value}")
    assert value == pytest.approx(0.82, abs=0.005)
    until(
        workbench.page, lambda: workbench.part("copies-review").inner_text() == f"To review {loose}", "so do the groups"
    )


def test_the_map_is_coloured_by_the_roles_that_are_previewed(
    field: Exploration, notebook: Notebook, workbench: Map
) -> None:
    notebook.run("exploration.duplicates.configure(kinds=['exact', 'normalised', 'lexical', 'semantic'])")
    until(workbench.page, lambda: workbench.part("drop-semantic").is_checked(), "semantic evidence drops")
    duplicates = field.duplicates.at(0.82, kinds=["exact", "normalised", "lexical", "semantic"])
    row = int(np.flatnonzero((duplicates.kinds == "semantic") & (duplicates.roles == "drop"))[0])
    position = np.array([notebook.ask(f"atlas.data.positions[list(atlas.data.rows).index({row})].tolist()")])
    workbench.hover(position[0])
    workbench.page.mouse.wheel(0, -3000)  # near enough that nothing covers it
    workbench.wait()
    orange = [0xD5, 0x5E, 0x00]
    assert not np.allclose(workbench.colors(position)[0], orange, atol=30)
    drag_threshold(workbench, 0.82, lets_go=False)
    until(
        workbench.page,
        lambda: np.allclose(workbench.colors(position)[0], orange, atol=30),
        "it turns to the colour of drops",
    )
    drag_back = workbench.part("copy-scores").bounding_box()
    low = lowest_score(workbench)
    workbench.page.mouse.move(drag_back["x"] + drag_back["width"] * (0.95 - low) / (1 - low), drag_back["y"] + 20)
    until(workbench.page, lambda: not np.allclose(workbench.colors(position)[0], orange, atol=30), "and back")
    workbench.page.mouse.up()
    notebook.wait("exploration.duplicates.current.min_similarity > 0.94")


def test_arrow_keys_move_the_threshold_down_to_its_floor(notebook: Notebook, workbench: Map) -> None:
    workbench.part("threshold").focus()
    workbench.page.keyboard.press("ArrowLeft")
    notebook.wait("exploration.duplicates.current.min_similarity == 0.895")
    workbench.part("threshold").focus()
    workbench.page.keyboard.press("Home")
    notebook.wait("exploration.duplicates.current.min_similarity == 0.8")
    workbench.page.keyboard.press("ArrowLeft")
    assert threshold(workbench) == 0.8


def test_kinds_and_the_keeper_are_chosen(field: Exploration, notebook: Notebook, workbench: Map) -> None:
    workbench.part("drop-lexical").click()
    notebook.wait("exploration.duplicates.current.drop_kinds == ('exact', 'normalised')")
    n = count(field, "drop", kinds=["exact", "normalised"])
    until(workbench.page, lambda: count_told(workbench, "copies") == n, "the counts follow")
    workbench.part("copy-keep").select_option("shortest")
    notebook.wait("exploration.duplicates.current.keep == 'shortest'")
    workbench.part("undo").click()
    until(workbench.page, lambda: workbench.part("copy-keep").input_value() == "longest", "undo shows what was before")
    assert not workbench.part("drop-lexical").is_checked()


def test_groups_are_filtered_and_an_open_one_has_halos_and_lines(field: Exploration, workbench: Map) -> None:
    workbench.part("copies-drop").click()
    groups = int((field.duplicates.to_pandas()["n_drop"] > 0).sum())
    until(workbench.page, lambda: workbench.part("copy-group").count() == groups, "groups with copies alone")
    workbench.part("copies-review").click()
    groups = int((field.duplicates.to_pandas()["n_review"] > 0).sum())
    until(workbench.page, lambda: workbench.part("copy-group").count() == groups, "groups to review alone")
    workbench.part("copy-group").first.click()
    workbench.wait("2 highlighted")
    overlay = workbench.part("overlay")
    assert (overlay.get_attribute("data-halos"), overlay.get_attribute("data-links")) == ("1", "1")
    assert workbench.part("copy-member").count() == 2
    assert "numbers differ" in workbench.part("copies").inner_text()
    workbench.clear()
    until(workbench.page, lambda: overlay.get_attribute("data-halos") == "0", "Escape takes the halo too")
    workbench.part("copies-all").click()


def test_two_documents_are_compared_word_by_word_from_their_group(field: Exploration, workbench: Map) -> None:
    workbench.part("copies-review").click()
    workbench.part("copy-group").first.click()
    until(workbench.page, lambda: workbench.part("compare-copy").count() == 1, "the group is listed")
    workbench.part("compare-copy").click()
    until(workbench.page, lambda: workbench.part("pair-left").is_visible(), "two documents are side by side")
    texts = [field.corpus.texts[row] for row in pair_of(workbench)]
    for name, text in zip(("left", "right"), texts, strict=True):
        assert workbench.part(f"pair-{name}").locator(".nx-diff").inner_text() == text
        marked = workbench.part(f"pair-{name}").locator("mark.nx-differs-number").all_inner_texts()
        assert marked
        assert all(number in text for number in marked)
    assert "numbers differ" in workbench.part("pair-facts").inner_text()
    assert workbench.root.evaluate(OVERFLOWING) == []
    workbench.page.keyboard.press("Escape")
    until(workbench.page, lambda: not workbench.part("review-card").is_visible(), "Escape closes it")
    workbench.part("copies-all").click()


def test_pairs_are_decided_by_key_and_undone(field: Exploration, notebook: Notebook, workbench: Map) -> None:
    n = count(field, "review")
    first = open_review(workbench)
    assert workbench.part("review-progress").inner_text() == f"0 of {n} looked at"
    second = press(workbench, "ArrowRight")
    assert press(workbench, "ArrowLeft") == first
    assert press(workbench, "d") == second
    third = press(workbench, "n")
    press(workbench, "k")
    verdicts = "exploration.duplicates.labels[['row', 'other', 'verdict']].values.tolist()"
    expected = [[*first, "drop"], [*second, "distinct"], [*third, "keep"]]
    assert notebook.ask(verdicts) == expected
    assert workbench.part("review-progress").inner_text().startswith("3 of ")
    assert "50 %" in workbench.part("review-precision").inner_text()
    assert notebook.ask(f"str(exploration.duplicates.roles[{first[0]}])") == "drop"
    until(workbench.page, lambda: count_told(workbench, "copies") == count(field, "drop") + 1, "the counts follow")
    assert press(workbench, "u") == third
    assert notebook.ask(verdicts) == expected[:2]
    assert press(workbench, "u") == second
    until(
        workbench.page, lambda: workbench.part("review-progress").inner_text() == f"1 of {n} looked at", "one verdict"
    )


def test_the_state_is_the_same_when_the_map_is_opened_again(
    field: Exploration, notebook: Notebook, workbench: Map
) -> None:
    drag_threshold(workbench, 0.82)
    notebook.wait("exploration.duplicates.current.min_similarity < 0.83")
    until(
        workbench.page,
        lambda: workbench.part("review").inner_text() != f"Review {count(field, 'review')}",
        "the queue grew",
    )
    row, _ = open_review(workbench)
    press(workbench, "d")
    value, folder = threshold(workbench), notebook.ask("str(exploration.folder)")
    stored = open_exploration(Path(folder))
    assert stored.duplicates.current.min_similarity == value
    assert stored.duplicates.labels["row"].to_list() == [row]
    told = workbench.part("copies-told").inner_text()
    again = notebook.show(
        f"from nomic_explore import open_exploration; other = open_exploration({folder!r}); other.duplicates.review()"
    )
    until(again.page, lambda: again.part("copy-group").count() > 0, "the groups are listed again")
    assert threshold(again) == value
    assert again.part("copies-told").inner_text() == told
    open_review(again)
    assert again.part("review-progress").inner_text().startswith("1 of ")
    again.part("close-review").click()
    assert notebook.ask(
        "exploration.duplicates.current.role_codes.tolist() == other.duplicates.current.role_codes.tolist()"
    )


def test_copies_collapse_and_come_back(field: Exploration, workbench: Map) -> None:
    before = workbench.n_drawn()
    workbench.part("collapse").click()
    workbench.wait(f"{count(field, 'drop')} duplicates hidden")
    assert workbench.n_drawn() != before
    workbench.part("after").click()
    until(
        workbench.page,
        lambda: workbench.part("after").get_attribute("aria-pressed") == "true",
        "density without copies",
    )
    for name in ("after", "collapse"):
        workbench.part(name).click()
    until(workbench.page, lambda: "hidden" not in workbench.status(), "all are shown")
    workbench.wait()
    assert workbench.n_drawn() == before


def test_the_page_lists_groups_and_decides_nothing(field: Exploration, shown: Map) -> None:
    shown.part("tab-copies").click()
    until(shown.page, lambda: shown.part("copy-group").count() > 0, "the groups are listed")
    for name in ("threshold", "review", "collapse", "compare-copy"):
        assert shown.part(name).count() == 0
    shown.part("copies-drop").click()
    groups = int((field.duplicates.to_pandas()["n_drop"] > 0).sum())
    until(shown.page, lambda: shown.part("copy-group").count() == groups, "groups with copies alone")
    shown.part("copy-group").first.click()
    until(shown.page, lambda: shown.part("copy-member").count() == 2, "its documents are listed")
    assert shown.root.evaluate(OVERFLOWING) == []
