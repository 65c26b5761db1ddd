"""A closed map leaves nothing behind: no listener, no widget in the registry of ipywidgets, no memory."""

import gc
import weakref
from collections.abc import Callable

import comm
import pandas as pd
import pytest
from ipywidgets import Widget
from ipywidgets.widgets.widget import _instances

from nomic_explore import Exploration, compare, explore
from nomic_explore.testing import HashEmbedder
from nomic_explore.view.widget import atlas_map
from nomic_explore.view.widget.atlas_map import AtlasMap
from nomic_explore.view.widget.closing import listen_weakly

ROWS = {
    "text": [f"{subject} {row}" for row in range(20) for subject in ("trains run", "soup boils")],
    "year": range(40),
}
MAPS: dict[str, Callable[[Exploration], Widget]] = {
    "bare map": lambda exploration: exploration.map(panels=False),
    "map with panels": lambda exploration: exploration.map(),
    "map with a chart": lambda exploration: exploration.map(chart="year"),
    "comparison": lambda exploration: compare(exploration, exploration),
}


@pytest.fixture(scope="module")
def exploration(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    folder = tmp_path_factory.mktemp("closing") / "x"
    return explore(pd.DataFrame(ROWS), text="text", folder=folder, model=HashEmbedder(), show_progress=False)


def map_in(shown: Widget) -> AtlasMap:
    return shown if isinstance(shown, AtlasMap) else getattr(shown, "atlas", None) or shown.left


@pytest.mark.parametrize("name", MAPS)
def test_closed_maps_leave_nothing_behind(exploration: Exploration, name: str) -> None:
    counts = lambda: (len(exploration._state._listeners), len(_instances), len(comm.get_comm_manager().comms))  # noqa: E731
    before = counts()
    left: list[weakref.ref[AtlasMap]] = []
    for _ in range(15 if name == "bare map" else 4):
        shown = MAPS[name](exploration)
        left.append(weakref.ref(map_in(shown)))
        shown.close()
        shown.close()  # twice does no harm
        assert counts() == before
        del shown
    gc.collect()
    assert [reference() for reference in left] == [None] * len(left)


def test_a_chart_that_is_drawn_again_keeps_one_figure(exploration: Exploration) -> None:
    with_chart = exploration.map(chart="year")
    before = len(_instances)
    first = weakref.ref(with_chart.chart.figure)
    for column in ("topic", "year", "topic"):
        with_chart.chart.column.value = column
    assert len(_instances) == before
    gc.collect()
    assert first() is None
    with_chart.close()


def test_what_nobody_has_any_longer_is_not_kept_by_what_it_listens_to(exploration: Exploration) -> None:
    class Panel:
        n_changes = 0

        def show(self) -> None:
            self.n_changes += 1

    panel, before = Panel(), len(exploration._state._listeners)
    listen_weakly(exploration, panel, Panel.show)
    exploration.pins.add([1])
    exploration.undo()
    assert panel.n_changes == 2
    del panel
    gc.collect()
    assert len(exploration._state._listeners) == before


def test_a_map_that_fails_to_open_listens_to_nothing(exploration: Exploration) -> None:
    before = len(exploration._state._listeners), len(_instances)
    with pytest.raises(ValueError, match="cannot be shown"):
        exploration.map(color="nothing")
    assert (len(exploration._state._listeners), len(_instances)) == before


class Shell:
    """What IPython tells of the cell that is running."""

    def __init__(self) -> None:
        self.cell, self.run = "a", 0

    def get_parent(self) -> dict[str, object]:
        return {"metadata": {"cellId": self.cell}, "header": {"msg_id": f"{self.cell} {self.run}"}}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    import IPython

    shell = Shell()
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    monkeypatch.setattr(atlas_map, "display_with_preview", lambda *_: lambda _: None)
    return shell


def test_a_map_whose_cell_ran_again_hears_of_edits_when_it_is_displayed_again(
    exploration: Exploration, shell: Shell
) -> None:
    before = len(exploration._state._listeners)
    maps = []
    for shell.run in range(5):
        maps.append(exploration.map())
        maps[-1]._ipython_display_()
    assert len(exploration._state._listeners) == before + 1
    exploration.tags.create("new")
    assert [bool(shown.atlas.annotations["tags"]) for shown in maps] == [False] * 4 + [True]
    shell.cell = "b"
    maps[0]._ipython_display_()
    assert maps[0].atlas.annotations["tags"] == maps[4].atlas.annotations["tags"]
    assert len(exploration._state._listeners) == before + 2
    exploration.undo()
    for shown in maps:
        shown.close()
    assert len(exploration._state._listeners) == before


def test_maps_of_one_run_and_of_two_cells_all_show_edits(exploration: Exploration, shell: Shell) -> None:
    before = len(exploration._state._listeners)
    first, second = exploration.map(panels=False), exploration.map(panels=False)
    first._ipython_display_()
    second._ipython_display_()
    assert len(exploration._state._listeners) == before + 2
    shell.cell = "b"
    first._ipython_display_()
    shell.cell, shell.run = "a", 1
    second._ipython_display_()  # the first is displayed by the other cell still
    assert len(exploration._state._listeners) == before + 2
    first.close()
    second.close()
