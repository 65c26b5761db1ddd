"""The only room that knows a screen: the map as a widget, as a page, as a picture, and the panels round it."""

from nomic_explore.view.page import save_html
from nomic_explore.view.panels import show_map
from nomic_explore.view.picture import save_png

__all__ = ["save_html", "save_png", "show_map"]
