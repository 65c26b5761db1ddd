"""What leaves the notebook: the page, pictures and figures."""
