"""The loop: schedules, groups, resuming, errors, and several processes."""

import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from nomic_explore.training.loop import LoopOptions, TrainingError, learning_rate, parameter_groups, train
from nomic_explore.training.processes import join_processes

ROOT = Path(__file__).parents[2]
OPTIONS = LoopOptions(n_steps=12, learning_rate=0.01, n_warmup=3, dtype="float32")


def make_module(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.LayerNorm(8), nn.Dropout(0.1), nn.Linear(8, 1))


def make_batch(step: int) -> Tensor:
    return torch.randn(16, 4, generator=torch.Generator().manual_seed(step))


def run(
    module: nn.Module, folder: Path, options: LoopOptions = OPTIONS, fails_at: int | None = None, **more: object
) -> pd.DataFrame:
    seen: list[int] = []

    def backward(batch: Tensor) -> dict[str, float]:
        if fails_at is not None and len(seen) == fails_at:
            raise KeyboardInterrupt
        seen.append(1)
        loss = (module(batch)[:, 0] - batch.sum(1)).square().mean()
        loss.backward()
        return {"loss": float(loss.detach()), "tokens": 16.0}

    return train(module, make_batch, backward, options, folder, name="line", show_progress=False, **more)


def test_learning_rates_rise_and_then_fall_as_their_schedule_says() -> None:
    def rates(schedule: str) -> list[float]:
        options = LoopOptions(n_steps=8, learning_rate=1.0, n_warmup=4, schedule=schedule)
        return [round(learning_rate(step, options), 4) for step in range(8)]

    assert rates("linear") == [0.25, 0.5, 0.75, 1.0, 1.0, 0.75, 0.5, 0.25]
    assert rates("cosine")[4:] == [1.0, 0.8536, 0.5, 0.1464]
    assert rates("inverse_sqrt")[4:] == [1.0, round(math.sqrt(4 / 5), 4), round(math.sqrt(4 / 6), 4), 0.7559]
    assert rates("constant")[4:] == [1.0] * 4


def test_only_matrices_decay() -> None:
    module = make_module()
    module.register_parameter("logit_scale", nn.Parameter(torch.ones(2, 2)))
    decaying, kept = (group["params"] for group in parameter_groups(module, OPTIONS))
    assert [tuple(each.shape) for each in decaying] == [(8, 4)]
    assert len(kept) == 6  # a matrix of one row, (1, 8), is a vector


def test_the_log_is_a_table_with_a_row_for_each_step(tmp_path: Path) -> None:
    log = run(make_module(), tmp_path)
    assert log["step"].tolist() == list(range(12))
    assert {"loss", "learning_rate", "gradient_norm", "tokens_per_second", "seconds", "memory_mb"} < {*log.columns}
    assert log["loss"].iloc[-1] < log["loss"].iloc[0]
    assert (log["tokens_per_second"] > 0).all()
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "log.csv"), log)


def test_a_run_that_is_stopped_goes_on_at_the_same_losses(tmp_path: Path) -> None:
    expected = run(make_module(), tmp_path / "whole")["loss"]
    options = LoopOptions(n_steps=12, learning_rate=0.01, n_warmup=3, dtype="float32", checkpoint_seconds=0.0)
    with pytest.raises(KeyboardInterrupt):
        run(make_module(), tmp_path / "parts", options, fails_at=5)
    log = run(make_module(seed=9), tmp_path / "parts")
    assert log["loss"].tolist() == pytest.approx(expected.tolist(), abs=1e-6)


def test_a_run_that_is_done_is_read_and_not_repeated(tmp_path: Path) -> None:
    first, again = make_module(), make_module(seed=9)
    log = run(first, tmp_path)
    pd.testing.assert_frame_equal(run(again, tmp_path, fails_at=0), log)
    torch.testing.assert_close(again.state_dict(), first.state_dict())


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    settings = {"batch_size": 8}
    run(make_module(), tmp_path, settings=settings)
    with pytest.raises(ValueError, match="is of a run with batch_size=8; this one has batch_size=16"):
        run(make_module(), tmp_path, settings={"batch_size": 16})
    steeper = LoopOptions(n_steps=12, learning_rate=0.1, n_warmup=3, dtype="float32")
    with pytest.raises(ValueError, match="learning_rate=0.01; this one has learning_rate=0.1"):
        run(make_module(), tmp_path, steeper, settings=settings)


def test_a_run_draws_no_random_numbers_of_its_caller(tmp_path: Path) -> None:
    module = make_module()
    before = torch.get_rng_state()
    run(module, tmp_path)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_nan_loss_stops_with_the_step_and_the_batch(tmp_path: Path) -> None:
    module = nn.Linear(1, 1)

    def backward(batch: Tensor) -> dict[str, float]:
        loss = (module(batch) * (math.nan if 7.0 in batch else 1.0)).mean()
        loss.backward()
        return {"loss": float(loss.detach())}

    options = LoopOptions(n_steps=9, learning_rate=0.01, dtype="float32", checkpoint_seconds=0.0)
    pattern = r"line: the loss is nan at step 7 of 9, batch tensor\(\[\[7.\]\]\).*checkpoint.pt holds"
    with pytest.raises(TrainingError, match=pattern) as raised:
        train(module, lambda step: torch.full((1, 1), float(step)), backward, options, tmp_path, name="line")
    assert raised.value.step == 7
    assert torch.isfinite(module.weight).all()
    assert len(pd.read_csv(tmp_path / "log.csv")) == 7


def test_an_infinite_gradient_stops_before_it_changes_the_weights(tmp_path: Path) -> None:
    module = nn.Linear(1, 1)

    def backward(batch: Tensor) -> dict[str, float]:
        loss = module(batch).sub(module(batch).detach()).abs().sqrt().mean()  # 0, with an infinite slope
        loss.backward()
        return {"loss": float(loss.detach())}

    options = LoopOptions(n_steps=1, learning_rate=0.01, dtype="float32")
    with pytest.raises(TrainingError, match="the length of the gradient is .* no step was saved yet"):
        train(module, lambda step: torch.ones(1, 1), backward, options, tmp_path, name="line")
    assert torch.isfinite(module.weight).all()


def test_bfloat16_is_autocast_and_weights_stay_float32(tmp_path: Path) -> None:
    module, formats = nn.Linear(4, 1), set()

    def backward(batch: Tensor) -> dict[str, float]:
        made = module(batch)
        formats.add(made.dtype)
        made.float().mean().backward()
        return {"loss": 0.0}

    options = LoopOptions(n_steps=1, learning_rate=0.01, dtype="bfloat16")
    train(module, make_batch, backward, options, tmp_path, name="line")
    assert formats == {torch.bfloat16}
    assert module.weight.dtype == torch.float32


def train_line(folder: Path, seconds: float = 0.0) -> None:
    """Trains in this process its share of the line; also run by other processes."""
    module = make_module().eval()

    def backward(batch: Tensor) -> dict[str, float]:
        rank, n_processes = join_processes()
        batch = batch.chunk(n_processes)[rank]
        loss = (module(batch)[:, 0] - batch.sum(1)).square().mean()
        loss.backward()
        sleep(seconds)
        return {"loss": float(loss.detach()), "tokens": float(len(batch))}

    options = LoopOptions(n_steps=12, learning_rate=0.01, n_warmup=3, dtype="float32", checkpoint_seconds=0.0)
    train(module, make_batch, backward, options, folder, name="line", show_progress=False)


def start(folder: Path, seconds: float = 0.0, launcher: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    script = folder.with_suffix(".py")
    script.write_text(f"from test_loop import *\ntrain_line(Path({str(folder)!r}), {seconds})\n", encoding="utf-8")
    paths = os.pathsep.join(map(str, (ROOT, Path(__file__).parent)))
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, *launcher, str(script)], env=environment)


def losses(folder: Path) -> list[float]:
    return pd.read_csv(folder / "log.csv")["loss"].tolist()


def test_a_killed_run_ends_at_the_same_losses(tmp_path: Path) -> None:
    train_line(tmp_path / "whole")
    killed = start(tmp_path / "killed", seconds=0.3)
    deadline = monotonic() + 120
    while not (tmp_path / "killed" / "log.csv").is_file() and monotonic() < deadline:
        sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert 0 < len(losses(tmp_path / "killed")) < 12
    train_line(tmp_path / "killed")
    assert losses(tmp_path / "killed") == pytest.approx(losses(tmp_path / "whole"), abs=1e-4)


def test_two_processes_have_the_losses_of_one(tmp_path: Path) -> None:
    train_line(tmp_path / "one")
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    assert start(tmp_path / "two", launcher=torchrun).wait(180) == 0
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), abs=1e-5)
    tokens = pd.read_csv(tmp_path / "two" / "log.csv")["tokens_per_second"]
    assert (tokens > 0).all()
