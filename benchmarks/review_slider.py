"""How long the duplicate pane takes from a step of its threshold to new counts and a new map, in JupyterLab.

`python benchmarks/review_slider.py` makes an exploration of 78,051 rows of made-up words with given vectors and positions
(2 minutes; `--folder DIR` keeps it, and uses it again), opens its review in headless Chromium and moves the threshold 24
times. A step ends with the first frame of the map that is drawn after the counts have changed.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from nomic_explore import explore, open_exploration

sys.path.insert(0, str(Path(__file__).parent.parent / "docs"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import jupyter_session
from browser_tools import Notebook, until

N_TRIPLES, N_WORDS, N_STEPS = 26_017, 12, 24
STEP = """async (value) => {
    const root = document.querySelector("[data-testid=atlas]");
    const part = (name) => root.querySelector(`[data-testid=atlas-${name}]`);
    const scores = part("copy-scores"), box = scores.getBoundingClientRect();
    const low = Number(root.querySelector(".nx-score-ends > span").textContent.replace("≤", ""));
    const event = (type) => new PointerEvent(type, {clientX: box.left + box.width * (value - low) / (1 - low), clientY: box.top + 9, button: 0, pointerId: 1, bubbles: true});
    const told = part("copies-told"), before = told.textContent, canvas = part("canvas");
    const start = performance.now();
    scores.setPointerCapture = () => {};
    scores.dispatchEvent(event("pointerdown"));
    const wait = (target, options, holds) => new Promise((done) => {
        const watch = new MutationObserver(() => holds() && (watch.disconnect(), done()));
        watch.observe(target, options);
    });
    await wait(told, {childList: true, subtree: true, characterData: true}, () => told.textContent !== before);
    const counted = performance.now() - start;
    await wait(canvas, {attributes: true, attributeFilter: ["data-points-drawn"]}, () => true);
    return [counted, performance.now() - start];
}"""
RELEASE = "() => document.querySelector('[data-testid=atlas-copy-scores]').dispatchEvent(new PointerEvent('pointerup'))"


def make(folder: Path) -> None:
    """Writes the exploration: texts in threes that share most of their words, each three near one another."""
    rng = np.random.default_rng(0)
    syllables = [f"{one}{two}" for one in "bcdfgklmnprst" for two in "aeiou"]
    words = np.array(["".join(rng.choice(syllables, 3)) for _ in range(5_000)])
    group = rng.integers(0, 40, N_TRIPLES)
    middle = rng.standard_normal((40, 64))[group] * 0.6 + rng.standard_normal((N_TRIPLES, 64))
    noise = rng.choice([0.15, 0.3, 0.5], 3 * N_TRIPLES)[:, None]
    vectors = np.repeat(middle, 3, axis=0) + rng.standard_normal((3 * N_TRIPLES, 64)) * noise
    places = rng.standard_normal((40, 2))[group] * 3 + rng.standard_normal((N_TRIPLES, 2))
    positions = np.repeat(places, 3, axis=0) + rng.standard_normal((3 * N_TRIPLES, 2)) * 0.05
    texts = []
    for _ in range(N_TRIPLES):
        own = rng.choice(words, N_WORDS)
        for n_other in (2, 5, 8):
            text = own.copy()
            text[rng.integers(0, N_WORDS, n_other)] = rng.choice(words, n_other)
            texts.append(" ".join(text))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    explore(texts, folder=folder, vectors=vectors.astype(np.float32), positions=positions)


def measure(folder: Path, chromium: str) -> tuple[list[list[float]], str]:
    """Returns for each step the milliseconds until the counts and until the map, and what the review is of."""
    with (
        tempfile.TemporaryDirectory() as served,
        jupyter_session.serve_folder(Path(served)) as address,
        jupyter_session.launch_browser(chromium) as browser,
    ):
        notebook = Notebook.open(browser, address, Path(served) / "slider.ipynb")
        notebook.run(f"from nomic_explore import open_exploration; exploration = open_exploration({str(folder)!r})")
        shown = notebook.show("exploration.duplicates.review(height=760)")
        until(notebook.page, lambda: shown.part("copy-group").count() > 0, "the groups are listed", timeout_s=300)
        shown.rest()
        values = np.linspace(0.88, 0.95, N_STEPS).round(3).tolist()
        steps: list[Any] = [notebook.page.evaluate(STEP, value) for value in values]
        notebook.page.evaluate(RELEASE)
        told = shown.part("copies-told").inner_text()
        notebook.close()
    return steps, told


def main() -> int:
    """Makes the exploration if need be, and prints the median and the range of the steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made) / "exploration"
        if not folder.exists():
            make(folder)
        n_pairs = len(open_exploration(folder).duplicates.pairs)
        steps, told = measure(folder, options.chromium)
        print(f"{told}; {n_pairs:,} stored pairs")
        for name, at in (("counts", 0), ("counts and map", 1)):
            times = sorted(step[at] for step in steps)
            print(f"{name}: median {statistics.median(times):.0f} ms ({times[0]:.0f} to {times[-1]:.0f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
