"""The exported page, opened from disk in a real browser."""

import sys
from pathlib import Path

import pytest

from nomic_explore import Exploration, explore

sys.path.insert(0, str(Path(__file__).parent.parent / "docs"))
import jupyter_session

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
READY = "[data-testid=atlas-canvas][data-ready=true]"
# Where the first point that nothing covers lies on the screen.
PIXELS = """async (canvas) => {
    const copy = document.createElement('canvas');
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const context = copy.getContext('2d');
    context.drawImage(canvas, 0, 0);
    const {data} = context.getImageData(0, 0, copy.width, copy.height);
    const found = [];
    for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) found.push(at / 4);
    const middle = found[Math.floor(found.length / 2)];
    return {count: found.length, x: (middle % copy.width) / copy.width, y: Math.floor(middle / copy.width) / copy.height};
}"""


def test_the_page_opens_from_disk_hovers_and_searches(lesson: Exploration, chromium: str, tmp_path: Path) -> None:
    path = lesson.save_html(tmp_path / "map.html")
    with jupyter_session.open_browser(chromium, dark=True) as page:
        asked, told = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_selector(READY)
        canvas = page.get_by_test_id("atlas-canvas")
        seen = canvas.evaluate(PIXELS)
        assert seen["count"] > 100
        assert f"{len(lesson):,} documents" in page.get_by_test_id("atlas-status").inner_text()

        box = canvas.bounding_box()
        page.mouse.move(box["x"] + seen["x"] * box["width"], box["y"] + seen["y"] * box["height"])
        page.wait_for_selector("[data-testid=atlas-hover]:not([hidden])")
        shown = page.locator(".nx-card-text").inner_text()
        assert any(text.startswith(shown[:60]) for text in lesson.corpus.texts if text)
        page.mouse.down()
        page.mouse.up()
        page.wait_for_selector("[data-testid=atlas-reader]:not([hidden])")

        word = max(str(lesson.corpus.texts[0]).split(), key=len).strip(".,;:!?")
        page.get_by_test_id("atlas-search").fill(word.upper())
        page.wait_for_function(
            "() => /documents$/.test(document.querySelector('[data-testid=atlas-found]').textContent)"
        )
        expected = sum(word.lower() in (text or "").lower() for text in lesson.corpus.texts)
        assert page.get_by_test_id("atlas-found").inner_text() == f"{expected} documents"
        assert page.locator("[data-testid=atlas-hits] button").count() == expected
        page.wait_for_function(
            "(n) => document.querySelector('[data-testid=atlas-status]').textContent.includes(`${n} lit`)", arg=expected
        )
        assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
        assert told == []


def test_the_page_selects_by_keyboard_and_lasso(lesson: Exploration, chromium: str, tmp_path: Path) -> None:
    path = lesson.save_html(tmp_path / "map.html")
    with jupyter_session.open_browser(chromium) as page:
        page.goto(path.as_uri())
        page.wait_for_selector(READY)
        canvas = page.get_by_test_id("atlas-canvas")
        box = canvas.bounding_box()
        page.get_by_test_id("atlas-lasso").click()
        page.mouse.move(box["x"] + 2, box["y"] + 60)
        page.mouse.down()
        for x, y in ((0.99, 0.08), (0.99, 0.99), (0.01, 0.99), (0.01, 0.08)):
            page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        page.mouse.up()
        page.wait_for_function(
            "() => /selected/.test(document.querySelector('[data-testid=atlas-status]').textContent)"
        )
        canvas.focus()
        page.keyboard.press("Escape")
        page.wait_for_function(
            "() => !/selected/.test(document.querySelector('[data-testid=atlas-status]').textContent)"
        )


def test_hostile_texts_are_shown_as_they_are(chromium: str, tmp_path: Path) -> None:
    texts = [
        "</script><script>window.broken = 1</script>",
        "<img src=x onerror='window.broken = 1'>",
        "NUL \x00 \u2028 \u202e",
        "\U0001f600 fine",
    ]
    path = explore(texts, folder=tmp_path / "x", show_progress=False).save_html(tmp_path / "map.html")
    with jupyter_session.open_browser(chromium) as page:
        page.goto(path.as_uri())
        page.wait_for_selector(READY)
        page.get_by_test_id("atlas-search").fill("onerror")
        page.wait_for_selector("[data-testid=atlas-hits] button")
        page.locator("[data-testid=atlas-hits] button").first.click()
        page.wait_for_selector("[data-testid=atlas-reader]:not([hidden])")
        assert texts[1] in page.get_by_test_id("atlas-reader").inner_text()
        assert page.evaluate("window.broken") is None
