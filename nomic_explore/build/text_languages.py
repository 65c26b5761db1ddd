"""Languages of a corpus that its model was not trained on: noticed before hours are spent on it."""

import warnings
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from nomic_explore.duplicates.languages import detect_language
from nomic_explore.models.catalog import find_model, is_known, list_models

if TYPE_CHECKING:
    from nomic_explore.build.documents import Documents
    from nomic_explore.corpus import Corpus
    from nomic_explore.models.encoder import VectorSource

OTHER_LANGUAGE = "other language"
_N_SAMPLED = 500  # detected in 0.1 s; the share is then known to about 4 percentage points
_MIN_DETECTED = 20
_MIN_SHARE = 0.2  # of the sample whose language must be detected: lists of names and codes have none
_NAMES = {
    "af": "Afrikaans",
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sv": "Swedish",
    "sw": "Swahili",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "CJK": "Chinese",
    "HANGUL": "Korean",
    "HEBREW": "Hebrew",
    "GREEK": "Greek",
    "THAI": "Thai",
}


def note_languages(corpus: "Corpus", documents: "Documents", embedder: "VectorSource") -> "Corpus":
    """Returns the corpus with a finding, and warns, if most texts are in languages that the model was not trained on.

    Nothing is noted where the languages of the model are not known, or those of the texts cannot be detected.
    """
    corpus = corpus.with_finding(OTHER_LANGUAGE, np.zeros(0, np.int64), "")  # of another model
    name = str(embedder.provenance()["model"])
    trained_on = find_model(name).languages if is_known(name) else ()
    if not trained_on:
        return corpus
    n_sampled = min(_N_SAMPLED, len(documents.texts))  # texts are in the order of their hashes: the first are random
    languages = np.array([detect_language(text) for text in documents.texts[:n_sampled]])
    is_detected = languages != ""
    is_other = is_detected & ~np.isin(languages, trained_on)
    n_detected = int(is_detected.sum())
    if n_detected < max(_MIN_DETECTED, _MIN_SHARE * n_sampled) or 2 * is_other.sum() <= n_detected:
        return corpus
    message = _describe(name, trained_on, Counter(languages[is_other].tolist()), n_detected)
    warnings.warn(f"{corpus.name}: {message}", stacklevel=4)
    return corpus.with_finding(OTHER_LANGUAGE, np.sort(documents.distinct.first[:n_sampled][is_other]), message)


def _describe(name: str, trained_on: tuple[str, ...], others: "Counter[str]", n_detected: int) -> str:
    """Returns how large the share is, which languages they are, and which model was trained on them."""
    share = others.total() / n_detected
    listed = _join([_language(code) for code, _ in others.most_common(3)])
    suitable = next(model.name for model in list_models() if model.reads == "text" and not model.languages)
    return (
        f"{share:.0%} of {n_detected:,} texts of a sample are in {listed}{' and others' if len(others) > 3 else ''}, and "
        f"{name} was trained on {_join([_language(code) for code in trained_on])} alone: similar texts may lie far "
        f"apart. model={suitable!r} was trained on about 100 languages."
    )


def _language(code: str) -> str:
    return _NAMES.get(code, code)


def _join(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
