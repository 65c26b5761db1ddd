"""Aligns an image encoder with a text model, and measures how well pictures are found by their description.

    python benchmarks/align_images.py openmoji_images.parquet --image image --text text

500 pictures, drawn at random, are held out: each description is searched among their pictures.
"""

import argparse
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from nomic_explore import Embedder
from nomic_explore.training import ImageAlignmentConfig, align_images


def main() -> None:
    """Prints a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--image", default="image")
    parser.add_argument("--text", default="text")
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--epochs", type=int, default=ImageAlignmentConfig.n_epochs)
    parser.add_argument("--held-out", type=int, default=500)
    options = parser.parse_args()
    table = pd.read_parquet(options.table)
    images = [image if isinstance(image, bytes) else image["bytes"] for image in table[options.image]]
    vectors = Embedder(options.model).encode(table[options.text].tolist())
    order = np.random.default_rng(0).permutation(len(table))
    held, learned = order[: options.held_out], order[options.held_out :]
    config = ImageAlignmentConfig(n_epochs=options.epochs)
    with tempfile.TemporaryDirectory() as folder:
        began = perf_counter()
        align_images([images[row] for row in learned], vectors[learned], config, folder, text_model=options.model)
        minutes = (perf_counter() - began) / 60
        found = Embedder(folder).encode_images([images[row] for row in held])
    scores = vectors[held] @ found.T
    rank = (scores > np.diag(scores)[:, None]).sum(axis=1)
    print(
        f"{len(learned):,} pictures, {options.epochs} epochs in {minutes:.1f} minutes: recall@1 {(rank < 1).mean():.3f}, "
        f"recall@10 {(rank < 10).mean():.3f} of {len(held)}"
    )


if __name__ == "__main__":
    main()
