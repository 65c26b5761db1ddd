import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nomic_explore import Exploration, explore
from nomic_explore.view.atlas_map import STATIC, AtlasMap
from nomic_explore.view.figures import topic_sizes
from nomic_explore.view.map_data import make_map_data
from nomic_explore.view.page import make_page

ROOT = Path(__file__).parent.parent
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\u2028 line \u202e left",
    "NUL \x00 here",
    "\U0001f600",
]


def test_points_are_the_rows_that_have_a_place(tmp_path: Path) -> None:
    data = make_map_data(explore(["a cat", None, "a dog", " "], folder=tmp_path / "x", show_progress=False))
    assert sorted(data.rows.tolist()) == [0, 2]
    assert np.abs(data.positions).max() <= 1.0
    assert len(data.colors) == 2


def test_points_lie_where_their_rows_lie(lesson: Exploration) -> None:
    data = make_map_data(lesson)
    placed = lesson.positions[data.rows]
    for axis in (0, 1):
        assert np.corrcoef(placed[:, axis], data.positions[:, axis])[0, 1] > 0.9999


def test_every_topic_is_labelled_inside_its_own_points(lesson: Exploration) -> None:
    data = make_map_data(lesson)
    assert len(data.labels) == sum(map(len, lesson.topics.names))
    for label in data.labels:
        names = lesson.topics.names[label["layer"]]
        members = lesson.topics.layers[label["layer"]][data.rows] == names.index(label["text"])
        nearest = np.abs(data.positions[members] - [label["x"], label["y"]]).sum(axis=1).min()
        assert nearest < 1e-6


def test_the_palettes_hold_a_colour_for_each_point(lesson: Exploration) -> None:
    data = make_map_data(lesson)
    assert set(data.palettes) == {"light", "dark"}
    for palette in data.palettes.values():
        assert data.colors.max() < len(palette)
        assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in palette)


def test_a_lasso_on_the_map_selects_rows_in_the_exploration(lesson: Exploration) -> None:
    box = lesson.map()
    atlas = next(part for part in box.children[0].children[1].children if isinstance(part, AtlasMap))
    atlas.selected = np.array([3, 1], dtype=np.uint32).tobytes()
    assert lesson.selected.index.tolist() == sorted(atlas.data.rows[[1, 3]].tolist())
    atlas.selected = b""
    assert lesson.selected.empty


def test_rows_and_points_translate_back(lesson: Exploration) -> None:
    atlas = lesson.map(panels=False)
    assert atlas.rows_of(atlas.points_of([5, 2, 10**7, -1])).tolist() == [2, 5]


def test_the_widget_answers_one_question_at_a_time(lesson: Exploration) -> None:
    atlas = lesson.map(panels=False)
    sent: list[dict[str, object]] = []
    picked: list[int] = []
    atlas.send = lambda message, buffers=None: sent.append(message)  # type: ignore[method-assign]
    atlas.on_pick(picked.append)
    row = int(atlas.data.rows[4])
    for message in (
        {"type": "describe", "point": 4},
        {"type": "pick", "point": 4},
        {"type": "pick", "point": 10**9},
        {"type": "?"},
    ):
        atlas._answer(atlas, message, [])
    assert [message["text"] for message in sent] == [lesson.corpus.texts[row]]
    assert picked == [row]


def test_a_document_that_is_clicked_is_read(lesson: Exploration) -> None:
    box = lesson.map()
    row_box = box.children[0]
    atlas, reader = row_box.children[1].children[0], row_box.children[2]
    for act in atlas._on_pick:
        act(7)
    assert "row 7" in reader.children[0].value
    assert len(reader.children[2].options) == 10


def test_no_text_of_a_corpus_becomes_markup(tmp_path: Path) -> None:
    exploration = explore(HOSTILE, folder=tmp_path / "x", show_progress=False)
    page = make_page(exploration)
    assert page.count("<script") == page.count("</script>") == 6
    assert "onerror" not in page
    reader = exploration.map().children[0].children[2]
    exploration.map().children[0].children[1].children[0]
    from nomic_explore.view.panels import _document_html

    assert "<script" not in _document_html(exploration, 0)
    assert reader is not None


def test_a_page_names_its_missing_folder_and_columns(lesson: Exploration, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="No folder"):
        lesson.save_html(tmp_path / "nowhere" / "map.html")
    with pytest.raises(ValueError, match="no column 'nothing'"):
        lesson.save_html(tmp_path / "map.html", text_columns=["nothing"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_shows_the_points_in_their_colours(lesson: Exploration, tmp_path: Path, theme: str) -> None:
    path = lesson.save_png(tmp_path / "map.png", width=400, height=300, theme=theme)
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    assert pixels.shape == (300, 400, 3)
    assert (pixels[0, 0].mean() > 128) == (theme == "light")
    colourful = pixels.max(axis=2) - pixels.min(axis=2) > 60
    assert 0.005 < colourful.mean() < 0.5
    with pytest.raises(ValueError, match="theme='pink'; expected one of"):
        lesson.save_png(tmp_path / "map.png", theme="pink")


def test_the_size_chart_counts_documents(lesson: Exploration) -> None:
    (bars,) = topic_sizes(lesson.topics).data
    assert sum(bars.x) == (lesson.topics.layers[0] >= 0).sum()


def test_the_committed_javascript_is_what_the_modules_build(tmp_path: Path) -> None:
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    if not esbuild.exists():
        pytest.skip("esbuild is not installed; make bundle installs it")
    build = json.loads((ROOT / "package.json").read_text())["scripts"]["build"]
    for command in build.split(" && "):
        arguments = command.replace("nomic_explore/view/static", str(tmp_path)).split()[1:]
        subprocess.run([str(esbuild), *arguments, "--log-level=error"], cwd=ROOT, check=True)
    for name in ("atlas_map.js", "atlas_map.css"):
        assert (tmp_path / name).read_text() == (STATIC / name).read_text(), f"run make bundle: {name} is old"


def test_the_javascript_modules_pass_their_own_tests() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node")
    ended = subprocess.run([node, "--test", "tests/js/"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:]
