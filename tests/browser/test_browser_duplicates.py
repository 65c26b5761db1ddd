"""The duplicate workbench: settings, groups, the review in the whole window, and the files at its end."""

import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser_tools import MARKS, Map, Notebook, until

from nomic_explore import Exploration, open_exploration
from nomic_explore.testing import HashEmbedder

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "benchmarks"))
from review_keys import plant

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
OVERFLOWING = """(root) => [...root.querySelectorAll('.nx-pane, .nx-review, .nx-review-main, .nx-review-side, .nx-side-text, .nx-decide, .nx-members')]
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
    if opened.part("review-card").is_visible():
        opened.part("close-review").click()
    notebook.run("while exploration.undo(): pass")
    until(opened.page, lambda: threshold(opened) == 0.9, "the threshold is back")
    assert notebook.told == []


def threshold(shown: Map) -> float:
    """Where the line of the histogram stands."""
    return float(shown.part("threshold").get_attribute("aria-valuenow") or "nan")


def count_told(shown: Map, what: str) -> int:
    """The number before a word of the line that adds up."""
    line = shown.part("copies-told").inner_text()
    return int(re.search(rf"([\d,]+) {what}", line).group(1).replace(",", ""))  # type: ignore[union-attr]


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


def test_the_pane_shows_counts_that_add_up_bars_and_what_the_threshold_means(
    field: Exploration, workbench: Map
) -> None:
    assert workbench.part("tab-copies").get_attribute("aria-selected") == "true"
    told = {name: count_told(workbench, name) for name in ("documents", "unique", "kept", "dropped", "to review")}
    roles = {"kept": "keep", "dropped": "drop", "to review": "review", "unique": "unique"}
    assert {name: told[name] for name in roles} == {name: count(field, role) for name, role in roles.items()}
    assert told["documents"] == len(field) == sum(told[name] for name in roles)
    n = len(field.duplicates.undecided())
    left = f"{told['dropped']} rows removed · about {n} decisions left"
    assert workbench.part("copies-meter").inner_text() == left
    assert workbench.part("copies-all").inner_text() == f"All {field.duplicates.n_groups}"
    assert workbench.part("copies-all").get_attribute("title") == f"List these {field.duplicates.n_groups} groups"
    assert workbench.part("copy-scores").locator("rect").count() > 5
    meaning = workbench.part("threshold-told").inner_text()
    assert "unrelated neighbors" in meaning
    assert meaning.endswith("Above this, texts alike only in meaning go to review.")
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
    groups = int((field.duplicates.at(value).to_pandas()["n_review"] > 0).sum())
    until(
        workbench.page,
        lambda: workbench.part("copies-review").inner_text() == f"To review {groups}",
        "so do the groups",
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
    until(workbench.page, lambda: threshold(workbench) == 0.8, "the slider shows the floor")


def test_keys_and_clicks_in_quick_succession_all_count(notebook: Notebook, workbench: Map) -> None:
    before = notebook.ask("exploration.duplicates.current.drop_kinds")
    press_all = """(handle, keys) => keys.forEach((key) => ['keydown', 'keyup'].forEach((type) =>
        handle.dispatchEvent(new KeyboardEvent(type, { key, bubbles: true }))))"""
    workbench.part("threshold").evaluate(press_all, ["ArrowLeft", "ArrowRight", "Home", "ArrowRight"])
    notebook.wait("exploration.duplicates.current.min_similarity == 0.805")
    workbench.rest()
    assert threshold(workbench) == 0.805
    workbench.part("copy-settings").evaluate(
        "(pane, kinds) => kinds.forEach((kind) => pane.querySelector(`[data-testid=atlas-drop-${kind}]`).click())",
        before,
    )
    notebook.wait("exploration.duplicates.current.drop_kinds == ()")
    until(workbench.page, lambda: not workbench.part(f"drop-{before[0]}").is_checked(), "none is checked")


def test_kinds_and_the_keeper_are_chosen(field: Exploration, notebook: Notebook, workbench: Map) -> None:
    workbench.part("drop-lexical").click()
    notebook.wait("exploration.duplicates.current.drop_kinds == ('exact', 'normalised')")
    n = count(field, "drop", kinds=["exact", "normalised"])
    until(workbench.page, lambda: count_told(workbench, "dropped") == n, "the counts follow")
    workbench.part("copy-keep").select_option("shortest")
    notebook.wait("exploration.duplicates.current.keep == 'shortest'")
    workbench.part("undo").click()
    until(workbench.page, lambda: workbench.part("copy-keep").input_value() == "longest", "undo shows what was before")
    assert not workbench.part("drop-lexical").is_checked()


def test_groups_are_filtered_and_an_open_one_has_halos_and_lines(field: Exploration, workbench: Map) -> None:
    table = field.duplicates.to_pandas()
    for name in ("drop", "review"):
        workbench.part(f"copies-{name}").click()
        workbench.rest()
        n = int((table[f"n_{name}"] > 0).sum())
        until(workbench.page, lambda n=n: workbench.part("copy-group").count() == n, f"groups with {name} alone")
    workbench.part("copy-group").first.click()
    workbench.wait("2 highlighted")
    overlay = workbench.part("overlay")
    assert (overlay.get_attribute("data-halos"), overlay.get_attribute("data-links")) == ("1", "1")
    assert workbench.part("copy-member").count() == 2
    workbench.clear()
    until(workbench.page, lambda: overlay.get_attribute("data-halos") == "0", "Escape takes the halo too")
    workbench.part("group-search").fill("soup minutes")
    until(workbench.page, lambda: workbench.part("copy-group").count() == 1, "the group with both words")
    workbench.part("copy-group").click()
    until(workbench.page, lambda: workbench.part("copy-member").count() == 2, "its documents are listed")
    assert "numbers differ" in workbench.part("copies").inner_text()
    workbench.part("group-search").fill("")
    workbench.part("copies-all").click()
    until(workbench.page, lambda: workbench.part("copy-group").count() == len(table), "all groups")


def test_the_review_fills_the_window_with_two_whole_texts_their_columns_and_the_map(
    field: Exploration, workbench: Map
) -> None:
    size = workbench.page.viewport_size
    workbench.part("group-search").fill("soup minutes")
    until(workbench.page, lambda: workbench.part("copy-group").count() == 1, "the group with both words")
    workbench.part("copy-group").click()
    workbench.part("compare-copy").click()
    until(workbench.page, lambda: workbench.part("pair-left").is_visible(), "two documents are side by side")
    row, other = pair_of(workbench)
    assert workbench.part("review-card").bounding_box() == {"x": 0, "y": 0, **size}
    for name, one in (("left", row), ("right", other)):
        side = workbench.part(f"pair-{name}")
        diff = side.locator(".nx-diff")
        assert diff.inner_text() == field.corpus.texts[one]
        marked = diff.locator("mark.nx-differs-number").all_inner_texts()
        assert marked
        assert all(number in field.corpus.texts[one] for number in marked)
        assert side.get_by_test_id("atlas-pair-id").inner_text() == f"id {field.corpus.ids[one]}"
        assert f"row {one}" in side.inner_text()
        assert side.bounding_box()["height"] > 400
    assert "numbers differ" in workbench.part("pair-facts").inner_text()
    table = field.corpus.table
    lines = [line.all_inner_texts() for line in cells_of(workbench.part("pair-columns"))]
    differing = [name for name in table.column_names if table[name][row] != table[name][other] and name != "text"]
    assert [name for name, *_ in lines] == differing
    ids = next(cells for name, *cells in lines if name == "id")
    assert ids == [field.corpus.ids[row], field.corpus.ids[other]]
    assert thumbnail_colors(workbench) >= {(213, 94, 0), (0, 114, 178)}
    assert workbench.root.evaluate(OVERFLOWING) == []
    for width in (820, 390):
        workbench.page.set_viewport_size({"width": width, "height": 900})
        left, right = (workbench.part(f"pair-{name}").bounding_box() for name in ("left", "right"))
        assert left["x"] == right["x"]
        assert right["y"] >= left["y"] + left["height"]
        assert min(left["height"], right["height"]) > 100
        assert not workbench.part("review-groups").is_visible()
        workbench.part("review-fold").click()
        assert workbench.part("review-groups").is_visible()
        workbench.part("review-fold").click()
        assert workbench.root.evaluate(OVERFLOWING) == []
    workbench.page.set_viewport_size(size)
    until(workbench.page, lambda: workbench.part("pane-copies").is_visible(), "the panes are back")
    workbench.page.keyboard.press("Escape")
    until(workbench.page, lambda: not workbench.part("review-card").is_visible(), "Escape closes it")
    is_focused = "(button) => button === document.activeElement"
    until(workbench.page, lambda: workbench.part("review").evaluate(is_focused), "the button has the focus again")
    workbench.part("group-search").fill("")
    until(workbench.page, lambda: workbench.part("copy-group").count() > 1, "all groups")


def cells_of(table: Any) -> list[Any]:
    """The cells of each line in the body of a table."""
    return [line.locator("th, td") for line in table.locator("tbody tr").all()]


def thumbnail_colors(shown: Map) -> set[tuple[int, ...]]:
    """The colours that are drawn without transparency in the small map of the review."""
    read = "(c) => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    pixels = np.array(shown.part("review-map").evaluate(read)).reshape(-1, 4)
    return set(map(tuple, np.unique(pixels[pixels[:, 3] == 255][:, :3], axis=0).tolist()))


def test_the_review_is_ordered_searched_and_filtered(field: Exploration, workbench: Map) -> None:
    open_review(workbench)
    gaps = field.duplicates.undecided().assign(gap=lambda pairs: (pairs["similarity"] - 0.9).abs())
    nearest = gaps.sort_values(["gap", "row"])[["row", "other"]].to_numpy()
    workbench.part("review-sort").select_option("threshold")
    until(workbench.page, lambda: pair_of(workbench) == tuple(nearest[0]), "the one nearest to the threshold")
    assert press(workbench, "ArrowRight") == tuple(nearest[1])
    workbench.part("review-search").fill("soup minutes")
    until(workbench.page, lambda: workbench.part("review-groups").locator("li").count() == 1, "the one that has both")
    until(workbench.page, lambda: "soup" in field.corpus.texts[pair_of(workbench)[0]], "and its pair")
    workbench.part("review-search").fill("")
    unflagged = gaps[gaps["differ_in"].map(len) == 0]
    until(workbench.page, lambda: workbench.part("review-groups").locator("li").count() == len(gaps), "all again")
    workbench.part("review-difference").select_option("[]")
    until(
        workbench.page,
        lambda: workbench.part("review-groups").locator("li").count() == len(unflagged),
        "pairs without a flag",
    )
    until(workbench.page, lambda: pair_of(workbench)[0] in set(unflagged["row"]), "the first of them")
    workbench.part("review-sort").select_option("saved")


def test_pairs_are_decided_by_key_and_undone(field: Exploration, notebook: Notebook, workbench: Map) -> None:
    n = len(field.duplicates.undecided())
    first = open_review(workbench)
    progress = workbench.part("review-progress")
    assert progress.inner_text() == f"18 rows removed · about {n} decisions left"
    second = press(workbench, "ArrowRight")
    assert press(workbench, "ArrowLeft") == first
    assert press(workbench, "1") == second
    third = press(workbench, "n")
    fourth = press(workbench, "2")
    press(workbench, "k")
    verdicts = "exploration.duplicates.labels[['row', 'other', 'verdict']].values.tolist()"
    expected = [[*first, "drop"], [*second, "distinct"], [*third[::-1], "drop"]]
    assert notebook.ask(verdicts) == [*expected, [*fourth, "keep"], [*fourth[::-1], "keep"]]
    assert progress.inner_text().startswith(f"20 rows removed · about {n - 4} decisions left")
    precision = "Of 3 judged pairs, 2 are duplicates: 67 % (95 %: 9 % to 99 %)"
    assert workbench.part("review-precision").inner_text() == precision
    assert notebook.ask(f"str(exploration.duplicates.roles[{third[1]}])") == "drop"
    until(workbench.page, lambda: count_told(workbench, "dropped") == count(field, "drop") + 2, "the counts follow")
    assert press(workbench, "u") == fourth
    assert notebook.ask(verdicts) == expected
    assert press(workbench, "u") == third
    assert workbench.part("review-note").inner_text() == "Undone: dropped a duplicate"
    until(workbench.page, lambda: progress.inner_text().startswith("19 rows"), "one row less")


def test_a_group_and_a_kind_are_decided_with_two_keys_each_and_undone_with_one(
    notebook: Notebook, workbench: Map, build_once: Callable[..., Exploration]
) -> None:
    planted = plant(40)
    made = build_once("planted", planted.texts, model=HashEmbedder())
    notebook.run(f"planted = open_exploration({str(made.folder)!r})")
    shown = notebook.show("planted.duplicates.review(height=700)")
    until(shown.page, lambda: shown.part("copy-group").count() > 0, "the groups are listed")
    row, _ = open_review(shown)  # the largest group first
    rest = [pair for pair in undecided(notebook) if planted.families[pair[0]] == planted.families[row]]
    assert len(rest) == 5
    press(shown, "1")
    assert shown.part("verdict-group").inner_text().split("\n")[-1].strip() == "Drop other 4 too"
    press(shown, "g")
    dropped = "[row for row in range(len(planted)) if planted.duplicates.roles[row] == 'drop']"
    assert notebook.ask(dropped) == sorted(row for row, _ in rest)
    press(shown, "u")
    assert notebook.ask(dropped) == [row]
    numbers = [pair for pair in undecided(notebook) if "meters" in planted.texts[pair[0]]]
    shown.part("review-difference").select_option('["numbers differ"]')
    until(shown.page, lambda: "meters" in planted.texts[pair_of(shown)[0]], "pairs with other numbers")
    shown.page.keyboard.press("a")
    until(shown.page, lambda: shown.part("batch").is_visible(), "a look before the verdict")
    assert shown.part("batch-title").inner_text() == f"{len(numbers)} pairs that differ only in numbers"
    assert shown.part("batch-example").count() == 5
    shown.page.keyboard.press("n")
    until(shown.page, lambda: shown.part("review-done").is_visible(), "none of them is left")
    assert shown.part("review-note").inner_text().startswith(f"{len(numbers)} pairs marked as distinct")
    assert notebook.ask("planted.duplicates.labels['verdict'].tolist()") == ["drop"] + ["distinct"] * len(numbers)
    shown.page.keyboard.press("u")
    until(shown.page, lambda: not shown.part("review-done").is_visible(), "they are back")
    assert notebook.ask("planted.duplicates.labels['verdict'].tolist()") == ["drop"]
    assert notebook.ask(dropped) == [row]
    shown.page.keyboard.press("Escape")


def undecided(notebook: Notebook) -> list[list[int]]:
    """The pairs of the planted texts that have no verdict."""
    pairs: list[list[int]] = notebook.ask("planted.duplicates.undecided()[['row', 'other']].values.tolist()")
    return pairs


def test_finish_writes_the_files_and_says_where_or_what_is_wrong(
    field: Exploration, notebook: Notebook, workbench: Map, tmp_path: Path
) -> None:
    workbench.part("finish").click()
    counts = workbench.part("finish-counts")
    until(workbench.page, lambda: counts.is_visible(), "the dialog is there")
    n = count(field, "drop")
    assert counts.inner_text().startswith(
        f"{len(field) - n} rows stay, {n} are removed. 18 documents are still to review"
    )
    folder = notebook.ask("str(exploration.folder.resolve())")
    assert workbench.part("finish-folder").input_value() == f"{folder}-deduplicated"
    workbench.part("finish-folder").fill(str(tmp_path / "clean"))
    workbench.part("finish-format").select_option("csv")
    workbench.part("finish-write").click()
    files = workbench.part("finish-files").locator("li")
    until(workbench.page, lambda: files.count() == 3, "the files are written")
    names = ["kept.csv", "removed.csv", "report.html"]
    assert files.all_inner_texts() == [str(tmp_path / "clean" / name) for name in names]
    assert all((tmp_path / "clean" / name).stat().st_size > 100 for name in names)
    assert len(pd.read_csv(tmp_path / "clean" / "kept.csv")) == len(field) - n
    workbench.part("finish-close").click()
    workbench.part("finish").click()
    until(workbench.page, lambda: workbench.part("finish-folder").is_visible(), "the dialog is there again")
    workbench.part("finish-folder").fill(str(tmp_path / "clean"))
    workbench.part("finish-format").select_option("csv")
    workbench.part("finish-write").click()
    until(workbench.page, lambda: workbench.part("finish-error").is_visible(), "an error in words")
    assert "kept.csv is there already. Choose another folder" in workbench.part("finish-error").inner_text()
    workbench.page.keyboard.press("Escape")


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
    press(workbench, "1")
    workbench.part("close-review").click()
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
    assert "19 rows removed" in again.part("review-progress").inner_text()
    again.part("close-review").click()
    assert notebook.ask(
        "exploration.duplicates.current.role_codes.tolist() == other.duplicates.current.role_codes.tolist()"
    )


def test_duplicates_are_hidden_and_come_back(field: Exploration, workbench: Map) -> None:
    before = workbench.n_drawn()
    workbench.part("collapse").click()
    workbench.wait(f"{count(field, 'drop')} duplicates hidden")
    assert workbench.n_drawn() != before
    workbench.part("after").click()
    until(
        workbench.page,
        lambda: workbench.part("after").get_attribute("aria-pressed") == "true",
        "density without duplicates",
    )
    for name in ("after", "collapse"):
        workbench.part(name).click()
    until(workbench.page, lambda: "hidden" not in workbench.status(), "all are shown")
    workbench.wait()
    assert workbench.n_drawn() == before


def test_the_page_lists_groups_decides_nothing_and_writes_the_kept_ids(field: Exploration, shown: Map) -> None:
    shown.part("tab-copies").click()
    until(shown.page, lambda: shown.part("copy-group").count() > 0, "the groups are listed")
    for name in ("threshold", "review", "collapse", "compare-copy", "finish"):
        assert shown.part(name).count() == 0
    assert count_told(shown, "dropped") == count(field, "drop")
    shown.part("copies-drop").click()
    groups = int((field.duplicates.to_pandas()["n_drop"] > 0).sum())
    until(shown.page, lambda: shown.part("copy-group").count() == groups, "groups with duplicates alone")
    shown.part("copy-group").first.click()
    until(shown.page, lambda: shown.part("copy-member").count() == 2, "its documents are listed")
    assert shown.root.evaluate(OVERFLOWING) == []
    name, text = shown.download(shown.part("download-kept").click)
    assert name == "field-kept.csv"
    kept = pd.read_csv(io.StringIO(text))
    wanted = np.flatnonzero(field.duplicates.roles != "drop")
    assert sorted(kept["row"]) == wanted.tolist()
    assert set(kept["id"]) == {field.corpus.ids[row] for row in wanted}
