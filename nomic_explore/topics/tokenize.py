"""The words of documents in any script, without markup, code, addresses and mail headers, and which are stop words."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from budoux.parser import Parser

_MAX_CHARACTERS = 6000  # read of each document: its beginning says what it is about
_MAX_TOKENS = 200  # words and signs
_MAX_UNSPACED = 800  # characters read of a text in a script without spaces, which takes longer
# What is not language, in the order it is taken out: a pattern, and what a text holds one of if it can be in there.
_MARKUP = tuple(
    (tuple(signs.split(" ")), re.compile(pattern, re.MULTILINE | re.IGNORECASE))
    for signs, pattern in (
        (r"``` < \begin", r"(?s:```.*?(?:```|\Z)|<(script|style|code|pre)\b.*?</\1>|\\begin\{.*?\\end\{\w+\*?\})"),
        (r"/ @ www :\ ".strip(), r"https?://\S+|www\.\S+|\S+@\S+\.\w+|(?:/[\w.-]+){2,}|\b[A-Z]:\\\S+"),
        ("$ \\", r"(?s:\$\$.{0,800}?\$\$|\\\(.{0,400}?\\\)|\\\[.{0,800}?\\\])|\$[^$\n]{0,400}\$"),
        (
            "\\ { & < `",
            r"\\(?:cite\w*|ref|eqref|label)\{[^}]{0,200}\}|\\[a-z]+|[_^]\{[^}]{0,80}\}|&#?\w{2,8};|</?[a-z!][^<>]{0,200}>|`[^`\n]{0,120}`|:[a-z:]+:`",
        ),
        # Mail: a header says who and when, a quotation who said it.
        (":", r"^(?:subject|re|title|keywords|summary): *(?:re: *)*"),
        (
            ": writes wrote",
            r"^(?:(?:from|to|cc|bcc|sender|organi[sz]ation|lines|date|sent|distribution|newsgroups|path|references|"
            r"followup-to|approved|article-i\.d\.)|[a-z]+(?:-[a-z.]+)+) *: .*$|^.{0,120}\bwr(?:ites|ote) *:? *$",
        ),
        # Programs: prompts, directives, rules, and lines that nothing else has.
        (
            ">>> # ... $ @ :: --- === ~~~",
            r"^\s*(?:>>>|\.\.\.(?= )|\$ |#include|@\w+|\.\. [\w-]+::|:\w[\w ]*:).*$|^\s*[-=~^*#_]{3,}\s*$",
        ),
        (
            "import def class return public private static",
            r"^\s*(?:import \w|from [\w.]+ import|def \w+\(|class \w+[(:]|return\b|(?:public|private|static) \w).*$",
        ),
        ("; { } => :: == ):", r"^(?=.{0,120}$).*[=()<>].*(?:[;{}]|\)\s*[:{]|=>|::|==)\s*$|^\s*[{}]\s*;?$"),
        ("_ ()", r"\b\w*[^\W_]_\w+|\b_+\w+|\b\w+\(\)|\b[a-z]+(?:\.[a-z]+){2,}\b"),
    )
)
_ACCENT = re.compile(r"\\[\"'`^~=.](?:\{\\?([a-zA-Z])\}|([a-zA-Z]))")  # H\"older
_ARABIC_AFFIXES = re.compile("[وفبلك]?([\u0620-\u064a]{2,}?)(?:ه|ها|هم|نا)?")
_ELISION = re.compile(r"^(?:l|d|qu|j|n|s|c|m|t|un|dell|nell|all|dall|sull)'(?=\w{2})")
_UNSPACED = "\u3040-\u30fa\u30fc-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f"  # kana, Han, Thai
_TOKEN = re.compile(
    rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W\d_])(?:(?![{_UNSPACED}])[^\W_\u0300-\u036f]|[\u0300-\u036f\u0900-\u0963\u0966-\u0dff]|['’-](?=[^\W\d_]))*|[.,;:!?()\[\]\"“”«»|/\n।॥،؛؟。、・]"
)
_HIRAGANA = re.compile("[\u3040-\u309f]{1,3}")  # endings and particles
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
# Words of every docstring, letter and abstract, which say how a text is written and not what it is about.
_FORM_WORDS = frozenset(
    "also based can could default defaults e.g eg et al etc example examples false i.e ie its it's may more most must new none note notes null "
    "one optional other param parameter parameters paper raise raises return returned returning returns see show shows since such than that "
    "these this those thus true two type types use used uses using via well whether which will with within without would you your self "
    "str int bool float dict kwargs args cls obj array_like ndarray object objects instance instances class classes function functions "
    "method methods value values list given call called calls specified provided versionadded versionchanged deprecated "
    "let prove proved denote obtain obtained consider considered study studied propose proposed proposes introduce introduced "
    "present presents presented demonstrate demonstrated approach approaches novel result results like want just said says "
    "don don't doesn't didn't won't can't i'm i've i'd i'll it'll we're you're they're isn't aren't wasn't couldn't wouldn't shouldn't "
    "mr mrs ms dr year years day days time times way ways thing things lot lots good great make makes made making get gets got going "
    "need needs know knows think thought first second third three four five last next different many much really please thanks thank hi hello".split()
)


@dataclass(frozen=True)
class Words:
    """The words of n documents, one after the other.

    Attributes:
        forms: every word as it is written somewhere.
        lower: (f,) int32: the number in `keys` of each form.
        keys: every word in lower case, plurals as their singular where both are used.
        tokens: (t,) int32: number of the form at each place; -1 where a phrase must end.
        document: (t,) int32: the document at each place.
        is_stop: (t,) bool: a stop word of the document's language, or a single letter.
        language: (n,) int: the number of the most likely language of each document.
    """

    forms: list[str]
    lower: np.ndarray
    keys: list[str]
    tokens: np.ndarray
    document: np.ndarray
    is_stop: np.ndarray
    language: np.ndarray


def read_words(texts: Sequence[str | None], stop_words: Collection[str] = ()) -> Words:
    """Returns the words of documents, and which of them are stop words.

    Stop words are those of each document's own language, of the 57 of the package stopwordsiso; the language is the one
    whose stop words it has most of. Chinese, Japanese and Thai are segmented into words by the package budoux.

    Args:
        texts: n strings; None is read as an empty one.
        stop_words: further words or phrases, in any language and case; where they stand, a phrase must end.

    Example:
        >>> words = read_words(["These are the cats of $x^2$", "this is only a cat"])
        >>> [words.keys[words.lower[token]] for token in words.tokens[(words.tokens >= 0) & ~words.is_stop]]
        ['cat', 'cat']
    """
    numbers = _Numbers()
    tokens: list[int] = []
    ends: list[int] = []
    for text in texts:
        if text:
            tokens.extend(map(numbers.__getitem__, _TOKEN.findall(_without_markup(text))[:_MAX_TOKENS]))
        tokens.append(-1)
        ends.append(len(tokens))
    lengths: np.ndarray = np.diff(np.array([0, *ends], dtype=np.int64))
    document = np.repeat(np.arange(len(ends), dtype=np.int32), lengths)
    forms, place, document = _part_runs(list(numbers), np.array(tokens, dtype=np.int32), document)
    left_out = [_fold_phrase(phrase) for phrase in stop_words]
    keys, lower = _fold(forms, known={word for phrase in left_out for word in phrase})
    at = np.where(place >= 0, lower[place] if len(lower) else -1, -1)
    is_stop, language = _find_stop_words(keys, at, document, len(ends))
    place = np.where(_find_left_out(left_out, forms, keys, lower, place), -1, place)
    return Words(forms, lower, keys, place, document, is_stop, language)


class _Numbers(dict[str, int]):
    """Numbers strings in the order in which they are first asked for."""

    def __missing__(self, key: str) -> int:
        self[key] = len(self)
        return self[key]


def is_unspaced(word: str) -> bool:
    """Returns whether a word is in a script that is written without spaces.

    Example:
        >>> is_unspaced("猫"), is_unspaced("cat")
        (True, False)
    """
    return bool(_IS_UNSPACED.match(word))


def _without_markup(text: str) -> str:
    """Returns the beginning of a text, with a bar where something was taken out."""
    text = text[: _MAX_UNSPACED if _IS_UNSPACED.search(text, 0, 200) else _MAX_CHARACTERS]
    if "\\" in text:
        text = _ACCENT.sub(r"\1\2", text)
    for signs, pattern in _MARKUP:
        if any(sign in text for sign in signs):
            text = pattern.sub(" | ", text)
    return text


def _part_runs(tokens: list[str], place: np.ndarray, document: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Returns forms, their number at each place and the documents, once runs without spaces are words and signs are -1."""
    numbers = _Numbers()
    pieces = [
        [-1]
        if not token[0].isalpha()
        else [numbers[piece] for piece in (_part(token) if is_unspaced(token) else [token])]
        for token in tokens
    ]
    if not pieces:
        return [], place, document
    lengths = np.array([len(own) for own in pieces] + [1])[place]
    flat = np.array([number for own in pieces for number in own] + [-1], dtype=np.int32)
    starts = np.cumsum([0] + [len(own) for own in pieces])[place]
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return list(numbers), flat[np.repeat(starts, lengths) + within], np.repeat(document, lengths)


def _part(run: str) -> list[str]:
    """Returns the words of a run of Chinese, Japanese or Thai."""
    language = "th" if "\u0e00" <= run[0] <= "\u0e7f" else "ja_word" if re.search("[\u3040-\u30ff]", run) else "zh-hans"
    return [piece for piece in _parser(language).parse(run) if piece]


@cache
def _parser(language: str) -> "Parser":
    import json
    from importlib.resources import files

    from budoux.parser import Parser

    return Parser(json.loads((files("budoux") / "models" / f"{language}.json").read_text(encoding="utf-8")))


def _find_left_out(
    phrases: Sequence[tuple[str, ...]], forms: Sequence[str], keys: Sequence[str], lower: np.ndarray, place: np.ndarray
) -> np.ndarray:
    """Returns (t,) whether one of the phrases stands at each place; a word in the singular also stands for its plural."""
    numbers: dict[str, list[int]] = {word: [] for phrase in phrases for word in phrase}  # the forms of each word
    for number, form in enumerate(forms) if numbers else ():
        for word in {_lower(form), keys[lower[number]]} & numbers.keys():
            numbers[word].append(number)

    def stands_at(words: Sequence[str]) -> np.ndarray:
        is_form = np.zeros(len(forms) + 1, dtype=bool)  # the last is that of -1
        is_form[[number for word in words for number in numbers[word]]] = True
        return is_form[place]

    is_left_out = stands_at([phrase[0] for phrase in phrases if len(phrase) == 1])
    for phrase in phrases:
        if len(phrase) > 1 and all(numbers[word] for word in phrase):
            begins = np.ones(len(place), dtype=bool)
            for step, word in enumerate(phrase):
                begins[: len(place) - step] &= stands_at([word])[step:]
                begins[len(place) - step :] = False
            for step in range(len(phrase)):
                is_left_out[np.flatnonzero(begins) + step] = True
    return is_left_out


def _fold_phrase(phrase: str) -> tuple[str, ...]:
    """Returns the words of a phrase as they are compared: in lower case, segmented where there are no spaces."""
    tokens = [token for token in _TOKEN.findall(phrase) if token[0].isalpha()]
    return tuple(_lower(piece) for token in tokens for piece in (_part(token) if is_unspaced(token) else [token]))


def _lower(form: str) -> str:
    """Returns a word in lower case, without the possessive and a French or Italian article."""
    word = form.lower().replace("’", "'")
    return _ELISION.sub("", word.removesuffix("'s")) if "'" in word else word


def _fold(forms: Sequence[str], known: Collection[str] = ()) -> tuple[list[str], np.ndarray]:
    """Returns the words in lower case, and for each form which it is; "cats" is "cat" where that is written or known too."""
    lowered = [_lower(form) for form in forms]
    known = {*known, *lowered}
    singular = [_singular(word, known) for word in lowered]
    numbers: dict[str, int] = {}
    lower = np.array([numbers.setdefault(word, len(numbers)) for word in singular], dtype=np.int32)
    return list(numbers), lower


_PLURALS = (
    *(
        ("ices", "ex"),
        ("ices", "ix"),
        ("ies", "y"),
        ("ses", "s"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("s", ""),
    ),
)


def _singular(word: str, known: set[str]) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        for ending, instead in _PLURALS:
            if word.endswith(ending) and word[: -len(ending)] + instead in known:
                return word[: -len(ending)] + instead
    return word


def _find_stop_words(
    keys: Sequence[str], at: np.ndarray, document: np.ndarray, n_documents: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns (t,) whether each place holds a stop word of its document's language, and (n,) that language."""
    from scipy.sparse import csr_matrix

    is_word = at >= 0
    if not is_word.any():
        return np.zeros(len(at), dtype=bool), np.zeros(n_documents, dtype=np.int64)
    member = _stop_matrix(keys)  # (keys, languages)
    ones = np.ones(int(is_word.sum()))
    counts = csr_matrix((ones, (document[is_word], at[is_word])), shape=(n_documents, len(keys)))
    hits = counts @ (member / np.maximum(member.sum(axis=1, keepdims=True), 1))  # a word of many languages says little
    # A language that few documents have most of is chance: its documents are of one of the others.
    best = np.bincount(hits.argmax(axis=1)[hits.any(axis=1)], minlength=hits.shape[1])
    hits[:, best < max(0.01 * best.sum(), min(3, best.max()))] = -1.0
    language = np.where(hits.max(axis=1) > 0, hits.argmax(axis=1), best.argmax())
    is_short = np.array([len(key) < 2 or bool(_HIRAGANA.fullmatch(key)) for key in keys])
    is_stop = np.zeros(len(at), dtype=bool)
    is_stop[is_word] = member[at[is_word], language[document[is_word]]] | is_short[at[is_word]]
    return is_stop, language


def _stop_matrix(keys: Sequence[str]) -> np.ndarray:
    """Returns (keys, languages) bool: which words are stop words of which language."""
    languages = _stop_lists()
    number = {key: at for at, key in enumerate(keys)}
    member = np.zeros((len(keys), len(languages)), dtype=bool)
    for column, words in enumerate(languages):
        member[[number[word] for word in words & number.keys()], column] = True
    # Arabic writes "and", "so" and "its" together with the word.
    bare = [(at, match.group(1)) for at, key in enumerate(keys) if (match := _ARABIC_AFFIXES.fullmatch(key))]
    for at, word in bare:
        if word in number:
            member[at] |= member[number[word]]
    return member


@cache
def _stop_lists() -> tuple[frozenset[str], ...]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
    from stopwordsiso import langs, stopwords

    # The English list of stopwordsiso holds "system" and "world"; that of scikit-learn does not.
    others = (frozenset(stopwords(language)) for language in sorted(langs() - {"en"}))
    return (frozenset(ENGLISH_STOP_WORDS) | _FORM_WORDS, *others)
