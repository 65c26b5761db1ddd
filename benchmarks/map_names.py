"""How many topics have their name on the map at first sight, and what coarse names say of what they cover.

    python benchmarks/map_names.py FOLDER [FOLDER ...]

Each folder is an exploration. For three widths of a screen, beside panels of 250 and 310 pixels, it prints how many names of each layer
are shown when the whole map is in view; and for each layer but the finest the share of the documents whose finest topic has a word of
the coarse name in its own name, or among its keywords.
"""

import sys
from pathlib import Path

import numpy as np

from nomic_explore import Topics, open_exploration
from nomic_explore.topics.keyness import stems
from nomic_explore.view.data.map_data import make_map_data

MAPS = {800: (550, 500), 1400: (840, 850), 2000: (1440, 1100)}  # width of a screen: width and height of the map on it


def main(folders: list[str]) -> None:
    """Prints a table for each exploration."""
    for folder in folders:
        exploration = open_exploration(folder)
        topics, data = exploration.topics.current, make_map_data(exploration)
        extent = np.maximum(np.abs(data.positions).max(axis=0), 0.05)
        print(
            f"\n{Path(folder).name}\n\n| layer | {' | '.join(f'{width:,} px' for width in MAPS)} | by names | by keywords |"
        )
        print("|---|" + "---|" * (len(MAPS) + 2))
        for layer, names in enumerate(topics.names):
            own = [label for label in data.labels if label["layer"] == layer]
            shown = []
            for width, height in MAPS.values():
                scale = 0.46 * min(width / extent[0], height / extent[1])
                n_shown = sum(label["min_scale"] <= scale < label["max_scale"] for label in own)
                shown.append(f"{n_shown} of {len(names)}")
            shares = (
                [f"{share:.0%}" for share in speak_for(topics, layer)] if layer < len(topics.names) - 1 else ["", ""]
            )
            print("| " + " | ".join([str(layer), *shown, *shares]) + " |")
        print(f"\ncoarsest names: {'; '.join(topics.names[0])}")


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
