"""What vectors depend on is part of their provenance, and what nobody else may know is not."""

import json
import shutil
from pathlib import Path

import pytest
from test_models_checkpoints import write_checkpoint

from nomic_explore import Embedder, explore, open_exploration
from nomic_explore.build.vector_sources import _is_source
from nomic_explore.models import file_hashes
from nomic_explore.models.places import find_source, portable_source, public_name
from nomic_explore.models.provenance import find_changed_files, find_changes, keep_stored

TEXTS = ["a cat sat on the mat", "the dog barked at night", "rain fell on the hills"]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a small model of our own encoders."""
    return write_checkpoint(tmp_path / "nomic-embed-text-v1.5")


@pytest.fixture(scope="module")
def foreign_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model that sentence-transformers runs."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import DistilBertConfig, DistilBertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("foreign")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted({word for text in TEXTS for word in text.split()})]
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = {
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=32, **special).save_pretrained(folder / "base")
    DistilBertModel(
        DistilBertConfig(
            vocab_size=len(words), max_position_embeddings=32, n_layers=1, n_heads=2, dim=16, hidden_dim=32
        )
    ).save_pretrained(folder / "base")
    body = Transformer(str(folder / "base"))
    SentenceTransformer(modules=[body, Pooling(body.get_embedding_dimension())], device="cpu").save(
        str(folder / "tiny")
    )
    return folder / "tiny"


@pytest.fixture
def foreign(foreign_once: Path, tmp_path: Path) -> Path:
    return shutil.copytree(foreign_once, tmp_path / "tiny")


def change_last_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def change_tokenizer(folder: Path) -> None:
    path = folder / "tokenizer.json"
    if not path.is_file():
        words = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        (folder / "vocab.txt").write_text("\n".join([*words[:-1], "changed"]), encoding="utf-8")
        return
    found = json.loads(path.read_text(encoding="utf-8"))
    found["normalizer"] = {"type": "Lowercase"} if found["normalizer"] is None else None
    path.write_text(json.dumps(found), encoding="utf-8")


@pytest.mark.parametrize("kind", ["own", "foreign"])
def test_weights_and_tokenizer_are_part_of_the_provenance(kind: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(kind)
    first = Embedder(folder, device="cpu").provenance()
    assert Embedder(folder, device="cpu").provenance() == first
    change_tokenizer(folder)
    second = Embedder(folder, device="cpu").provenance()
    assert find_changes(first, second) == ["tokenizer_sha256"]
    change_last_byte(folder / "model.safetensors")
    assert find_changed_files(second, Embedder(folder, device="cpu").provenance()) == ["weights_sha256"]


def test_a_setting_is_part_of_it_and_where_a_model_came_from_is_not(own: Path) -> None:
    path, first = own / "config.json", Embedder(own).provenance()
    settings = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(
        json.dumps({**settings, "transformers_version": "9.9", "_name_or_path": "/home/ann/x"}), encoding="utf-8"
    )
    assert Embedder(own).provenance() == first
    path.write_text(json.dumps({**settings, "rotary_emb_base": 999}), encoding="utf-8")
    assert find_changes(first, Embedder(own).provenance()) == ["config_sha256"]


def test_every_model_on_this_machine_tells_the_version_of_its_code(own: Path) -> None:
    for model in (own, "hash:8"):
        assert Embedder(model).provenance()["encoder_version"] == 1


def test_the_modules_of_a_sentence_transformers_folder_count(foreign: Path) -> None:
    first = Embedder(foreign, device="cpu").provenance()
    path = next(foreign.glob("*_Pooling")) / "config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**settings, "include_prompt": not settings["include_prompt"]}), encoding="utf-8")
    assert find_changes(first, Embedder(foreign, device="cpu").provenance()) == ["weights_sha256"]


def test_weights_in_another_format_beside_them_do_not_count(foreign: Path) -> None:
    first = Embedder(foreign, device="cpu").provenance()
    (foreign / "onnx").mkdir()
    (foreign / "onnx" / "model.onnx").write_bytes(b"the same, otherwise")
    (foreign / "README.md").write_text("words", encoding="utf-8")
    assert Embedder(foreign, device="cpu").provenance() == first


def test_a_file_is_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"weights")
    found = file_hashes.file_sha256(path)
    monkeypatch.setattr("hashlib.file_digest", None)
    assert file_hashes.file_sha256(path) == found


def test_a_model_that_changes_while_it_is_open_is_refused(own: Path, foreign: Path) -> None:
    embedder = Embedder(own, device="cpu")
    embedder.provenance()
    change_last_byte(own / "model.safetensors")
    with pytest.raises(ValueError, match="the weights in .* changed while the model was open. Open it again"):
        embedder.encode(TEXTS)
    embedder = Embedder(foreign, device="cpu")
    change_last_byte(foreign / "model.safetensors")
    with pytest.raises(ValueError, match="the files of .* changed while the model was open. Open it again"):
        embedder.provenance()


@pytest.mark.parametrize("change", [change_tokenizer, lambda folder: change_last_byte(folder / "model.safetensors")])
def test_a_changed_model_does_not_search_what_it_has_not_made(foreign: Path, tmp_path: Path, change: object) -> None:
    explore(TEXTS, model=foreign, folder=tmp_path / "map", show_progress=False)
    assert len(open_exploration(tmp_path / "map").search("a cat", mode="semantic"))
    change(foreign)  # type: ignore[operator]
    with pytest.raises(ValueError, match="tiny is not what made the vectors of .*_sha256 changed"):
        open_exploration(tmp_path / "map").search("a cat", mode="semantic")


def test_a_folder_of_an_earlier_version_is_searched_with_its_model_only(own: Path, tmp_path: Path) -> None:
    explore(TEXTS, model=own, folder=tmp_path / "map", show_progress=False)
    path = tmp_path / "map" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    made = manifest["stages"]["vectors"]["provenance"]
    for key in ("weights_sha256", "tokenizer_sha256", "config_sha256", "encoder_version"):
        del made[key]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert len(open_exploration(tmp_path / "map").search("a cat", mode="semantic"))
    now = Embedder(own).provenance()
    assert keep_stored(now, made) == made
    assert keep_stored({**now, "prefix": "other: "}, made) == {**now, "prefix": "other: "}
    assert keep_stored(now, None) == now


# --- names that leave ---


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("openai:bge@http://ann:secret@host:8000/v1", "openai:bge@http://host:8000/v1"),
        ("openai:org/bge@https://secret@host/v1?key=abc", "openai:org/bge@https://host/v1"),
        ("ollama:bge:latest", "ollama:bge:latest"),
        ("/home/ann/models/tuned", "tuned"),
        ("~/models/tuned", "tuned"),
        ("nomic-embed-text-v1@/home/ann/tuned", "nomic-embed-text-v1@tuned"),
        (Path("models/tuned"), "tuned"),
        ("BAAI/bge-m3", "BAAI/bge-m3"),
        ("text-embedding-3-small", "text-embedding-3-small"),
    ],
)
def test_a_public_name_tells_no_secret(name: str | Path, shown: str) -> None:
    assert public_name(name) == shown


@pytest.mark.parametrize(
    ("source", "folder", "stored"),
    [
        ("nomic-embed-text-v1@/srv/a/models/m", "/srv/a/maps/x", "nomic-embed-text-v1@../../models/m"),
        ("/srv/a/models/m", "/srv/a/maps/x", "../../models/m"),
        ("/srv/a/maps/x/m", "/srv/a/maps/x", "./m"),
        ("/home/ann/models/m", "/home/ann/maps/x", "../../models/m"),
        ("/home/ann/models/m", "/data/maps/x", "~/models/m"),
        ("/home/bob/models/m", "/home/ann/maps/x", "@m"),
        ("nomic-embed-text-v1@/opt/m", "/srv/maps/x", "nomic-embed-text-v1@m"),
        ("minilm", "/srv/maps/x", "minilm"),
        ("BAAI/bge-m3", "/srv/maps/x", "BAAI/bge-m3"),
        ("openai:bge@http://ann:secret@host/v1", "/srv/maps/x", "openai:bge@http://host/v1"),
        (None, "/srv/maps/x", None),
    ],
)
def test_a_stored_name_holds_no_home(
    source: str | None, folder: str, stored: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert portable_source(source, Path(folder)) == stored


@pytest.mark.parametrize("kind", ["own", "foreign"])
@pytest.mark.parametrize("place", ["beside", "home", "listed", "moved along"])
def test_a_stored_model_is_found_again(
    kind: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    folder, maps = request.getfixturevalue(kind), tmp_path / "map"
    embedder = Embedder(folder, device="cpu")
    made = embedder.provenance()
    if place == "home":
        monkeypatch.setenv("HOME", str(tmp_path))
        maps = Path("/somewhere/else/map")
    if place == "listed":
        monkeypatch.setenv("NOMIC_EXPLORE_MODELS", str(tmp_path))
        maps = Path("/somewhere/else/map")
    stored = portable_source(embedder.source, maps)
    assert str(tmp_path) not in str(stored)
    if place == "moved along":
        maps = tmp_path / "new" / "map"
        maps.mkdir(parents=True)
        folder = folder.rename(maps.parent / folder.name)
    again = Embedder(find_source(str(stored), maps, made), device="cpu")
    assert again.source.endswith(str(folder))
    assert again.provenance() == made


def test_of_two_folders_of_one_name_that_with_the_same_weights_is_taken(own: Path, tmp_path: Path) -> None:
    made = Embedder(own).provenance()
    (tmp_path / "maps").mkdir()
    other = shutil.copytree(own, tmp_path / "maps" / own.name)
    change_last_byte(other / "model.safetensors")
    stored = f"nomic-embed-text-v1.5@./{own.name}"  # beside the exploration now lies another model
    assert find_source(stored, tmp_path / "maps", made) == f"nomic-embed-text-v1.5@{own.resolve()}"


def test_a_model_that_is_gone_says_how_to_pass_it(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"'tuned'.* no longer at ../tuned. Set NOMIC_EXPLORE_MODELS .*encoder="
    ):
        find_source("nomic-embed-text-v1@../tuned", tmp_path / "map", {})


def test_a_path_that_an_earlier_version_stored_still_opens(own: Path, tmp_path: Path) -> None:
    embedder = Embedder(own)
    assert find_source(embedder.source, tmp_path / "map", {}) == embedder.source
    for stored in (embedder.source, portable_source(embedder.source, tmp_path / "map")):
        assert _is_source(embedder, {"model": stored}, tmp_path / "map")


def test_the_name_of_who_made_given_vectors_is_stored_without_its_path(tmp_path: Path) -> None:
    vectors = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    for model, stored in (
        ("/home/ann/models/tuned", "tuned"),
        ("openai:bge@http://ann:secret@host/v1", "openai:bge@http://host/v1"),
    ):
        folder = tmp_path / stored.partition(":")[0]
        for _ in range(2):  # and is the same model when the folder is built again
            explore(TEXTS, vectors=vectors, model=model, folder=folder, show_progress=False)
        assert json.loads((folder / "manifest.json").read_text())["stages"]["vectors"]["provenance"]["model"] == stored


@pytest.mark.parametrize("kind", ["own", "foreign"])
@pytest.mark.parametrize("change", [change_tokenizer, lambda folder: change_last_byte(folder / "model.safetensors")])
def test_a_build_with_a_changed_model_is_refused(
    kind: str, change: object, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(kind)
    explore(TEXTS, model=folder, folder=tmp_path / "map", show_progress=False)
    before = (tmp_path / "map" / "manifest.json").read_bytes()
    change(folder)  # type: ignore[operator]
    for model in (folder, None):
        with pytest.raises(
            ValueError, match="is another model than the one of that name .*_sha256 changed.*change_model"
        ):
            explore([*TEXTS, "one more"], model=model, folder=tmp_path / "map", show_progress=False)
    assert (tmp_path / "map" / "manifest.json").read_bytes() == before
    again = explore(TEXTS, model=folder, folder=tmp_path / "map", change_model=True, show_progress=False)
    assert len(again.search("a cat", mode="semantic"))


def test_a_folder_of_an_earlier_version_is_not_embedded_again(own: Path, tmp_path: Path) -> None:
    first = explore(TEXTS, model=own, folder=tmp_path / "map", show_progress=False)
    record = dict(first.manifest["stages"]["vectors"])
    kept = {key: value for key, value in record["provenance"].items() if key != "tokenizer_sha256"}
    assert keep_stored(record["provenance"], kept) == kept
