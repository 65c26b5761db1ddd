"""Fine-tunes a model on a table of labelled texts, and measures groups and topics of texts that it has not seen.

    python benchmarks/fine_tune.py banking77.parquet --text text --label label --split split

Pairs are made of rows of the split "train" with one label; measured are the rows of "test": AMI of k-means and of this
package's topics with the labels, before and after, and the search for a text of the same label.
"""

import argparse
import tempfile
from pathlib import Path
from time import perf_counter

import pandas as pd

from nomic_explore import Embedder
from nomic_explore.evaluation import Clustering, evaluate
from nomic_explore.training import FineTuningConfig, fine_tune, pairs_from_labels


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    parser.add_argument("--split", default="split")
    parser.add_argument("--model", default="minilm")
    parser.add_argument("--epochs", type=int, default=FineTuningConfig.n_epochs)
    parser.add_argument("--out", type=Path, help="folder of the model; a temporary one if left out")
    options = parser.parse_args()
    table = pd.read_parquet(options.table).drop_duplicates(options.text)
    train, test = (table[table[options.split] == part] for part in ("train", "test"))
    pairs = pairs_from_labels(train[options.text].tolist(), train[options.label].astype(str).tolist())
    task = Clustering(test[options.text].tolist(), test[options.label].astype(str).tolist(), topics=True)
    with tempfile.TemporaryDirectory() as folder:
        out = options.out or Path(folder) / "tuned"
        began = perf_counter()
        log = fine_tune(options.model, pairs, out, FineTuningConfig(n_epochs=options.epochs))
        print(f"{pairs!r}: {len(log) - 1} steps in {(perf_counter() - began) / 60:.1f} minutes")
        checks = log[["step", "held_out_loss"]].dropna()
        print(
            "held-out loss: "
            + ", ".join(f"{loss:.3f} (step {int(step)})" for step, loss in checks.itertuples(index=False))
        )
        for name, embedder in ((options.model, Embedder(options.model)), ("tuned", Embedder(out))):
            scores = evaluate(embedder, task, n_bootstrap=200).scores
            print(
                f"| {name} | "
                + " | ".join(f"{one.metric} {one.value:.3f} ({one.low:.3f} to {one.high:.3f})" for one in scores)
                + " |"
            )


if __name__ == "__main__":
    main()
