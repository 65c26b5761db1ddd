"""Fine-tuning: an encoder learns from a user's own pairs, until pairs that it does not learn from get worse."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from nomic_explore.atomic_files import write_atomically
from nomic_explore.training.contrastive import ContrastiveConfig, measure_loss, read_texts, train_contrastive
from nomic_explore.training.held_out import split_pairs
from nomic_explore.training.loop import CHECKPOINT
from nomic_explore.training.pairs import Pairs
from nomic_explore.training.processes import training_device
from nomic_explore.training.students import Student, load_student

if TYPE_CHECKING:
    import pandas as pd

_BEST = "best.pt"
_CONTRASTIVE = ContrastiveConfig(batch_size=64, learning_rate=5e-5, temperature=0.05)


@dataclass(frozen=True, kw_only=True)
class FineTuningConfig:
    """How an encoder is fine-tuned.

    Attributes:
        n_epochs: how often each pair is seen at most.
        held_out: share of the pairs that are not learned from and tell when to stop.
        n_checks: how often in each epoch the held-out pairs are looked at.
        patience: checks without improvement after which training stops.
        n_measured: held-out pairs of a check at most.
        contrastive: all else; a trained encoder needs small steps. Its `n_steps` is not used.
    """

    n_epochs: int = 4
    held_out: float = 0.1
    n_checks: int = 4
    patience: int = 3
    n_measured: int = 512
    contrastive: ContrastiveConfig = _CONTRASTIVE


def fine_tune(
    model: str | Path,
    pairs: Pairs,
    folder: str | Path,
    config: FineTuningConfig | None = None,
    *,
    show_progress: bool | None = None,
) -> "pd.DataFrame":
    """Trains an encoder further on pairs of one's own, and writes the best state to a folder; returns the log.

    Best is the state with the lowest loss on pairs that were held out. When that loss has risen for some checks, the
    encoder learns its pairs by heart, and training stops.

    Args:
        model: a name of the catalog (`minilm`, `nomic-embed-text-v1.5` …), or a folder with weights.
        pairs: what belongs together: `pairs_from_columns`, `pairs_from_labels`, or a user's verdicts and topics by
            `pairs_from_duplicates` and `pairs_from_topics`.
        folder: where the new model is written; `Embedder(folder)` opens it. Its name is that of the folder.
        config: None takes the defaults.
        show_progress: as for `open_progress`.

    Returns:
        As `loop.train`, with `held_out_loss` in the rows of the checks; the first check is before training, at step -1.

    Raises:
        ValueError: there are too few pairs to hold some out.
        TrainingError: the loss is no number.

    Example:
        >>> from nomic_explore.training.pairs import make_pairs
        >>> from nomic_explore.training.students import new_student
        >>> animals = ["cat", "dog", "cow", "owl", "fox", "bee", "ant", "elk", "emu", "yak"]
        >>> pairs = make_pairs([f"a {name}" for name in animals], [f"Here is my {name}." for name in animals], "pets")
        >>> _ = new_student(width=32, n_layers=1, n_heads=2).save("before")
        >>> contrastive = ContrastiveConfig(batch_size=4, dtype="float32")
        >>> log = fine_tune("before", pairs, "after", FineTuningConfig(held_out=0.3, contrastive=contrastive))
        >>> bool(log["held_out_loss"].min() <= log["held_out_loss"].iloc[0])
        True
    """
    import pandas as pd

    config, folder = config or FineTuningConfig(), Path(folder)
    student = load_student(model).to(training_device())
    student = replace(student, model=replace(student.model, name=folder.name))
    learned, held = split_pairs(pairs, config.held_out, seed=config.contrastive.seed)
    if len(held) < 2 or len(learned) < 2:
        raise ValueError(
            f"{len(pairs):,} pairs, of which held_out={config.held_out} leaves {len(learned)} to learn from and {len(held)} to "
            "test with; expected two of each at least. Bring more pairs, or hold more out."
        )
    n_per_epoch = max(1, len(learned) // config.contrastive.batch_size)
    contrastive = replace(config.contrastive, n_steps=config.n_epochs * n_per_epoch)
    watch = _EarlyStopping(student, held, config, folder, every=max(1, n_per_epoch // config.n_checks))
    first = {"step": -1, "held_out_loss": watch.measure()}
    log = train_contrastive(student, learned, contrastive, folder, watch=watch, show_progress=show_progress)
    student.encoder.load_state_dict(watch.best)
    sizes = contrastive.matryoshka_dimensions
    (student.with_dimensions(sizes) if sizes else student).save(folder)
    return pd.concat([pd.DataFrame([first]), log], ignore_index=True)


class _EarlyStopping:
    """Looks at the held-out pairs every few steps, keeps the best weights, and says when to stop."""

    def __init__(self, student: Student, held: Pairs, config: FineTuningConfig, folder: Path, every: int):
        self.student, self.config, self.every = student, config.contrastive, every
        self.texts = read_texts(student, held, config.contrastive)
        self.rows = np.arange(min(len(held), config.n_measured)).tolist()
        self.n_left = self.patience = config.patience
        self.lowest = np.inf
        self.best: dict[str, Tensor] = {}
        self.path = folder / _BEST
        if self.path.is_file() and (folder / CHECKPOINT).is_file():  # the run goes on: its best state may be behind it
            saved = torch.load(self.path, map_location=training_device(), weights_only=True)
            self.lowest, self.best = saved["held_out_loss"], saved["weights"]

    def measure(self) -> float:
        """Returns the loss of the held-out pairs now; the weights are kept if it is the lowest."""
        loss = measure_loss(self.student, self.texts, self.config, self.rows)
        self.n_left -= 1
        if loss < self.lowest:
            self.lowest, self.n_left = loss, self.patience
            self.best = {name: tensor.detach().clone() for name, tensor in self.student.encoder.state_dict().items()}
        return loss

    def __call__(self, row: dict[str, float]) -> bool:
        """Adds `held_out_loss` to the rows of checks; returns whether to stop."""
        if (int(row["step"]) + 1) % self.every:
            return False
        lowest = self.lowest
        row["held_out_loss"] = self.measure()
        if self.lowest < lowest:
            with write_atomically(self.path) as part:
                torch.save({"held_out_loss": self.lowest, "weights": self.best}, part)
        return self.n_left <= 0
