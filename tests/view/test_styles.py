"""The styles of the screen: a class is styled in one file, so that two panes never mean different things by one name."""

import re
from collections import defaultdict
from pathlib import Path

STYLES = Path(__file__).parents[2] / "nomic_explore" / "view" / "js" / "styles"
# What the frame or the width of the window changes about a class of a pane.
CHANGED_ELSEWHERE = {"nx-legend", "nx-middle", "nx-root", "nx-stage", "nx-topic-line", "nx-total"}


def test_a_class_is_styled_in_one_file() -> None:
    files: defaultdict[str, set[str]] = defaultdict(set)
    for path in STYLES.glob("*.css"):
        rules = re.findall(
            r"([^{}]+)\{[^{}]*\}", re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        )
        for selector in (one.strip() for rule in rules for one in rule.split(",")):
            if re.fullmatch(r"\.nx-[\w-]+", selector):
                files[selector[1:]].add(path.name)
    shared = {name for name, styled in files.items() if len(styled) > 1}
    assert shared == CHANGED_ELSEWHERE
