"""Trains `nano`, the model that comes with this package, from the data; on two cores in about an hour.

    python benchmarks/train_nano.py PAIRS.parquet FOLDER [--steps N] [--one-size]

PAIRS.parquet has the columns title and abstract. FOLDER keeps the teacher's vectors and the checkpoint, from which a
second call goes on; the model is written to FOLDER/nano. --one-size trains the full width only, without Matryoshka.

1. texts: titles, abstracts, sentences of abstracts and docstrings, the lesson corpus, sentences of made-up words;
2. the teacher, MiniLM, reads all of them, long ones to their 600th character;
3. the student starts as a table of tokens, of each its vector by the teacher, alone, cut to 256 entries; its layers start
   by adding nothing;
4. distillation and contrast (`nomic_explore.training.distillation`): without layers, then with two, then on whole abstracts;
5. weights are rounded, to 4 bits in the table and to 8 in the layers.
"""

import argparse
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from nomic_explore import Embedder, docstring_corpus
from nomic_explore.models.catalog import find_model
from nomic_explore.models.descriptions import write_description
from nomic_explore.models.saving import save_text_encoder
from nomic_explore.models.tokens import load_tokenizer, tokenize
from nomic_explore.models.weights import locate_weights
from nomic_explore.training.distillation import DistillationConfig, distill
from nomic_explore.training.students import Student, new_student

SEED = 42
TEACHER = "minilm"
N_CHARACTERS = 600  # of a long text that the teacher reads: about as many as the student reads in training
N_WHOLE = 2000  # that the student reads at the end
N_SENTENCES, N_DOCSTRINGS, N_MADE = 60_000, 20_000, 60_000
RARE = 1e-3  # share of all tokens at which a token counts half
WIDTH, SIZES = 256, (256, 128, 64, 32)
STATIC = DistillationConfig(n_steps=160, n_pairs=512, learning_rate=2e-2, n_warmup=10, temperature=0.05, seed=SEED)
DEEP = DistillationConfig(n_steps=400, learning_rate=1e-3, n_warmup=20, seed=SEED)
LONG = DistillationConfig(
    n_steps=120, max_tokens=256, group_size=32, dropped_tokens=0.1, learning_rate=7e-4, n_warmup=20, seed=SEED + 1
)  # other batches than before
LAST = DistillationConfig(n_steps=150, max_tokens=256, group_size=32, learning_rate=5e-4, n_warmup=15, seed=SEED + 2)
LESSONS = Path(__file__).parents[1] / "data" / "lesson_sentences.csv"
FRAMES = (  # everyday sentences; the words are drawn from the vocabulary
    "How do I {} my {}?|Why is the {} {} so {}?|What is the best {} for a {} {}?|I {} the {} but it was {}.|Where can I find {} {}?"
    "|The {} of the {} was {} on {}.|Is it possible to {} a {} without {}?|My {} is {}, what should I do?|{} and {} in {}"
    "|How many {} does a {} have?|They {} a new {} for {} {}.|Can I {} the {} that I {} yesterday?|{} {} {}|{} {}|{}"
    "|The {} said that {} {} would {} next year.|Who {} the {} {}?|Please {} my {}, it is {}.|When will the {} {} be {}?"
    "|{} beats {} in {} {}|Error: {} {} in {}|Using {} with {} {}|How to {} {} from {} in {}|a {} {} with {}"
    "|He has {} the {} since the {} of {}.|I would like to {} about {} {}.|Do you {} {} in {}?|It is the most {} {} in the {}."
).split("|")


def main() -> None:
    """Makes the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path, metavar="PAIRS.parquet")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--steps", type=int, default=LAST.n_steps, help="steps of the last part")
    parser.add_argument("--one-size", action="store_true", help="train the full width only")
    options = parser.parse_args()
    torch.manual_seed(SEED)
    texts, pairs = read_texts(options.pairs)
    print(f"{len(texts):,} texts, {len(pairs):,} pairs", flush=True)
    vectors = ask_teacher(texts, options.folder / "teacher.npy")
    name = "nano-one-size" if options.one_size else "nano"
    sizes = SIZES[:1] if options.one_size else SIZES
    began = perf_counter()
    table = start_table(texts)
    words = make_static(table).with_dimensions(sizes)
    log, _ = distill(words, texts, vectors, STATIC, options.folder / f"{name}-static", pairs=pairs)
    print(f"{len(log):,} steps without layers in {(perf_counter() - began) / 60:.1f} minutes", flush=True)
    student = deepen(words).with_dimensions(sizes)
    distill(student, texts, vectors, DEEP, options.folder / f"{name}-deep", pairs=pairs)
    print(f"{DEEP.n_steps:,} steps with layers after {(perf_counter() - began) / 60:.1f} minutes", flush=True)
    student.encoder.requires_grad_(True)
    mixed = add_sentence_pairs(options.pairs, texts, vectors, pairs)
    distill(student, mixed[0], mixed[1], LONG, options.folder / f"{name}-long", pairs=mixed[2])
    print(f"{LONG.n_steps:,} steps on whole abstracts after {(perf_counter() - began) / 60:.1f} minutes", flush=True)
    student.encoder.requires_grad_(True)
    config = replace(LAST, n_steps=options.steps)
    log, _ = distill(student, mixed[0], mixed[1], config, options.folder / f"{name}-last", pairs=pairs)
    print(f"{len(log):,} steps in {(perf_counter() - began) / 60:.1f} minutes", flush=True)
    made = options.folder / name
    save_text_encoder(student.encoder, made, in_8_bits=True)
    shutil.copy(locate_weights(find_model(TEACHER)) / "vocab.txt", made)
    write_description(replace(find_model("nano"), dimensions=sizes), made)
    print(f"{made}: {sum(path.stat().st_size for path in made.iterdir()) / 1e6:.2f} MB")


def read_texts(path: Path) -> tuple[list[str], np.ndarray]:
    """Returns all texts, and the rows (p, 2) of a title and its abstract."""
    draw = np.random.default_rng(SEED)
    frame = pd.read_parquet(path)
    titles, abstracts = frame["title"].tolist(), [text[:N_CHARACTERS] for text in frame["abstract"]]
    pairs = np.stack([np.arange(len(titles)), np.arange(len(titles)) + len(titles)], axis=1)
    singles = [
        *sample(sentences(frame["abstract"].tolist()), N_SENTENCES, draw),
        *sample(sentences(docstring_corpus(limit=N_DOCSTRINGS).texts), N_SENTENCES, draw),
        *pd.read_csv(LESSONS)["text"],
        *made_sentences(draw),
    ]
    return [*titles, *abstracts, *singles], pairs


def add_sentence_pairs(
    path: Path, texts: list[str], vectors: np.ndarray, pairs: np.ndarray
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Returns texts with whole abstracts, their vectors, and pairs of which a third are a sentence and the rest of its abstract.

    The titles were learned by heart before; such pairs are new. No paper is in two pairs. The vector of a whole abstract is
    that of its beginning, which the teacher has read.
    """
    abstracts = [text[:N_WHOLE] for text in pd.read_parquet(path, columns=["abstract"])["abstract"]]
    n = len(abstracts)
    papers = {sentence: number for number, text in enumerate(abstracts) for sentence in sentences([text])}
    asked: dict[int, int] = {}  # the paper of a sentence, and the row of the sentence
    for row in range(2 * n, 2 * n + N_SENTENCES):
        if texts[row] in papers and len(asked) < n // 3:
            asked.setdefault(papers[texts[row]], row)
    rest = [" ".join(abstracts[paper].split()).replace(texts[row], "") for paper, row in asked.items()]
    new = np.stack([list(asked.values()), np.arange(len(texts), len(texts) + len(rest))], axis=1)
    vectors = np.concatenate([vectors, vectors[pairs[list(asked), 1]]])
    others = np.delete(pairs, list(asked), axis=0)
    return [*texts[:n], *abstracts, *texts[2 * n :], *rest], vectors, np.concatenate([others, new])


def sentences(texts: list[str]) -> Iterator[str]:
    """Yields the sentences of texts that have 20 to 300 characters."""
    for text in texts:
        for sentence in re.split(r"(?<=[.?!])\s+|\n\s*\n", text):
            if 20 <= len(sentence) <= 300:
                yield " ".join(sentence.split())


def sample(texts: Iterator[str], size: int, draw: np.random.Generator) -> list[str]:
    """Returns some of the texts, each at most once."""
    known = list(dict.fromkeys(texts))
    return [known[row] for row in draw.choice(len(known), min(size, len(known)), replace=False)]


def made_sentences(draw: np.random.Generator) -> list[str]:
    """Returns sentences whose words are drawn from the vocabulary, common ones more often."""
    vocabulary = (locate_weights(find_model(TEACHER)) / "vocab.txt").read_text(encoding="utf-8").split("\n")
    words = np.array([word for word in vocabulary if re.fullmatch("[a-z]{3,}", word)])
    shares = 1 / np.sqrt(np.arange(len(words)) + 100)  # the vocabulary is sorted by how common its words are
    drawn = draw.choice(words, (N_MADE, 4), p=shares / shares.sum())
    return [
        FRAMES[number].format(*row) for number, row in zip(draw.integers(len(FRAMES), size=N_MADE), drawn, strict=True)
    ]


def ask_teacher(texts: list[str], path: Path) -> np.ndarray:
    """Returns the teacher's vectors (n, 384) float16, those of an earlier call where they are there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file():
        return np.load(path)
    vectors = Embedder(TEACHER).encode(texts, show_progress=True).astype(np.float16)
    np.save(path, vectors)
    return vectors


def start_table(texts: list[str]) -> Tensor:
    """Returns the table of tokens (V, W) to start with: of each token its vector by the teacher, alone.

    Common tokens are to count less, but the first layer norm makes all of one length: so the length that a token lacks
    goes to its last entry, which is dropped at the end.
    """
    vocabulary = (locate_weights(find_model(TEACHER)) / "vocab.txt").read_text(encoding="utf-8").splitlines()
    alone = Embedder(TEACHER).encode([word.removeprefix("##") for word in vocabulary])  # (V, 384)
    alone -= alone.mean(axis=0)
    _, _, axes = np.linalg.svd(alone, full_matrices=False)  # those of greatest variance first
    cut = alone @ axes[: WIDTH - 1].T
    cut /= np.linalg.norm(cut, axis=1, keepdims=True)
    tokenizer = load_tokenizer(locate_weights(find_model(TEACHER)))
    counts = np.bincount(tokenize(tokenizer, texts[::10], "", 128).ids, minlength=len(cut))
    weights = (RARE / (RARE + counts / counts.sum()))[:, None]  # (V, 1), smooth inverse frequency
    return torch.from_numpy(np.hstack([cut * weights, np.sqrt(1 - weights**2)]).astype(np.float32))


def make_static(table: Tensor) -> Student:
    """Returns an encoder without layers: a text's vector is the mean of its tokens, but for the last entry."""
    student = new_student(width=WIDTH, n_layers=0, n_heads=4, inner_width=768, table=table, name="nano", seed=SEED)
    encoder = student.encoder
    with torch.no_grad():
        encoder.embeddings.token_type_embeddings.weight.zero_()
    encoder.embeddings.token_type_embeddings.requires_grad_(False)
    encoder.emb_ln.requires_grad_(False)
    kept = torch.arange(WIDTH) < WIDTH - 1
    encoder.emb_ln.register_forward_hook(lambda _, __, rows: rows * kept)
    return student


def deepen(words: Student) -> Student:
    """Returns an encoder with two layers that starts as one without: each layer adds nothing yet to what it is given."""
    table = words.encoder.embeddings.word_embeddings.weight.detach()
    student = new_student(width=WIDTH, n_layers=2, n_heads=4, inner_width=768, table=table, name="nano", seed=SEED)
    encoder = student.encoder
    with torch.no_grad():
        encoder.embeddings.token_type_embeddings.weight.zero_()
        for block in encoder.encoder["layers"].children():
            block.attn.out_proj.weight.zero_()
            block.mlp.fc2.weight.zero_()
        block.norm2.weight[-1] = 0
    # What goes from block to block stays in the format of the products: 12 % faster in bfloat16.
    encoder.emb_ln.register_forward_hook(
        lambda _, __, rows: rows.bfloat16() if torch.is_autocast_enabled("cpu") else rows
    )
    return student


if __name__ == "__main__":
    main()
