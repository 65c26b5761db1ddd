"""Recipes: read strictly, run stage by stage, resumed, and measured."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from nomic_explore import Embedder
from nomic_explore.cli.main import app
from nomic_explore.training.pairs import Pairs
from nomic_explore.training.recipes import list_recipes, read_recipe, run_recipe
from nomic_explore.training.students import load_student

RECIPE = """
seed = 1
[data]
n_held_out = 20
[model]
width = 64
n_layers = 1
n_heads = 2
max_tokens = 64
word_table = "minilm"
[[stages]]
stage = "pretraining"
length = 16
batch_size = 8
n_steps = 4
dtype = "float32"
[[stages]]
stage = "filtering"
embedder = "hash:256"
[[stages]]
stage = "hard_negatives"
n_negatives = 1
[[stages]]
stage = "contrastive"
batch_size = 16
n_steps = 8
n_negatives = 1
matryoshka_dimensions = [64, 32]
dtype = "float32"
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe of every stage, which takes seconds."""
    (tmp_path / "tiny.toml").write_text(RECIPE)
    return tmp_path / "tiny.toml"


@pytest.fixture
def pairs() -> Pairs:
    """A hundred pairs that share two words; four documents are exchanged."""
    words = np.random.default_rng(0).choice(
        ["red", "blue", "old", "new", "cat", "dog", "boat", "tree", "sun", "rain"], (100, 3)
    )
    queries = [f"{number} {' '.join(row)}" for number, row in enumerate(words)]
    documents = [f"about {row[0]} {row[1]} {row[2]} number {number}" for number, row in enumerate(words)]
    documents[:4] = [documents[row] for row in (3, 2, 1, 0)]
    return Pairs(queries, documents, np.array(["words"] * 100))


def test_all_stages_run_and_each_is_measured(recipe: Path, pairs: Pairs, tmp_path: Path) -> None:
    found = run_recipe(recipe, pairs, tmp_path / "model", show_progress=False)
    assert found["stage"].tolist() == ["start", "pretraining", "filtering", "hard_negatives", "contrastive"]
    assert found["n_pairs"].iloc[1] > found["n_pairs"].iloc[2]  # the filter finds exchanged documents
    assert found[["recall_1", "recall_10"]].notna().all(axis=None)
    losses = pd.read_csv(tmp_path / "model" / "4-contrastive" / "log.csv")["loss"]
    assert losses.iloc[-1] < losses.iloc[0]
    assert pd.read_csv(tmp_path / "model" / "recipe.csv")["stage"].tolist() == found["stage"].tolist()
    assert Embedder(tmp_path / "model" / "4-contrastive").model.dimensions == (64, 32)


def test_a_second_call_trains_nothing_anew(recipe: Path, pairs: Pairs, tmp_path: Path) -> None:
    first = run_recipe(recipe, pairs, tmp_path / "model", show_progress=False)
    weights = (tmp_path / "model" / "4-contrastive" / "model.safetensors").read_bytes()
    checkpoint = (tmp_path / "model" / "4-contrastive" / "checkpoint.pt").stat().st_mtime_ns
    again = run_recipe(recipe, pairs, tmp_path / "model", show_progress=False)
    assert (tmp_path / "model" / "4-contrastive" / "checkpoint.pt").stat().st_mtime_ns == checkpoint
    assert (tmp_path / "model" / "4-contrastive" / "model.safetensors").read_bytes() == weights
    assert again.drop(columns="minutes").equals(first.drop(columns="minutes"))


def test_a_folder_of_another_recipe_is_refused(recipe: Path, pairs: Pairs, tmp_path: Path) -> None:
    run_recipe(recipe, pairs, tmp_path / "model", show_progress=False)
    recipe.write_text(RECIPE.replace("n_steps = 4", "n_steps = 5"))
    with pytest.raises(ValueError, match="is of a run with n_steps=4; this one has n_steps=5"):
        run_recipe(recipe, pairs, tmp_path / "model", show_progress=False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("seed = 1", "sed = 1"), "recipe 'tiny' has 'sed'; expected seed, data, model, stages"),
        (("n_layers", "layers"), r"\[model\] of 'tiny' has 'layers'; expected width"),
        (("n_held_out", "held"), r"\[data\] of 'tiny' has 'held'"),
        (
            ('stage = "filtering"', 'stage = "sifting"'),
            "stage 2 of 'tiny' is 'sifting'; expected pretraining, contrastive, filtering",
        ),
        (("n_negatives = 1\n[[", "margins = 1\n[["), r"stage 3 \(hard_negatives\) of 'tiny' has 'margins'"),
        (("seed = 1", "seed = "), "recipe 'tiny' is no TOML"),
    ],
)
def test_entries_that_are_not_known_are_refused(recipe: Path, change: tuple[str, str], told: str) -> None:
    recipe.write_text(RECIPE.replace(*change))
    with pytest.raises(ValueError, match=told):
        read_recipe(recipe)


def test_a_student_gets_experts(recipe: Path, pairs: Pairs, tmp_path: Path) -> None:
    stages = '[[stages]]\nstage = "experts"\nn_experts = 4\n[[stages]]\nstage = "contrastive"\nbatch_size = 16\nn_steps = 3\nrouter_weight = 0.1\n'
    shape = RECIPE.split("[[stages]]")[0].replace("n_layers = 1", "n_layers = 2\nis_gated = false")
    recipe.write_text(shape + stages)
    found = run_recipe(recipe, pairs, tmp_path / "model", show_progress=False)
    assert found["recall_1"].iloc[1] == pytest.approx(found["recall_1"].iloc[0], abs=0.1)
    assert load_student(tmp_path / "model" / "2-contrastive").encoder.config.n_experts == 4


def test_recipes_of_the_package_can_be_read() -> None:
    assert {"class", "gpu"} <= set(list_recipes())
    assert all(read_recipe(name).stages for name in list_recipes())
    with pytest.raises(FileNotFoundError, match="no recipe 'clas'; expected a file or one of class"):
        read_recipe("clas")


def test_too_few_pairs_are_refused(recipe: Path, pairs: Pairs, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="30 pairs; n_held_out=20 of the recipe takes twice as many"):
        run_recipe(recipe, pairs.take(range(30)), tmp_path / "model")


def test_the_command_trains_and_says_where_the_model_is(recipe: Path, pairs: Pairs, tmp_path: Path) -> None:
    pairs.to_pandas().to_csv(tmp_path / "pairs.csv", index=False)
    arguments = ["train", str(recipe), "--data", str(tmp_path / "pairs.csv"), "--out", str(tmp_path / "model")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "100 pairs from 1 source" in done.output
    assert "hard_negatives" in done.output
    assert f"The model: {tmp_path / 'model' / '4-contrastive'}" in done.output
    missing = CliRunner().invoke(app, [*arguments, "--query", "title"])
    assert missing.exit_code == 2
    assert "title" in missing.output
