"""The map as a widget, and what stands around it in a notebook."""
