"""The number format that is chosen by measured speeds, and the file that keeps these."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from nomic_explore import Embedder
from nomic_explore.models import hardware, product_rates


@pytest.fixture
def rates_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where rates are kept, in a folder of caches that is empty; each read of the test is like that of a new process."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    product_rates.product_rates.cache_clear()
    yield tmp_path / "nomic_explore" / "product_rates.json"
    product_rates.product_rates.cache_clear()


def rates_of_a_new_process() -> dict[str, float]:
    """The rates, read or measured anew."""
    product_rates.product_rates.cache_clear()
    return hardware.processor_rates()


@pytest.mark.parametrize(
    ("rates", "chosen"),
    [
        ({"float32": 120, "bfloat16": 900, "int8": 1500}, torch.bfloat16),
        ({"float32": 120, "bfloat16": 80, "int8": 400}, torch.int8),
        ({"float32": 120, "bfloat16": 170, "int8": 170}, torch.float32),
        ({"float32": 120, "bfloat16": 20}, torch.float32),
    ],
)
def test_the_format_is_chosen_by_speed(
    monkeypatch: pytest.MonkeyPatch, rates: dict[str, float], chosen: torch.dtype
) -> None:
    monkeypatch.setattr(hardware, "product_rates", lambda *_: rates)
    monkeypatch.setattr(hardware, "has_int8", lambda _: True)
    assert hardware.choose_dtype("auto", torch.device("cpu")) == chosen


def test_speeds_are_measured_once_and_then_read_from_a_file(rates_file: Path) -> None:
    measured = rates_of_a_new_process()
    assert all(rate > 0 for rate in measured.values())
    (known,) = json.loads(rates_file.read_text()).values()
    assert known == measured
    kept = {key: {"float32": 1.0, "bfloat16": 2.0} for key in json.loads(rates_file.read_text())}
    rates_file.write_text(json.dumps(kept))
    assert rates_of_a_new_process() == {"float32": 1.0, "bfloat16": 2.0}


@pytest.mark.parametrize("content", ["", "[1, 2]", '{"a": 3}', '{"a": {"float32": "fast"}}', '{"a": {"bfloat16": 3}}'])
def test_a_file_that_was_not_written_here_is_replaced(rates_file: Path, content: str) -> None:
    rates_file.parent.mkdir()
    rates_file.write_text(content)
    measured = rates_of_a_new_process()
    assert list(json.loads(rates_file.read_text()).values()) == [measured]


def test_speeds_are_measured_where_no_file_can_be_kept(rates_file: Path) -> None:
    rates_file.parent.write_text("a file where the folder should be")
    assert rates_of_a_new_process()["float32"] > 0


def test_another_limit_of_instructions_is_measured_anew(rates_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates_of_a_new_process()
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    rates_of_a_new_process()
    assert len(json.loads(rates_file.read_text())) == 2


def test_an_embedder_states_the_speeds_by_which_its_format_was_chosen() -> None:
    info = Embedder("minilm").info
    assert info["product_rates"] == hardware.processor_rates()
    assert info["dtype"] == product_rates.choose_format(hardware.processor_rates())
    assert "product_rates" not in Embedder("hash:64").info
