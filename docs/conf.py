"""How Sphinx builds the site: pages in Markdown, the reference from docstrings, and nothing loaded from a network.

`docs/build.py` (`make docs`) calls it, so that the maps shown on the pages are there first.
"""

import re
from pathlib import Path
from typing import Any

import typer
import typer.cli
import typer.main
from sphinx.application import Sphinx

import nomic_explore
from nomic_explore.cli.main import app as command_line

DOCS = Path(__file__).parent

project = "nomic_explore"
author = "The nomic_explore authors"
copyright = author
version = release = nomic_explore.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_maps", "_generated"]
nitpicky = True
default_role = "code"  # docstrings mark code with single backticks, as Markdown does
highlight_language = "none"

html_theme = "furo"
html_title = f"nomic_explore {release}"
html_static_path = ["_static"]
html_extra_path = ["_maps/pages"]  # becomes maps/ in the site
html_css_files = ["site.css"]
pygments_dark_style = "monokai"
smartquotes = False  # they would turn the dashes of options into long ones
html_copy_source = False
html_show_sphinx = False

myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_admonition_for_examples = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
# References into other packages need their inventories, which are on a network; those within this package must resolve.
nitpick_ignore_regex = [("py:.*", r"(?!nomic_explore\b).*")]
# Types in signatures that readers neither make nor take apart.
_INTERNAL = (
    "corpus.frame_origin.FrameOrigin",
    "duplicates.crossing.Crossing",
    "duplicates.describe.OutcomeCounts",
    "duplicates.evidence.Evidence",
    "duplicates.report.report.MadeBy",
    "duplicates.verdicts.Verdicts",
    "evaluation.mteb_adapter.TaskMetadata",
    "models.text_encoder.TextEncoder",
    "models.tokens.FileTokenizer",
    "models.vision_encoder.VisionEncoder",
    "session.session.Session",
    "session.state.State",
    "training.loop.B",
)
nitpick_ignore = [("py:class", f"nomic_explore.{name}") for name in _INTERNAL]


def setup(app: Sphinx) -> None:
    """Generates the pages that are not written by hand before Sphinx reads any."""
    app.connect("config-inited", write_command_reference)


def write_command_reference(*_: Any) -> None:
    """Writes _generated/commands.md from the command line itself: every command with its arguments and options."""
    command = typer.main.get_command(command_line)
    context = command.make_context("nomic-explore", [], resilient_parsing=True)
    text = typer.cli.get_docs_for_click(obj=command, ctx=context, name="nomic-explore")
    text = text.split("## `", 1)[1]  # the title and the list of commands stand on the page
    text = re.sub(r"^\* `(.+?)`:", r"* `\1`:", "## `" + text, flags=re.MULTILINE)
    folder = DOCS / "_generated"
    folder.mkdir(exist_ok=True)
    page = folder / "commands.md"
    if not page.exists() or page.read_text(encoding="utf-8") != text:
        page.write_text(text, encoding="utf-8")
