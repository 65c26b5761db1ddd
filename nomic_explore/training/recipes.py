"""Recipes: all stages of a model in one small file, run one after the other, with the effect of each measured.

A recipe is a TOML file: `[data]`, `[model]`, and one `[[stages]]` table for each stage, whose keys are those of the stage's
config. Those that come with the package are in `recipe_files/`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from nomic_explore.atomic_files import write_atomically
from nomic_explore.evaluation import Retrieval, evaluate
from nomic_explore.models.embedder import Embedder
from nomic_explore.training.contrastive import ContrastiveConfig, train_contrastive
from nomic_explore.training.experts import upcycle
from nomic_explore.training.filtering import filter_pairs
from nomic_explore.training.hard_negatives import mine_hard_negatives
from nomic_explore.training.held_out import split_pairs
from nomic_explore.training.pairs import Pairs
from nomic_explore.training.pretraining import PretrainingConfig, pretrain
from nomic_explore.training.processes import training_device
from nomic_explore.training.students import Student, load_student, new_student, start_table

if TYPE_CHECKING:
    import pandas as pd

RESULTS = "recipe.csv"
_DATA = {"n_pairs": 1_000_000, "n_held_out": 2000}
_MODEL = ("width", "n_layers", "n_heads", "inner_width", "is_gated", "max_tokens", "word_table", "start")
_CHOICES = {
    "filtering": ("embedder", "n_best", "sample"),
    "experts": ("n_experts", "n_active"),
    "hard_negatives": ("embedder", "n_negatives", "n_candidates", "margin", "sample"),
}
_CONFIGS: dict[str, Any] = {"pretraining": PretrainingConfig, "contrastive": ContrastiveConfig}
_SMALL = 64  # the second size at which a stage is measured


@dataclass(frozen=True)
class Recipe:
    """What a recipe file says.

    Attributes:
        name: of the file.
        seed: of everything that is drawn.
        data: `n_pairs` to learn from at most and `n_held_out` to measure with.
        model: the shape of the student (see `new_student`), `word_table` to start its word vectors from, or `start`: the
            model to train further.
        stages: in order; each has `stage`, and what its config takes.
    """

    name: str
    seed: int
    data: Mapping[str, int]
    model: Mapping[str, Any]
    stages: tuple[Mapping[str, Any], ...]


def list_recipes() -> list[str]:
    """Returns the names of the recipes that come with the package.

    Example:
        >>> "class" in list_recipes()
        True
    """
    folder = files("nomic_explore.training") / "recipe_files"
    return sorted(path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml"))


def read_recipe(recipe: str | Path) -> Recipe:
    """Returns a recipe: of a file, or one of `list_recipes()`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not TOML, or an entry is not known; the message names it and lists those that are.

    Example:
        >>> [stage["stage"] for stage in read_recipe("class").stages]
        ['pretraining', 'filtering', 'contrastive', 'hard_negatives', 'contrastive']
    """
    if str(recipe) in list_recipes():
        name, text = (
            str(recipe),
            (files("nomic_explore.training") / "recipe_files" / f"{recipe}.toml").read_text("utf-8"),
        )
    elif Path(recipe).is_file():
        name, text = Path(recipe).stem, Path(recipe).read_text(encoding="utf-8")
    else:
        raise FileNotFoundError(
            f"there is no recipe {str(recipe)!r}; expected a file or one of {', '.join(list_recipes())}."
        )
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"recipe {name!r} is no TOML: {error}.") from error
    _refuse_unknown(f"recipe {name!r}", read, ("seed", "data", "model", "stages"))
    data, model, stages = read.get("data", {}), read.get("model", {}), read.get("stages", [])
    _refuse_unknown(f"[data] of {name!r}", data, tuple(_DATA))
    _refuse_unknown(f"[model] of {name!r}", model, _MODEL)
    if not stages:
        raise ValueError(f"recipe {name!r} has no [[stages]].")
    for number, stage in enumerate(stages, 1):
        kind = stage.get("stage")
        if kind not in _CONFIGS and kind not in _CHOICES:
            raise ValueError(f"stage {number} of {name!r} is {kind!r}; expected {', '.join([*_CONFIGS, *_CHOICES])}.")
        known = _CHOICES.get(kind) or tuple(field.name for field in fields(_CONFIGS[kind]))
        _refuse_unknown(f"stage {number} ({kind}) of {name!r}", stage, ("stage", *known))
    return Recipe(name, int(read.get("seed", 42)), {**_DATA, **data}, model, tuple(stages))


def run_recipe(
    recipe: str | Path | Recipe, pairs: Pairs, folder: str | Path, *, show_progress: bool | None = None
) -> "pd.DataFrame":
    """Runs the stages of a recipe, and returns what each changed; the model is in the folder's last stage.

    A run that was stopped goes on where it was: each stage has a folder with its checkpoint.

    Args:
        recipe: a file, a name of `list_recipes()`, or what `read_recipe` returned.
        pairs: to learn from; some of them are held out to measure each stage.
        folder: where the stages, and `recipe.csv` with the result, are written.
        show_progress: as for `open_progress`.

    Returns:
        One row for each stage: stage, minutes, n_pairs that are left, and of the held-out pairs recall_1 and recall_10 (share of the
        queries whose document is first, or among the first ten) at full width, and at 64 where the student was trained
        for it. The row "start" is the student before training.

    Raises:
        ValueError: there are too few pairs, or the folder holds a run of another recipe.
        TrainingError: a loss is no number.
    """
    import pandas as pd

    recipe, folder = recipe if isinstance(recipe, Recipe) else read_recipe(recipe), Path(folder)
    learned, held = _divide(pairs, recipe)
    task = Retrieval(held.queries, held.documents)
    student = _start(recipe).to(training_device())
    model = student.save(folder / "0-start")
    rows: list[dict[str, object]] = [
        {"stage": "start", "minutes": 0.0, "n_pairs": len(learned), **_measure(model, task)}
    ]
    for number, stage in enumerate(recipe.stages, 1):
        began, kind = perf_counter(), str(stage["stage"])
        own = folder / f"{number}-{kind}"
        if kind in _CONFIGS:
            student = load_student(model).to(training_device())
            _train(student, learned, stage, recipe.seed, own, show_progress)
            model = own
        elif kind == "experts":
            options = {key: value for key, value in stage.items() if key != "stage"}
            student = load_student(model)
            model = replace(student, encoder=upcycle(student.encoder, **options, seed=recipe.seed)).save(own)
        else:
            learned = _choose(learned, model, stage, recipe.seed, show_progress)
        minutes = (perf_counter() - began) / 60
        rows.append({"stage": kind, "minutes": round(minutes, 2), "n_pairs": len(learned), **_measure(model, task)})
        with write_atomically(folder / RESULTS) as part:
            pd.DataFrame(rows).to_csv(part, index=False)
    return pd.DataFrame(rows)


def _divide(pairs: Pairs, recipe: Recipe) -> tuple[Pairs, Pairs]:
    """Returns the pairs to learn from and those to measure with."""
    n_held, n_pairs = recipe.data["n_held_out"], recipe.data["n_pairs"]
    if len(pairs) < 2 * n_held:
        raise ValueError(f"{len(pairs):,} pairs; n_held_out={n_held:,} of the recipe takes twice as many at least.")
    chosen = np.random.default_rng(recipe.seed).permutation(len(pairs))[: n_pairs + n_held]
    pairs = pairs.take(np.sort(chosen))
    return split_pairs(pairs, n_held / len(pairs), seed=recipe.seed)


def _start(recipe: Recipe) -> Student:
    """Returns the student before the first stage."""
    model = dict(recipe.model)
    if start := model.pop("start", None):
        if model:
            raise ValueError(
                f"[model] of {recipe.name!r} has start={start!r}, which brings a shape; leave {min(model)} out."
            )
        return load_student(start)
    word_table = model.pop("word_table", None)
    table = None if word_table is None else start_table(word_table, model.get("width", 256))
    return new_student(**model, table=table, name=recipe.name, seed=recipe.seed)


def _train(
    student: Student, pairs: Pairs, stage: Mapping[str, Any], seed: int, folder: Path, show_progress: bool | None
) -> None:
    kind = stage["stage"]
    options = {
        key: tuple(value) if isinstance(value, list) else value for key, value in stage.items() if key != "stage"
    }
    config = _CONFIGS[kind](**{"seed": seed, **options})
    if kind == "pretraining":
        pretrain(student, list(dict.fromkeys(pairs.documents)), config, folder, show_progress=show_progress)
    else:
        train_contrastive(student, pairs, config, folder, show_progress=show_progress)


def _choose(pairs: Pairs, model: Path, stage: Mapping[str, Any], seed: int, show_progress: bool | None) -> Pairs:
    """Returns the pairs after filtering, or with hard negatives; by the student so far, or by another model."""
    options = {key: value for key, value in stage.items() if key not in ("stage", "embedder")}
    name = stage.get("embedder", "student")
    embedder = Embedder(model if name == "student" else name)
    choose = filter_pairs if stage["stage"] == "filtering" else mine_hard_negatives
    return choose(pairs, embedder, **options, seed=seed, show_progress=show_progress)[0]


def _measure(model: Path, task: Retrieval) -> dict[str, float]:
    """Returns recall of the held-out pairs at full width, and at 64 if the model has that size."""
    embedder = Embedder(model)
    sizes = {"": None, **({f"_at_{_SMALL}": _SMALL} if _SMALL in embedder.model.dimensions[1:] else {})}
    found: dict[str, float] = {}
    for suffix, size in sizes.items():
        scores = {
            score.metric: score.value for score in evaluate(embedder, task, n_bootstrap=0, dimensions=size).scores
        }
        found |= {f"recall_{k}{suffix}": round(scores[f"recall@{k}"], 4) for k in (1, 10)}
    return found


def _refuse_unknown(where: str, given: Mapping[str, object], known: tuple[str, ...]) -> None:
    if unknown := sorted(given.keys() - set(known)):
        raise ValueError(f"{where} has {unknown[0]!r}; expected {', '.join(known)}.")
