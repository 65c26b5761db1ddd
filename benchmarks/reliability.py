"""What an exploration withstands: kills, readers during builds, flipped bits, and writers side by side.

    python benchmarks/reliability.py [--kills 150] [--disks 60] [--readers 50] [--flips 200] [--edits 10000]

Each part works on explorations of 60 texts with vectors of `HashEmbedder`, in processes of their own. Kills are SIGKILL, before or after one of the writes of a
build; before it is run again the folder must hold the old state or the new one, and afterwards the new one, bit for bit. A full disk is a limit on the size of files
(RLIMIT_FSIZE), at which writes fail in Python and in Lance. Readers open the old state and
read its parts while another process builds. A flipped bit counts as noticed if `check` reports it or if nothing that a reader sees changes, and as mended if
the next build restores the state. Writers tag documents in several processes, of which some are killed; an edit counts once `tags.add` has returned.
"""

import argparse
import errno
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from nomic_explore import Exploration, explore, open_exploration
from nomic_explore.session.checking import check_store
from nomic_explore.store.database import Store
from nomic_explore.testing import HashEmbedder

WORDS = "river bank violin python garden engine".split()
TEXTS = [f"the {WORDS[n % 6]} of {WORDS[n * 5 % 6]} is number {n} of {n * 7 % 13}" for n in range(60)]
OPTIONS: dict[str, Any] = {
    "show_progress": False,
    "name": "texts",
    "projection": "pca",
}  # UMAP takes seconds to compile
REBUILDS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "rows appended": ([*TEXTS, "one more river", "one more bank"], {}),
    "rows changed": ([*TEXTS[:30], "another bank", *TEXTS[31:]], {}),
    "rows removed": (TEXTS[7:], {}),
    "rows re-ordered": (TEXTS[::-1], {}),
    "other options": (TEXTS, {"n_topics": 3, "n_neighbors": 12, "min_similarity": 0.95}),
    "another model": (TEXTS, {"model": HashEmbedder(32), "change_model": True}),
}
OURS = [f"nomic_explore.{name}" for name in ("build.pipeline", "topics.find", "duplicates.evidence", "corpus.reading")]
WRITES = ("write_table", "append", "index_words", "write_manifest", "write_building", "end_building")


def main() -> None:
    """Runs all parts and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in {"kills": 150, "disks": 60, "readers": 50, "flips": 200, "edits": 10_000}.items():
        parser.add_argument(f"--{name}", type=int, default=usual, help="0 leaves this part out")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for package in (
        *"torch pandas narwhals pyarrow.parquet sklearn.cluster scipy.sparse.linalg filelock regex lance_namespace".split(),
        *OURS,
    ):
        import_module(package)  # once; LanceDB must not be loaded before a process forks
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        made = base / "made"
        run(build, made, TEXTS, {"model": HashEmbedder()})
        print("| what was done | how often | result |\n|---|---|---|", flush=True)
        for part in (try_kills, try_disks, try_readers, try_flips, try_edits):
            if getattr(options, part.__name__.split("_")[-1]):
                part(made, base, options)


def try_kills(made: Path, base: Path, options: argparse.Namespace) -> None:
    """Kills builds at every write, in turn before and after it."""
    each = -(-options.kills // len(REBUILDS))
    n_points = n_whole = n_equal = 0
    old = run(contents, made)
    for texts, asked in REBUILDS.values():
        whole = Path(shutil.copytree(made, base / "whole"))
        n_writes = run(build, whole, texts, asked, -1)
        new = run(contents, whole)
        for at in range(each):
            place = at * 2 * n_writes // each  # before or after each write
            folder = Path(shutil.copytree(made, base / "killed"))
            assert run(build, folder, texts, asked, place) == -signal.SIGKILL
            before, after = run(build_again, folder, texts, asked)
            n_points += 1
            n_whole += before in (old, new)
            n_equal += after == new
            shutil.rmtree(folder)
        shutil.rmtree(whole)
    print(
        f"| SIGKILL at a write of a rebuild ({', '.join(REBUILDS)}) | {n_points} | {n_whole} opened as the old or the new state; {n_equal} equal to an undisturbed build after the next run |",
        flush=True,
    )


def try_disks(made: Path, base: Path, options: argparse.Namespace) -> None:
    """Limits the size of files during rebuilds, and lifts the limit for the next run."""
    old, kinds, chance = run(contents, made), list(REBUILDS.values()), random.Random(2)
    sizes = sorted({path.stat().st_size for path in made.rglob("*") if path.is_file()})
    news: dict[int, Any] = {}
    n_failed = n_whole = n_equal = 0
    for at in range(options.disks):
        kind = at % len(kinds)
        texts, asked = kinds[kind]
        if kind not in news:
            whole = Path(shutil.copytree(made, base / "whole"))
            run(build, whole, texts, asked)
            news[kind] = run(contents, whole)
            shutil.rmtree(whole)
        folder = Path(shutil.copytree(made, base / "full"))
        ending = run(build_on_full_disk, folder, texts, asked, chance.choice(sizes) - chance.randrange(2))
        n_failed += ending == "full"
        before, after = run(build_again, folder, texts, asked)
        n_whole += before == (old if ending == "full" else news[kind])
        n_equal += after == news[kind]
        shutil.rmtree(folder)
    print(
        f"| disk full during a rebuild | {options.disks} | {n_failed} builds end with an error that says so; {n_whole} folders hold the old state after an error and the new one without; {n_equal} equal to an undisturbed build after the next run |",
        flush=True,
    )


def try_readers(made: Path, base: Path, options: argparse.Namespace) -> None:
    """Opens the old state and reads it while another process builds."""
    old, n_old, kinds = run(contents, made), 0, list(REBUILDS.values())
    for at in range(options.readers):
        folder = Path(shutil.copytree(made, base / "read"))
        texts, asked = kinds[at % len(kinds)]
        n_old += run(read_slowly, folder, texts, asked) == old
        shutil.rmtree(folder)
    print(
        f"| open exploration read while another process builds | {options.readers} | {n_old} read the old state alone |",
        flush=True,
    )


def try_flips(made: Path, base: Path, options: argparse.Namespace) -> None:
    """Flips one bit of one file at a time."""
    chance, whole = random.Random(0), run(contents, made)
    files = [path.relative_to(made) for path in sorted(made.rglob("*")) if path.is_file() and path.stat().st_size]
    sizes = [(made / path).stat().st_size for path in files]
    n_changed = n_noticed = n_mended = 0
    for _ in range(options.flips):
        path = chance.choices(files, sizes)[0]
        folder = Path(shutil.copytree(made, base / "flipped"))
        content = bytearray((folder / path).read_bytes())
        at = chance.randrange(len(content) * 8)
        content[at // 8] ^= 1 << at % 8
        (folder / path).write_bytes(bytes(content))
        is_noticed = run(is_damaged, folder)
        before, after = run(build_again, folder, TEXTS, {"model": HashEmbedder()})
        n_changed += before != whole
        n_noticed += before != whole and is_noticed
        n_mended += after == whole
        shutil.rmtree(folder)
    print(
        f"| one bit flipped, in files chosen by size | {options.flips} | {n_changed} change or stop what is read; check reports {n_noticed} of them; {n_mended} restored by the next build |",
        flush=True,
    )


def try_edits(made: Path, base: Path, options: argparse.Namespace) -> None:
    """Tags documents in eight processes, of which one is killed now and then and replaced."""
    folder, acknowledged = Path(shutil.copytree(made, base / "edited")), base / "acknowledged"
    acknowledged.mkdir()
    context, n_started, n_killed, workers = multiprocessing.get_context("fork"), 0, 0, []
    chance = random.Random(1)
    while True:
        workers = [worker for worker in workers if worker.is_alive()]
        n_done = sum(len(path.read_bytes().splitlines()) for path in acknowledged.iterdir())
        if n_done >= options.edits:
            break
        while len(workers) < 8:
            workers.append(context.Process(target=tag, args=(folder, acknowledged / str(n_started), n_started)))
            workers[-1].start()
            n_started += 1
        time.sleep(1.0)
        if chance.random() < 0.3:
            os.kill(chance.choice(workers).pid, signal.SIGKILL)
            n_killed += 1
    for worker in workers:
        worker.kill()
        worker.join()
    told = [line for path in acknowledged.iterdir() for line in path.read_text().splitlines()]
    n_lost = len(set(told) - run(tag_names, folder))
    print(f"| edits by 8 processes, {n_killed} of which were killed | {len(told):,} | {n_lost} lost |", flush=True)


# --- what runs in processes of their own -------------------------------------------------------------------------------


def run(function: Callable[..., Any], *arguments: Any) -> Any:
    """Returns what a function returns in a process of its own, or the negative number of the signal that ended it."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def work() -> None:
        theirs.send(function(*arguments))

    process = context.Process(target=work)
    process.start()
    theirs.close()
    try:
        result = ours.recv()
    except EOFError:
        result = None
    process.join()
    return result if process.exitcode == 0 else process.exitcode


def build(folder: Path, texts: list[str], asked: dict[str, Any], place: int | None = None) -> int:
    """Builds, kills itself at a write if asked to, and returns how many writes there were."""
    n_writes = [0]

    def guard(method: Callable[..., Any]) -> Callable[..., Any]:
        def write(*arguments: Any, **options: Any) -> Any:
            if place == 2 * n_writes[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            result = method(*arguments, **options)
            if place == 2 * n_writes[0] + 1:
                os.kill(os.getpid(), signal.SIGKILL)
            n_writes[0] += 1
            return result

        return write

    for name in WRITES:
        setattr(Store, name, guard(getattr(Store, name)))
    explore(texts, folder=folder, **OPTIONS, **asked)
    return n_writes[0]


def build_on_full_disk(folder: Path, texts: list[str], asked: dict[str, Any], n_bytes: int) -> str:
    """Builds while no file may grow beyond a size; returns how that ended."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, resource.RLIM_INFINITY))
    try:
        build(folder, texts, asked)
    except OSError as error:
        return "full" if error.errno in (errno.ENOSPC, errno.EIO) else f"{type(error).__name__}: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def build_again(folder: Path, texts: list[str], asked: dict[str, Any]) -> tuple[Any, Any]:
    """Returns what a reader sees before and after another build."""
    before = contents(folder)
    build(folder, texts, asked)
    return before, contents(folder)


def contents(folder: Path) -> Any:
    """Returns all that a reader sees, or what it is told."""
    try:
        return parts_of(open_exploration(folder))
    except (ValueError, OSError) as error:
        return f"{type(error).__name__}: {error}".replace(str(folder), "")


def parts_of(exploration: Exploration, wait: float = 0.0) -> list[Any]:
    """Returns what a reader sees, part by part."""
    makers: list[Callable[[], Any]] = [
        lambda: exploration.corpus.texts,
        lambda: exploration.vectors.tobytes(),
        lambda: exploration.graph.neighbors.tobytes(),
        lambda: exploration.graph.similarities.tobytes(),
        lambda: exploration.positions.tobytes(),
        lambda: [layer.tolist() for layer in exploration.topics.layers],
        lambda: exploration.topics.names,
        lambda: exploration.duplicates.roles.tolist(),
        lambda: exploration.search("violin", mode="keyword")["row"].tolist(),
    ]
    parts = []
    for make in makers:
        parts.append(make())
        time.sleep(wait)
    return parts


def read_slowly(folder: Path, texts: list[str], asked: dict[str, Any]) -> list[Any]:
    """Returns what a reader sees that reads while a child builds."""
    child = multiprocessing.get_context("fork").Process(target=build, args=(folder, texts, asked))
    child.start()
    parts = parts_of(open_exploration(folder), wait=random.random() * 0.2)
    child.join()
    return parts


def is_damaged(folder: Path) -> bool:
    """Returns whether `check` reports damage."""
    try:
        return any(part.damage for part in check_store(Store(folder)))
    except ValueError:
        return True


def tag(folder: Path, acknowledged: Path, number: int) -> None:
    """Tags documents until it is killed; writes down each edit that has returned."""
    exploration = open_exploration(folder)
    with open(acknowledged, "a", buffering=1) as file:
        for count in range(sys.maxsize):
            exploration.tags.add([count % len(TEXTS)], f"{number}-{count}")
            file.write(f"{number}-{count}\n")


def tag_names(folder: Path) -> set[str]:
    """Returns the names of all tags."""
    return set(open_exploration(folder).tags)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
