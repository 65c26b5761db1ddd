"""How many topics have their name on the map at first sight, and what coarse names say of what they cover.

    python benchmarks/map_names.py FOLDER [FOLDER ...]

Each folder is an exploration. For screens of 800 x 600, 1,400 x 900 and 2,000 x 1,200 pixels it prints how many names of each layer are
shown whole when the map is seen as it opens, beside the panel on the left; and for each layer but the finest the share of the documents whose finest topic has a word of
the coarse name in its own name, or among its keywords.
"""

import sys
from pathlib import Path

import numpy as np

from nomic_explore import Topics, open_exploration
from nomic_explore.topics.keyness import stems
from nomic_explore.view.data.home_view import HomeView
from nomic_explore.view.data.label_placement import PlacedLabel
from nomic_explore.view.data.map_data import make_map_data

MAPS = {800: (550, 498), 1400: (1114, 798), 2000: (1714, 1098)}  # width of a screen: width and height of the map on it


def main(folders: list[str]) -> None:
    """Prints a table for each exploration."""
    for folder in folders:
        exploration = open_exploration(folder)
        topics, data = exploration.topics.current, make_map_data(exploration)
        print(
            f"\n{Path(folder).name}\n\n| layer | {' | '.join(f'{width:,} px' for width in MAPS)} | by names | by keywords |"
        )
        print("|---|" + "---|" * (len(MAPS) + 2))
        for layer, names in enumerate(topics.names):
            own = [label for label in data.labels if label["layer"] == layer]
            shown = [
                f"{sum(is_whole(label, data.home, width, height) for label in own)} of {len(names)}"
                for width, height in MAPS.values()
            ]
            shares = (
                [f"{share:.0%}" for share in speak_for(topics, layer)] if layer < len(topics.names) - 1 else ["", ""]
            )
            print("| " + " | ".join([str(layer), *shown, *shares]) + " |")
        print(f"\ncoarsest names: {'; '.join(topics.names[0])}")


def is_whole(label: PlacedLabel, home: HomeView, width: int, height: int) -> bool:
    """Returns whether a name is shown, and not cut, on a map of so many pixels."""
    scale = home.scale(width, height)
    beside, below = (label["x"] - home.x) * scale + label["dx"], (home.y - label["y"]) * scale + label["dy"]
    is_inside = abs(beside) + label["width"] / 2 <= width / 2 and abs(below) + label["height"] / 2 <= height / 2
    return is_inside and label["min_scale"] <= scale < label["max_scale"]


def speak_for(topics: Topics, layer: int) -> tuple[float, float]:
    """Returns the shares of documents whose finest topic has a word of the coarse name in its name, or in its keywords."""
    coarse, finest = topics.layers[layer], topics.layers[-1]
    has_both = (coarse >= 0) & (finest >= 0)
    pairs, counts = np.unique(np.stack([coarse[has_both], finest[has_both]]), axis=1, return_counts=True)
    named = [words(topics.names[layer][above].removeprefix("Mixed: ").split(", ")) for above in pairs[0]]
    hits = np.array(
        [
            (bool(own & words(topics.names[-1][below].split(", "))), bool(own & words(topics.keywords[-1][below])))
            for own, below in zip(named, pairs[1], strict=True)
        ]
    )
    shares = counts @ hits / counts.sum()
    return float(shares[0]), float(shares[1])


def words(phrases: list[str]) -> frozenset[str]:
    """Returns the stems of all words of some phrases."""
    return frozenset().union(*map(stems, phrases))


if __name__ == "__main__":
    main(sys.argv[1:])
