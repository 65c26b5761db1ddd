"""The topic panel: search, hovering, the card, two topics side by side, and editing with a kernel."""

from typing import Any

import numpy as np
import pytest
from browser_tools import MARKS, Map, Notebook, until

from nomic_explore import Exploration
from nomic_explore.topics.profile import make_profile
from nomic_explore.view.data.map_data import make_map_data

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
OVERFLOWING = """(root) => [...root.querySelectorAll('.nx-pane, .nx-topic-card, .nx-tree-frame, .nx-shares, .nx-picked')]
    .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth)
    .map((one) => `${one.className}: ${one.scrollWidth} in ${one.clientWidth}`)"""


@pytest.fixture(scope="module")
def explorer(notebook: Notebook) -> Map:
    """A map with its panes in a notebook."""
    notebook.run("atlas = exploration.map(height=760).atlas")
    return notebook.show("atlas")


@pytest.fixture(params=["page", "notebook"])
def panel(request: pytest.FixtureRequest) -> Map:
    """The panel of the page, and that of the notebook."""
    opened: Map = request.getfixturevalue("shown" if request.param == "page" else "explorer")
    opened.clear()
    opened.part("find-topic").fill("")
    until(opened.page, lambda: "highlighted" not in opened.status(), "nothing is highlighted")
    return opened


def largest_first(exploration: Exploration, layer: int = 0) -> list[int]:
    """The topics of a layer."""
    sizes = np.bincount(exploration.topics.layers[layer] + 1)[1:]
    return [int(topic) for topic in np.argsort(-sizes, kind="stable")]


def named(shown: Map, name: str) -> Any:
    """The line of a topic in the tree."""
    return shown.part("topic").filter(has_text=name).first


def open_card(shown: Map, topic: Any) -> None:
    """Opens the card of a topic with Enter, and waits until it is there."""
    name = topic.locator(".nx-topic-name").inner_text()
    topic.focus()
    shown.page.keyboard.press("Enter")
    until(shown.page, lambda: shown.part("topic-card-name").all_inner_texts() == [name], f"the card of {name}")
    shown.rest()


def close_card(shown: Map) -> None:
    if shown.part("close-card").is_visible():
        shown.part("close-card").click()


def test_the_tree_shows_sizes_and_bars_and_above_it_the_shares(field: Exploration, panel: Map) -> None:
    sizes = np.bincount(field.topics.layers[0][field.topics.layers[0] >= 0])
    listed = panel.part("topic").locator(".nx-size").all_inner_texts()[: len(sizes)]
    assert [int(size) for size in listed] == sorted(sizes.tolist(), reverse=True)
    bars = [bar.bounding_box()["width"] for bar in panel.part("topic-bar").all()[: len(sizes)]]
    assert np.array(bars) / bars[0] == pytest.approx(np.sort(sizes)[::-1] / sizes.max(), abs=0.03)
    core = (field.topics.assignment == "core").mean()
    until(panel.page, lambda: panel.part("shares").inner_text().startswith(f"{100 * core:.0f} % clearly"), "the shares")
    assert panel.root.evaluate(OVERFLOWING) == []


def test_a_search_in_the_tree_opens_the_way_to_what_it_finds(field: Exploration, panel: Map) -> None:
    finest = len(field.topics.layers) - 1
    topic = largest_first(field, finest)[0]
    keyword = field.topics.keywords[finest][topic][0]
    n_shown = panel.part("topic").count()
    panel.part("find-topic").fill(keyword.upper())
    name = field.topics.names[finest][topic]
    until(panel.page, lambda: named(panel, name).is_visible(), f"{name} is listed")
    assert named(panel, name).get_attribute("aria-level") == str(finest + 1)
    panel.part("find-topic").fill("no such word at all")
    until(panel.page, lambda: panel.part("topic").count() == 0, "nothing is found")
    panel.part("find-topic").press("Escape")
    until(panel.page, lambda: panel.part("topic").count() == n_shown, "all are listed again")


def test_hovering_lights_a_topic_and_leaving_brings_back_what_was_lit(field: Exploration, panel: Map) -> None:
    sizes = np.sort(np.bincount(field.topics.layers[0][field.topics.layers[0] >= 0]))[::-1]
    panel.part("topic").nth(0).hover()
    panel.wait(f"{sizes[0]} highlighted")
    panel.canvas.hover(position={"x": 3, "y": 3})  # under no name
    until(panel.page, lambda: "highlighted" not in panel.status(), "nothing is highlighted")
    panel.part("topic").nth(1).click()
    panel.wait(f"{sizes[1]} highlighted")
    panel.part("topic").nth(0).hover()
    panel.wait(f"{sizes[0]} highlighted")
    panel.canvas.hover(position={"x": 3, "y": 3})  # under no name
    panel.wait(f"{sizes[1]} highlighted")
    close_card(panel)
    until(panel.page, lambda: "highlighted" not in panel.status(), "closing the card ends the highlight")


def test_only_core_documents_stay_coloured_when_asked(field: Exploration, panel: Map) -> None:
    n = int((field.topics.assignment == "core").sum())
    panel.part("core-only").click()
    panel.wait(f"{n} pass the filters")
    assert panel.part("core-only").get_attribute("aria-pressed") == "true"
    panel.part("core-only").click()
    until(panel.page, lambda: "pass the filters" not in panel.status(), "all pass again")


def test_the_card_shows_keywords_exemplars_time_and_near_topics(field: Exploration, panel: Map) -> None:
    topic = largest_first(field)[0]
    open_card(panel, panel.part("topic").first)
    topics = field.topics.current
    facts = panel.part("topic-facts").inner_text()
    assert facts.startswith(f"{(topics.layers[0] == topic).sum()} documents · ")
    words = panel.part("topic-keywords").locator("li > span:first-child").all_inner_texts()
    assert words == topics.keywords[0][topic][:10]
    exemplars = panel.part("topic-exemplar")
    rows = topics.exemplars[0][topic][:3]
    assert [one.strip() for one in exemplars.all_inner_texts()] == [field.corpus.texts[row] for row in rows]
    assert panel.part("topic-times").locator("g").count() > 3
    assert panel.root.evaluate(OVERFLOWING) == []
    exemplars.first.click()
    until(panel.page, lambda: panel.part("text").count() > 0, "the reader is filled")
    until(panel.page, lambda: panel.part("text").inner_text() == field.corpus.texts[rows[0]], "the exemplar is read")
    share = 100 * (topics.assignment[topics.layers[0] == topic] == "core").mean()
    assert panel.part("topic-assigned").inner_text() == f"{share:.0f} % clearly in it, {100 - share:.0f} % near it"
    profile = make_profile(topics, 0, topic, field.corpus.texts, field.vectors)
    near = [[one.name, f"{one.similarity:.2f}"] for one in profile.neighbors]
    assert [one.split("\n") for one in panel.part("topic-neighbor").all_inner_texts()] == near
    near = panel.part("topic-neighbor").first
    name = near.locator(".nx-topic-name").inner_text()
    near.click()
    until(panel.page, lambda: panel.part("topic-card-name").all_inner_texts() == [name], "the card of the near topic")
    panel.part("topic-card").focus()
    panel.page.keyboard.press("Escape")
    until(panel.page, lambda: not panel.part("topic-card").is_visible(), "Escape closes the card")


def test_two_topics_are_compared_from_the_tree_and_from_a_card(field: Exploration, panel: Map) -> None:
    first, second = (field.topics.names[0][topic] for topic in largest_first(field)[:2])
    for name in (first, second):
        named(panel, name).click(modifiers=["Control"])
    panel.part("compare-picked").click()
    until(panel.page, lambda: panel.part("compared").count() == 2, "two columns")
    assert [one.split("\n")[0] for one in panel.part("compared").all_inner_texts()] == [first, second]
    means = [field.vectors[field.topics.layers[0] == topic].mean(axis=0) for topic in largest_first(field)[:2]]
    cosine = means[0] @ means[1] / np.linalg.norm(means[0]) / np.linalg.norm(means[1])
    assert panel.part("compared-facts").inner_text() == f"similarity {cosine:.2f}"
    assert panel.part("only-keywords").locator("ul").count() == 2
    assert panel.root.evaluate(OVERFLOWING) == []
    panel.part("pick-none").click()
    open_card(panel, named(panel, first))
    panel.part("compare-with").select_option(label=second)
    until(panel.page, lambda: panel.part("compared").count() == 2, "two columns again")
    close_card(panel)


def test_a_double_click_and_a_button_show_a_topic_as_large_as_the_view_allows(field: Exploration, shown: Map) -> None:
    data = make_map_data(field)
    own = data.positions[field.topics.layers[0][data.rows] == largest_first(field)[1]]
    start = shown.view()
    shown.part("topic").nth(1).dblclick()
    until(shown.page, lambda: shown.view()[2] > 1.2 * start[2], "the map has come nearer")
    gone_to = shown.wait().view()
    box = shown.canvas.bounding_box()
    shares = shown.places(own) / [box["width"], box["height"]]
    assert ((shares > 0) & (shares < 1)).all(axis=1).mean() > 0.9
    assert 0.6 < np.ptp(np.quantile(shares, [0.02, 0.98], axis=0), axis=0).max() < 1
    until(shown.page, lambda: shown.part("topic-card-name").count() == 1, "its card is open")
    shown.part("fit").click()
    shown.wait()
    shown.part("topic-go-card").click()
    until(shown.page, lambda: shown.view() == pytest.approx(gone_to), "the button goes to the same view")


def test_a_click_on_a_name_of_the_map_opens_its_card_and_its_line_in_the_tree(field: Exploration, shown: Map) -> None:
    shown.part("tab-tags").click()
    fine = {name: (layer, topic) for layer, names in enumerate(field.topics.names) for topic, name in enumerate(names)}
    shown_names = shown.part("labels").locator(".nx-name").all()
    visible = {" ".join(one.text_content().split()): one.bounding_box() for one in shown_names if one.is_visible()}
    name, box = next((name, box) for name, box in visible.items() if name in fine and fine[name][0] > 0)
    layer, topic = fine[name]
    shown.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    until(shown.page, lambda: shown.part("topic-card-name").all_inner_texts() == [name], f"the card of {name}")
    shown.rest()
    assert shown.part("pane-topics").is_visible()
    line = shown.root.locator(f"[role=treeitem][data-key='{layer}-{topic}']")
    assert "nx-shown" in line.get_attribute("class").split()
    assert line.get_attribute("aria-level") == str(layer + 1)
    shown.wait(f"{(field.topics.layers[layer] == topic).sum()} highlighted")


def test_the_tree_is_walked_by_keyboard_and_its_buttons_leave_the_count_free(field: Exploration, shown: Map) -> None:
    here = "document.activeElement.closest('[role=treeitem]')?.dataset.key"
    largest = largest_first(field)[0]
    children = np.flatnonzero(field.topics.current.parents[1] == largest)
    sizes = np.bincount(field.topics.layers[1] + 1)[1:][children]
    shown.part("find-topic").press("ArrowDown")
    keys = [shown.page.evaluate(here)]
    n = shown.part("topic").count()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "End"):
        shown.page.keyboard.press(key)
        keys.append(shown.page.evaluate(here))
    top = f"0-{largest}"
    assert keys == [top, top, f"1-{children[sizes.argmax()]}", top, top, f"0-{largest_first(field)[-1]}"]
    assert shown.part("topic").count() == n
    assert shown.root.locator("[role=treeitem][tabindex='0']").count() == 1
    line = shown.part("topic").first
    line.hover()
    buttons, size = line.locator(".nx-topic-acts > span").bounding_box(), line.locator(".nx-size").bounding_box()
    assert buttons["x"] + buttons["width"] <= size["x"]


def test_the_page_hides_what_it_cannot_do(field: Exploration, shown: Map) -> None:
    open_card(shown, shown.part("topic").first)
    for name in ("topic-edits", "lock-topic", "split-topic", "move-selection"):
        assert shown.part(name).count() == 0
    for topic in (0, 1):
        shown.part("topic").nth(topic).click(modifiers=["Control"])
    assert shown.part("compare-picked").is_visible()
    assert shown.part("merge-picked").count() == 0


def test_two_topics_are_merged_from_the_tree_and_ctrl_z_parts_them(
    field: Exploration, notebook: Notebook, explorer: Map
) -> None:
    names = field.topics.names[0]
    a, b = largest_first(field)[:2]
    before = make_map_data(field).labels
    for topic in (a, b):
        named(explorer, names[topic]).click(modifiers=["Control"])
    explorer.part("merge-picked").click()
    notebook.wait(f"len(exploration.topics.names[0]) == {len(names) - 1}")
    merged = int(np.isin(field.topics.layers[0], [a, b]).sum())
    until(explorer.page, lambda: f"{merged}" in explorer.part("topic").first.inner_text(), "the merged topic is listed")
    until(explorer.page, lambda: "2 topics merged" in explorer.part("said").inner_text(), "the status line says so")
    assert not explorer.part("picked").is_visible()
    until(explorer.page, lambda: names[b] not in explorer.part("labels").inner_text(), "its name leaves the map")
    explorer.canvas.focus()
    explorer.page.keyboard.press("Control+z")
    notebook.wait(f"len(exploration.topics.names[0]) == {len(names)}")
    until(explorer.page, lambda: named(explorer, names[b]).is_visible(), "it is listed again")
    assert notebook.ask("[label['text'] for label in atlas.labels]") == [label["text"] for label in before]


def test_a_topic_is_split_locked_and_takes_the_selection_from_its_card(
    field: Exploration, notebook: Notebook, explorer: Map
) -> None:
    names = field.topics.names[0]
    largest, second = largest_first(field)[:2]
    open_card(explorer, named(explorer, names[largest]))
    explorer.part("topic-edits").locator("summary").click()
    assert explorer.part("move-selection").is_disabled()
    explorer.part("split-topic").click()
    notebook.wait(f"len(exploration.topics.names[0]) == {len(names) + 1}")
    until(explorer.page, lambda: explorer.part("topic").count() >= len(names) + 1, "the new topic is listed")
    until(
        explorer.page,
        lambda: (
            not explorer.part("topic-facts").inner_text().startswith(f"{(field.topics.layers[0] == largest).sum()} ")
        ),
        "the card follows",
    )
    explorer.part("undo").click()
    notebook.wait(f"len(exploration.topics.names[0]) == {len(names)}")
    rows = np.flatnonzero(field.topics.layers[0] == second)[:3].tolist()
    notebook.run(f"atlas.select({rows})")
    until(explorer.page, lambda: explorer.part("move-selection").is_enabled(), "a selection can be moved")
    explorer.part("move-selection").click()
    notebook.wait(f"set(exploration.topics.layers[0][{rows}].tolist()) == {{{largest}}}")
    explorer.part("undo").click()
    notebook.wait(f"set(exploration.topics.layers[0][{rows}].tolist()) == {{{second}}}")
    explorer.part("lock-topic").click()
    until(explorer.page, lambda: explorer.part("lock-topic").inner_text() == "Unlock", "the card says so")
    assert explorer.part("topics").get_by_test_id("atlas-lock").count() == 1
    explorer.part("split-topic").click()
    until(explorer.page, lambda: "is locked" in explorer.part("said").inner_text(), "the footer says why not")
    explorer.part("lock-topic").click()
    notebook.wait("exploration.topics.locked == []")
    close_card(explorer)
