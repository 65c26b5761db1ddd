"""Texts that a service does not take: a batch is halved, long texts are cut, others are set aside, and a build goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_server import Server, raw_vector, serving

from nomic_explore import deduplicate, explore, open_exploration
from nomic_explore.http import ServiceError
from nomic_explore.models import Embedder, services
from nomic_explore.models.refused_texts import TextsRefused

TEXTS = [f"text number {number} on owls and ships" for number in range(40)]
SERVICES = ("nomic-api", "ollama", "openai")
FAULTS = (
    *(400, 413, 422, 500, (400, ""), (500, ""), (400, "bad input"), (500, "unsupported value: NaN")),
    *("NaN", "null", "null entry", "zeros", "short", "ragged", "empty", "no vectors"),
    *("cut JSON", "no JSON", "a list", "cut connection"),
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    with serving(monkeypatch, tmp_path) as server:
        yield server


def model_of(server: Server, service: str) -> tuple[str, int | None]:
    """The name of a model with short vectors, and their length where the service allows several."""
    server.width = 16
    small = {"nomic-api": ("nomic-api:nomic-embed-text-v1.5", 64), "ollama": ("ollama:small", None)}
    return small.get(service, (f"openai:small@{server.url}/v1", None))


def embed(embedder: Embedder, texts: list[str]) -> tuple[np.ndarray, dict[int, str]]:
    """The vectors of texts, NaN where there is none, and the reasons of those."""
    vectors = np.full((len(texts), embedder.dimensions), np.nan, np.float32)
    try:
        for rows, chunk in embedder.encode_chunks(texts):
            vectors[rows] = chunk
    except TextsRefused as error:
        return vectors, error.reasons
    return vectors, {}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_text_that_spoils_its_batch_is_the_only_one_without_a_vector(
    server: Server, service: str, fault: Any
) -> None:
    embedder = Embedder(*model_of(server, service))
    calm, _ = embed(embedder, TEXTS)
    server.faults = {"number 7 ": fault, "number 31 ": fault}
    vectors, refused = embed(embedder, TEXTS)
    assert sorted(refused) == [7, 31]
    assert all(reason.startswith(embedder.source) for reason in refused.values())
    others = [row for row in range(40) if row not in refused]
    np.testing.assert_array_equal(vectors[others], calm[others])


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("text", ["", " ", "\u200b", "\ud800 half", "a\x00b"], ids=ascii)
def test_odd_texts_are_embedded_or_named_and_the_others_have_their_vectors(
    server: Server, service: str, text: str
) -> None:
    embedder = Embedder(*model_of(server, service))
    calm, _ = embed(embedder, TEXTS)
    vectors, refused = embed(embedder, [*TEXTS, text])
    assert refused == {}
    server.faults = {text.encode("utf-8", "replace").decode(): "zeros"} if text.strip() else {}
    vectors, refused = embed(embedder, [*TEXTS, text])
    np.testing.assert_array_equal(vectors[:40], calm)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "answer",
    [
        (400, "the input length exceeds the context length"),
        (400, "This model's maximum context length is 8192 tokens"),
        (413, ""),
        (413, "`inputs` must have less than 512 tokens. Given: 600"),
        (422, "text too long"),
        (500, "input is too large to process. increase the physical batch size"),
        (400, ""),
        (500, ""),
    ],
)
def test_a_text_beyond_the_limit_is_halved_until_it_is_accepted(
    server: Server, service: str, answer: tuple[int, str]
) -> None:
    server.max_characters, server.too_long = 2_000, answer
    embedder, long = Embedder(*model_of(server, service)), "word " * 3_000
    with pytest.warns(UserWarning, match=r"lost the end of 1 texts: they are longer than it reads"):
        vectors = embedder.encode([*TEXTS, long])
    assert embedder.cut_texts == {long: 1_875}
    cut = raw_vector(long[:1_875], embedder.dimensions)
    np.testing.assert_allclose(vectors[-1], cut / np.linalg.norm(cut), atol=1e-5)
    server.max_characters = 10_000_000
    np.testing.assert_array_equal(vectors[:40], embedder.encode(TEXTS))


@pytest.mark.parametrize("message", ["disallowed special token", "bad text", ""])
def test_a_short_text_is_never_cut_to_get_rid_of_what_the_service_refuses(server: Server, message: str) -> None:
    server.faults = {"<|end|>": (400, message)}
    embedder = Embedder(*model_of(server, "openai"))
    _, refused = embed(embedder, [*TEXTS, "a long enough text about owls that ends in a sign of the model <|end|>"])
    assert (sorted(refused), embedder.cut_texts) == ([40], {})


def test_the_words_of_a_models_name_are_no_reason(server: Server) -> None:
    server.width, server.faults = 16, {"number 7 ": (400, "bad text")}
    texts = [f"{text} " * 4 for text in TEXTS]
    _, refused = embed(Embedder(f"openai:long-context-max@{server.url}"), texts)
    assert sorted(refused) == [7]


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_refuses_the_key_or_the_model_is_asked_once_per_thread(
    server: Server, service: str, status: int
) -> None:
    embedder = Embedder(*model_of(server, service))
    server.faults = {"": status}
    with pytest.raises(ServiceError, match=str(status)):
        embedder.encode(TEXTS)
    assert len(server.requests) <= 4


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_takes_no_document_is_given_up_after_the_first(
    server: Server, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.NomicApi, "_n_requests", 1)
    monkeypatch.setattr(services, "_REQUEST_TEXTS", dict.fromkeys(services._REQUEST_TEXTS, 10))
    server.faults = {"owls": (400, "bad text")}
    with pytest.raises(ServiceError, match=r"refused the first \d+ texts one by one: .*bad text"):
        Embedder(*model_of(server, service)).encode(TEXTS)
    assert len(server.requests) < 30


@pytest.mark.parametrize("service", SERVICES)
def test_texts_that_are_all_refused_at_the_start_do_not_end_the_others(
    server: Server, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_REQUEST_TEXTS", dict.fromkeys(services._REQUEST_TEXTS, 10))
    server.faults = {"garbage": "NaN"}
    vectors, refused = embed(Embedder(*model_of(server, service)), [*TEXTS, *(f"garbage {n} " * 20 for n in range(22))])
    assert sorted(refused) == list(range(40, 62))
    assert np.isfinite(vectors[:40]).all()


@pytest.mark.parametrize("service", SERVICES)
def test_a_failure_that_passes_loses_no_text(server: Server, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services.NomicApi, "_n_requests", 1)  # one after the other, as the troubles are
    embedder = Embedder(*model_of(server, service))
    calm = embedder.encode(TEXTS)
    for troubles in (
        [500],
        [500, 500],
        [500, None, 500],
        ["cut JSON"],
        ["cut connection", None, "NaN"],
        [503, 500, 429],
    ):
        server.troubles = list(troubles)
        np.testing.assert_array_equal(embedder.encode(TEXTS), calm)


def test_the_error_names_the_texts(server: Server) -> None:
    server.faults = {"number 7 ": (400, "bad text"), "number 31 ": (400, "bad text")}
    message = (
        r"2 of 40 texts have no vector: the first is texts\[7\] \('text number 7 on owls and ships'\): ollama:small"
    )
    with pytest.raises(TextsRefused, match=message):
        Embedder(*model_of(server, "ollama")).encode(TEXTS)


# --- in a build ---

FAULTY = [*TEXTS, "a long text of words " * 400, "x" * 9_000, "evil text", "another evil text", "void text", TEXTS[3]]


@pytest.mark.parametrize("service", SERVICES)
def test_a_build_goes_on_without_the_texts_that_have_no_vector(server: Server, service: str, tmp_path: Path) -> None:
    model, dimensions = model_of(server, service)
    calm = Embedder(model, dimensions).encode(TEXTS)
    server.faults = {"evil": (422, "evil words"), "void": "NaN", "number 11 ": "short", "number 12 ": (500, "")}
    server.max_characters = 2_000
    made = explore(FAULTY, model=model, dimensions=dimensions, folder=tmp_path / "made", show_progress=False)
    aside = [11, 12, 42, 43, 44]
    assert made.corpus.audit["no vector"].rows.tolist() == aside
    assert "evil words" in made.corpus.audit["no vector"].message
    assert made.corpus.audit["cut text"].rows.tolist() == [40, 41]
    assert np.isnan(made.positions[aside]).all()
    assert not made.vectors[aside].any()
    assert set(made.to_pandas()["topic"][aside]) == {-1}
    with_vector = [row for row in range(40) if row not in aside]
    np.testing.assert_array_equal(made.vectors[with_vector], calm[with_vector])
    np.testing.assert_array_equal(made.vectors[45], calm[3])
    assert np.isfinite(made.positions[[*with_vector, 40, 41, 45]]).all()
    assert made.save_html(tmp_path / "map.html").is_file()


def test_a_row_without_a_vector_has_no_position_though_one_was_given(server: Server, tmp_path: Path) -> None:
    server.faults = {"number 7 ": 400}
    places = np.arange(40.0).reshape(20, 2)
    model = model_of(server, "ollama")[0]
    made = explore(TEXTS[:20], model=model, positions=places, folder=tmp_path / "map", show_progress=False)
    assert np.flatnonzero(np.isnan(made.positions).any(axis=1)).tolist() == [7]
    assert made.topics.to_pandas()["size"].sum() % 19 == 0


def test_refused_texts_are_asked_for_again_only_on_request(server: Server, tmp_path: Path) -> None:
    model, folder = model_of(server, "ollama")[0], tmp_path / "map"
    server.faults = {"number 7 ": 400}
    explore(TEXTS, model=model, folder=folder, show_progress=False)
    state = open_exploration(folder).manifest
    server.requests.clear()
    again = explore(TEXTS, model=model, folder=folder, show_progress=False)
    assert (server.sent, again.manifest) == ([["size"]], state)
    grown = explore([*TEXTS, "a new text"], folder=folder, show_progress=False)
    assert server.sent[1:] == [["size"], ["a new text"]]
    assert grown.corpus.audit["no vector"].rows.tolist() == [7]
    server.faults = {}
    whole = explore([*TEXTS, "a new text"], model=model, folder=folder, change_model=True, show_progress=False)
    assert server.sent[3:] == [["size"], [TEXTS[7]]]
    assert whole.corpus.audit["no vector"].count == 0
    assert np.isfinite(whole.positions).all()


def test_what_was_cut_is_known_after_an_interrupt(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_REQUEST_TEXTS", dict.fromkeys(services._REQUEST_TEXTS, 5))
    model, folder, long = model_of(server, "openai")[0], tmp_path / "map", "word " * 3_000
    server.max_characters, server.n_until_down = 2_000, 25
    with pytest.raises(ServiceError, match="401"):
        explore([*TEXTS, *(f"{text} again" for text in TEXTS), long], model=model, folder=folder, show_progress=False)
    server.n_until_down = None
    made = explore(
        [*TEXTS, *(f"{text} again" for text in TEXTS), long], model=model, folder=folder, show_progress=False
    )
    assert made.corpus.audit["cut text"].rows.tolist() == [80]
    assert "at most 1,875 characters" in made.corpus.audit["cut text"].message


def test_a_corpus_of_refused_texts_ends_with_the_reason(server: Server, tmp_path: Path) -> None:
    server.faults = {"text": (400, "no texts today")}
    for _ in range(2):
        with pytest.raises((ServiceError, ValueError), match="no texts today|refused every text in an earlier build"):
            explore(TEXTS[:5], model=model_of(server, "ollama")[0], folder=tmp_path / "map", show_progress=False)


# --- the context of Ollama ---


def test_the_context_of_ollama_can_be_set(server: Server, tmp_path: Path) -> None:
    name = "ollama:nomic-embed-text?num_ctx=4096"
    made = explore(TEXTS, model=name, folder=tmp_path / "map", show_progress=False)
    assert {content["options"]["num_ctx"] for _, content in server.requests} == {4096}
    assert server.requests[0][1]["model"] == "nomic-embed-text"
    record = made.manifest["stages"]["vectors"]
    assert (record["model"], record["provenance"]["num_ctx"], record["provenance"]["max_tokens"]) == (name, 4096, 4096)
    open_exploration(made.folder).search("owls", mode="semantic")
    assert server.requests[-1][1]["options"] == {"num_ctx": 4096}


def test_another_context_embeds_again(server: Server, tmp_path: Path) -> None:
    explore(TEXTS[:9], model="ollama:nomic-embed-text", folder=tmp_path / "map", show_progress=False)
    asked = len(server.requests)
    explore(TEXTS[:9], model="ollama:nomic-embed-text?num_ctx=8192", folder=tmp_path / "map", show_progress=False)
    assert sum(map(len, server.sent[asked:])) == 9


@pytest.mark.parametrize("options", ["num_ctx=0", "num_ctx=many", "num_ctx=", "temperature=1", "num_ctx=1&top_k=1"])
def test_options_of_ollama_that_are_unknown_are_refused(options: str) -> None:
    with pytest.raises(ValueError, match="expected num_ctx and a number of tokens"):
        Embedder(f"ollama:nomic-embed-text?{options}")


@pytest.mark.parametrize("fault", [500, "NaN", (400, "bad input")], ids=str)
def test_deduplicating_compares_a_refused_text_by_its_letters(server: Server, fault: Any) -> None:
    texts = [
        *TEXTS,
        "an odd report on the odd price of odd lamps in odd shops",
        "An odd report on the odd price of odd lamps in odd shops!",
    ]
    server.width, server.faults = 16, {"odd report": fault}
    with pytest.warns(
        UserWarning, match=r"2 texts have no vector and are compared by their shared text alone.*odd report"
    ):
        found = deduplicate(texts, model="ollama:small", show_progress=False)
    calm = deduplicate(texts, exact_only=True, kinds=["exact", "normalised"], show_progress=False)
    assert found.duplicates.roles[40:].tolist() == calm.duplicates.roles[40:].tolist()
    assert found.summary()["dropped"] == calm.summary()["dropped"] == 1
