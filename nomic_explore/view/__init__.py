"""The only room that knows a screen: the map as a widget, as a page, as a picture, and the panels round it."""

from nomic_explore.view.export.page import save_html
from nomic_explore.view.export.picture import save_png
from nomic_explore.view.export.svg import save_svg
from nomic_explore.view.export.topic_figures import topics_over_time, topics_per
from nomic_explore.view.widget.comparison import compare
from nomic_explore.view.widget.explorer import show_map

__all__ = ["compare", "save_html", "save_png", "save_svg", "show_map", "topics_over_time", "topics_per"]
