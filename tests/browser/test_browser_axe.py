"""Every pane in both themes, looked through by axe-core: what a screen reader, a keyboard or weak eyes would stumble over."""

import json
from pathlib import Path
from typing import Any

import pytest
from browser_tools import MARKS, ROOT, Map, lonely_points, open_page, until

from nomic_explore import Exploration

pytest_plugins = ["browser_tools"]
pytestmark = MARKS
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """async () => {
    const options = {rules: {'label-content-name-mismatch': {enabled: true}}, resultTypes: ['violations']};
    const {violations} = await axe.run(document, options);
    return violations.flatMap(({id, nodes}) => nodes.map(({target, any}) => `${id}: ${target} ${any[0]?.message ?? ''}`));
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_pane_has_a_barrier(browser: Any, field: Exploration, field_page: Path, theme: str) -> None:
    assert AXE.exists(), "run npm install"
    shown = open_page(browser, field_page, color_scheme=theme)
    page = shown.page
    page.add_script_tag(path=AXE)
    found: dict[str, list[str]] = {}

    def check(state: str) -> None:
        page.mouse.move(0, 0)
        found[state] = page.evaluate(VIOLATIONS)

    check("as it opens")
    shown.canvas.focus()
    page.keyboard.press("?")
    shown.part("keys").wait_for()
    check("keys")
    page.keyboard.press("Escape")
    shown.part("topic").first.click()
    _open_card(shown)
    check("topics with a card")
    for pane in ("filters", "tags", "copies"):
        shown.part(f"tab-{pane}").click()
        check(pane)
    until(page, lambda: shown.part("copy-group").count() > 0, "the groups are listed")
    shown.part("copy-group").first.click()
    check("a group of duplicates")
    shown.part("fold-bottom").click()
    shown.part("table-row").first.wait_for()
    check("table")
    shown.part("search").fill("the")
    until(page, lambda: shown.part("hits").locator("li").count() > 0, "documents are found")
    check("hits")
    shown.click(lonely_points(field)[1][0])
    until(page, lambda: shown.part("neighbors").is_visible(), "the reader is open")
    check("reader")
    shown.canvas.focus()
    page.keyboard.press("Escape")
    shown.lasso_all()
    check("selection")
    page.context.close()
    barriers = {state: nodes for state, nodes in found.items() if nodes}
    assert not barriers, json.dumps(barriers, indent=1)


def _open_card(shown: Map) -> None:
    """Opens the card of the first topic, by the keyboard."""
    shown.part("topic").first.press("Enter")
    shown.part("topic-card").wait_for()
