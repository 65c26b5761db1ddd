"""What `filter()` returns, and what a map leaves in a notebook that is opened without a kernel."""

import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from nomic_explore import Exploration, compare
from nomic_explore.view.data.colors import NO_TOPIC
from nomic_explore.view.widget.static_preview import StaticPreview


def picture_in(html: str) -> np.ndarray:
    """The pixels (h, w, 3) of the picture in a piece of HTML."""
    found = re.search(r'src="data:image/webp;base64,([^"]+)"', html)
    assert found is not None
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(found.group(1)))).convert("RGB")).astype(int)


def n_colored(picture: np.ndarray) -> int:
    """How many pixels are far from gray."""
    return int(((picture.max(axis=2) - picture.min(axis=2)) > 60).sum())


def test_filtering_returns_the_rows_that_pass_as_a_sentence_and_a_picture(lesson: Exploration) -> None:
    view = lesson.map()
    lengths = np.array([len(str(text)) for text in lesson.corpus.texts])
    shown = view.filter(characters=(None, 40))
    assert shown.rows.tolist() == np.flatnonzero(lengths <= 40).tolist()
    assert repr(shown) == f"{len(shown.rows)} of 300 documents: characters ≤ 40"
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == repr(shown)
    assert repr(shown) in bundle["text/html"]
    few, all_of_them = (
        picture_in(bundle["text/html"]),
        picture_in(view.filter(characters=(0, None))._repr_mimebundle_()["text/html"]),
    )
    assert few.shape == (600, 960, 3)
    assert n_colored(few) < 0.8 * n_colored(all_of_them)


def test_clearing_filters_says_so_without_a_picture(lesson: Exploration) -> None:
    bundle = lesson.map(panels=False).filter()._repr_mimebundle_()
    assert bundle["text/plain"] == "300 documents, no filters"
    assert "<img" not in bundle["text/html"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"year": (2005, 2010)}, "year from 2005 to 2010"),
        ({"kind": ["pet", None]}, "kind pet, no value"),
        ({"day": ("2020-02", None)}, "day ≥ 2020-02-01"),
        ({"kind": "pet", "year": 2001}, "kind pet; year 2001"),
        ({"year": (None, None)}, "year has a value"),
    ],
)
def test_each_filter_is_put_in_words(small: Exploration, asked: dict[str, object], told: str) -> None:
    assert repr(small.map(panels=False).filter(**asked)).endswith(f" documents: {told}")


def test_what_a_notebook_keeps_says_what_the_colors_mean(small: Exploration) -> None:
    atlas = small.map(panels=False)
    atlas.color_by, atlas.picture = "kind", "data:image/webp;base64,AAAA"
    html, text = atlas._preview().to_html(), atlas._preview().to_text()
    assert (
        text
        == f"{small.name}: 6 documents. Run the cell to explore them. Colors show kind: pet (3), wild (2), no value (1)."
    )
    for name, color in (("pet (3)", "#0072b2"), ("no value (1)", NO_TOPIC["light"])):
        assert re.search(rf'color: {color}"[^>]*>●</span> {re.escape(name)}', html)
    atlas.color_by = "topic"
    assert not atlas._preview().legend  # topics are named on the picture


def test_the_preview_escapes_names_and_shows_nothing_but_pictures() -> None:
    html = StaticPreview("<b>", "javascript:alert(1)").to_html()
    assert "javascript" not in html
    assert "<b>" not in StaticPreview("<b>", "data:image/png;base64,AAAA").to_html()


def test_nothing_that_is_displayed_is_called_by_a_python_repr(lesson: Exploration) -> None:
    maps = compare(lesson, lesson)
    assert (
        maps._repr_mimebundle_()["text/plain"]
        == "Two maps of the same documents: 100% of the 10 nearest neighbors agree"
    )
    maps.close()


@pytest.fixture(scope="module")
def small(build_once: object) -> Exploration:
    """Six documents with columns of every kind."""
    table = pd.DataFrame(
        {
            "text": ["a cat", "the small cat", "a wild wolf", "one dog", "wolves run", "nothing of that"],
            "kind": ["pet", "pet", "wild", "pet", "wild", None],
            "year": [2001, 2005, 2010, 2006, 2001, 2012],
            "day": pd.to_datetime(["2020-01-01", "2020-02-01", "2020-03-01", "2020-04-01", "2020-05-01", None]),
        }
    )
    return build_once("six_filtered", table, "text", model="hash:64")  # type: ignore[operator]
