"""Pairs of short questions made from templates: those that mean something else, and those that differ in nothing that matters.

Every kind changes one thing in otherwise equal questions. The same call makes the same pairs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import TypeVar

One, Other = TypeVar("One"), TypeVar("Other")
N_PER_KIND = 120  # pairs at most

ASKED = (
    "Which companies invest in {}?",
    "What is it like to live in {} as a student?",
    "How can I find a cheap flat near the main station of {}?",
    "Where is the best place to eat fish in {} late at night?",
    "I finished my degree in chemistry last summer and would like to move abroad: what are my chances of a job in {}?",
    "What documents does somebody need who wants to open a bank account and rent a flat in {} within a month?",
)
ABOUT = (
    "What is the best way to learn {}?",
    "How much does {} cost for beginners?",
    "Why do so many people talk about {} these days?",
    "What should I know about {} before I start a new job as an engineer in a small company next month?",
)
PLACES = "Italy Belgrade Iran Iraq Austria Australia India Indiana Paris Sweden Switzerland Niger Nigeria Mali Malawi".split()
NAMES = (
    "Obama Osama Trump Clinton Messi Ronaldo Newton Nelson Einstein Eisenhower Marx Mark Joan John Maria Marie".split()
)
ABBREVIATIONS = "EE ECE CS CSE IT IIT NIT CAT GATE GRE GMAT SAT ACT MBA MCA PHP SQL C R Java JavaScript C++ C#".split()
LETTERS = "A B C D E F G H K L M N O P R S T U".split()
ANTONYMS = (
    "increase/decrease", "import/export", "buy/sell", "best/worst", "gain/lose", "hot/cold", "internal/external", "open/close",
    "minimum/maximum", "start/stop", "legal/illegal", "possible/impossible", "before/after", "cheap/expensive", "male/female",
    "lend/borrow", "hide/show", "install/uninstall", "import/report", "inductive/deductive",
)  # fmt: skip
LOOK_ALIKE = (
    "house/horse", "affect/effect", "desert/dessert", "angel/angle", "trail/trial", "cat/car", "plane/planet", "father/feather",
    "pilot/plot", "beer/bear", "mouse/moose", "stomach/stomata", "weather/leather", "brother/mother", "copper/pepper", "sink/skin",
)  # fmt: skip
ACTIONS = (
    "Do {} chase {}?|Are {} smarter than {}?|Why are {} afraid of {} at night?|Can {} live longer than {} in the wild?"
)
ANIMALS = "cats dogs wolves horses tigers lions bears eagles snakes rabbits".split()
ORDERED = (
    "Is it better to study {} and then {}, or is the other way round the usual one for people who want to work in finance?",
    "How do I convert {} to {}?",
    "Which is older, the {} that influenced the {} or something else?",
)
THINGS = "dollars euros physics chemistry Greek Latin painting sculpture violins pianos".split()
UNITS = "mW/MW mb/Mb Mb/MB kb/Kb mHz/MHz pA/PA mg/Mg ms/Ms nm/Nm mV/MV mM/MM kbps/kBps".split()
HYPHENS = "re-sign/resign re-cover/recover re-form/reform re-mark/remark re-sent/resent co-op/coop re-lay/relay re-press/repress".split()
SHARP = "Maße/Masse Buße/Busse Floße/Flosse Ruße/Russe Muße/Musse".split()
COMPARED = "> < ≥ ≤ = ± ≠ ≈".split()
CURRENCIES = "$ € £ ¥ ₹".split()
EMOJI = "😡 😀 🎉 💔 👍 👎 🔥 ❤️".split()


@dataclass(frozen=True)
class QuestionPair:
    """Two questions.

    Attributes:
        kind: how one was made of the other.
        one, other: the texts.
        is_same: whether they mean the same.
    """

    kind: str
    one: str
    other: str
    is_same: bool


def make_different() -> list[QuestionPair]:
    """Returns pairs that mean something else, at most `N_PER_KIND` of each kind."""
    return [
        QuestionPair(kind, one, other, is_same=False)
        for kind, pairs in _different_kinds().items()
        for one, other in islice(pairs, N_PER_KIND)
    ]


def make_same() -> list[QuestionPair]:
    """Returns pairs that differ in nothing that matters, one of each question for every kind."""
    questions = [one.format(word) for one, word in islice(_mix([*ASKED, *ABOUT], [*PLACES, *NAMES]), 48)]
    return [
        QuestionPair(kind, question, changed, is_same=True)
        for kind, change in SAME_KINDS.items()
        for question in questions
        if (changed := change(question)) != question
    ]


def _different_kinds() -> dict[str, Iterator[tuple[str, str]]]:
    years, amounts = [str(year) for year in range(1990, 2010)], [str(amount) for amount in range(3, 40, 2)]
    return {
        "place": _fill(ASKED, PLACES),
        "name": _fill(("Who was {}?", "What did {} say about war?", "Why is {} better known than other people of the time?"), NAMES),
        "abbreviation": _fill(ABOUT, ABBREVIATIONS),
        "letter": _fill(("What are some English words that start with {}?", "Which vitamin is better for the eyes, vitamin {}?",
                         "What is a good name for a baby girl that starts with the letter {}?"), LETTERS),
        "year": _fill(("What happened in {}?", "Was the winter of {} unusually cold in the north of Canada?"), years),
        "amount": _fill(("How can I lose {} kg?", "What is a good laptop for less than {} thousand rupees?"), amounts),
        "grade": _fill(("How should I prepare for class {} exams?",), [f"{number}th" for number in range(4, 20)]),
        "version": _fill(("Is the iPhone {} worth buying?", "Does Windows {} still get updates?"), "5 5s 6 6s 7 8 X XR XS SE".split()),
        "Roman numeral": _fill(("What caused World War {}?", "Who won in part {} of the series?"), "I II III IV V VI VII VIII IX X".split()),
        "Roman numeral sign": _swap(("What happens in chapter {} of the book?", "Who was pope {}?"), "Ⅳ/IV Ⅳ/Ⅵ Ⅱ/II Ⅻ/XII Ⅴ/V Ⅰ/I".split()),
        "month or day": _fill(("What is the weather in Rome in {}?", "Is the office open on the first of {}?"), MONTHS),
        "ordinal": _fill(("Who was the {} president?", "What comes after the {} step?"), "first second third fourth fifth sixth tenth last".split()),
        "opposite": _swap(("How do I {} it?", "What does {} mean in this context, and how is it measured?", "Why is the {} one so well known among students?"), ANTONYMS),
        "look-alike word": _swap(("What is a {}?", "How would you draw a {} without lifting the pencil?", "Why did they talk about the {} for such a long time?"), LOOK_ALIKE),
        "order": _exchange(ACTIONS.split("|"), ANIMALS),
        "order in a long question": _exchange(ORDERED, THINGS),
        "negation": _negate(),
        "auxiliary": _swap(("{} I eat eggs every day?", "{} we trust what the papers write about it?", "Why {} people under thirty vote?"),
                           "Can/Should Should/Would Must/May Could/Should Will/Can Can/Must Did/Do Would/Will".split()),
        "question word": _swap(("{} is it called that?", "{} did they sell the house by the lake?"), "Why/When Who/Why Where/When How/Why What/Why When/How".split()),
        "preposition": _swap(("How do I move files {} my phone?", "Who wrote the letter {} the king?", "Which trains go {} the city every day of the week?"),
                             "to/from with/without into/onto over/under before/after for/against in/out up/down".split()),
        "pronoun": _swap(("Why does {} not answer my messages?", "How do I tell {} that I am leaving?"), "he/she him/her you/they I/we it/he us/them".split()),
        "added place": _add(ABOUT, [f"in {place}" for place in PLACES]),
        "added condition": _add(ABOUT, "without money|for free|after 40|at home|online|in two weeks|as a doctor|with a dog".split("|")),
        "number added": _add(("Who won the final", "How did they lose the game against the team from Madrid", "What is in chapter"), years),
        "superscript": _swap(("What is the square root of {}?", "How many grains are {} grains?"), "10⁶/106 10²/102 2³/23 5¹⁰/510 x²/x2 H₂/H2 3⁴/34 10⁶/10⁸".split()),
        "other digits": _swap(("How many people live in house {}?", "Is {} a prime number?"), "٣/3 ٣٠/30 १२/12 ৫/5 ③/3 ٣/٤ ४/4 ፫/3".split()),
        "hyphen": _swap(("Will they {} it?", "When did the {} happen?", "Is it right to {} it after so many years?"), HYPHENS),
        "emoji": _add(("The update is here", "Why did they change it again", "What did you think of the last season of the show"), EMOJI),
        "sharp s": _swap(("Was ist die {}?", "Wie schreibt man {} richtig?", "Was kostet die {} im Laden in Wien?"), SHARP),
        "case of a unit": _swap(("How long does 5 {} last?", "What is a {}?", "Why is a speed of 10 {} too little for the films that I watch?"), UNITS),
        "question or statement": _end(),
        "strike-through": _strike(),
        "case of an address": _swap(("What is at https://ex.org/{} now?", "Does www.site.net/{} still work?"), "AbC/abc a/A x?id=Qw/x?id=qW Doc/doc p/R/p/r yT3/Yt3".split()),
        "currency": _swap(("Is {}5 too much?", "What can I buy for {}100 in the center of the city?", "How do people live on {}20 a day?"), _join(CURRENCIES)),
        "comparison": _swap(("What if x {} 5?", "Is a value {} 3 normal?", "When does f(x) {} g(x) hold for all real numbers?"), _join(COMPARED)),
        "minus": _swap(("Is {} degrees cold?", "What is the root of {}?", "Why does the model predict {} for all of them?"), "-5/5 −7/7 -x/x -12/12 −0.5/0.5".split()),
        "footnote mark": _swap(("Is this {} enough?", "What does the {} of the bank say?", "Who pays the {} if something goes wrong?"), "rate*/rate rate¹/rate1 report†/report fee²/fee2 price§/price cost‡/cost bill[1]/bill1".split()),
        "time of day": _swap(("Does the train leave at {}?", "Is it safe to walk there at {}?"), "6am/6pm 6:30/6:50 11 am/11 pm 7:15/17:15 8/9".split()),
    }  # fmt: skip


MONTHS = "January February March April May June July August September October November December".split()


def _fill(templates: Sequence[str], words: list[str]) -> Iterator[tuple[str, str]]:
    """Yields questions with two of the words, neighbors in the list first."""
    for template, (one, other) in _mix(
        templates, sorted(combinations(range(len(words)), 2), key=lambda at: at[1] - at[0])
    ):
        yield template.format(words[one]), template.format(words[other])


def _swap(templates: Sequence[str], choices: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yields questions with each of two choices, written one/other."""
    for template, choice in _mix(templates, choices):
        middle = choice.count("/") // 2
        parts = choice.split("/")
        yield template.format("/".join(parts[: middle + 1])), template.format("/".join(parts[middle + 1 :]))


def _exchange(templates: Sequence[str], words: list[str]) -> Iterator[tuple[str, str]]:
    for template, (one, other) in _mix(templates, list(combinations(words, 2))):
        yield template.format(one, other), template.format(other, one)


def _add(templates: Sequence[str], ends: list[str]) -> Iterator[tuple[str, str]]:
    for template, end in _mix(templates, ends):
        question = template.format("chess").rstrip("?")
        yield f"{question}?", f"{question} {end}?"


def _negate() -> Iterator[tuple[str, str]]:
    said = "Why {} you eat meat?|Which countries {} allow it?|What if I {} pay?|Why {} Google buy the company that made the phones?"
    for template, verb in _mix(
        said.split("|"),
        ["do/do not", "did/didn't", "should/shouldn't", "can/cannot", "will/won't", "would/would never"],
    ):
        one, other = verb.split("/")
        yield template.format(one), template.format(other)


def _end() -> Iterator[tuple[str, str]]:
    said = "It works|They have sold the house|He is the new king|You can go home now|This is the last one that they made before the war"
    for text, marks in _mix(said.split("|"), ["?.", "?!"]):
        yield text + marks[0], text + marks[1]


def _strike() -> Iterator[tuple[str, str]]:
    for text in ("The offer is valid.", "Is the shop open?", "Can I still buy the old one from them?"):
        words = text.split()
        yield f"~~{text}~~", text
        yield "".join(letter + "\u0336" for letter in text), text
        yield " ".join([*words[:-1], f"~~{words[-1]}~~"]), text
        yield f"<s>{text}</s>", text


def _join(signs: list[str]) -> list[str]:
    return [f"{one}/{other}" for one, other in combinations(signs, 2)]


def _mix(some: Sequence[One], others: Sequence[Other]) -> Iterator[tuple[One, Other]]:
    """Yields all combinations, so that the first ones hold all of both."""
    places = product(range(len(some)), range(len(others)))
    for at, other_at in sorted(places, key=lambda place: ((place[1] - place[0]) % len(others), place)):
        yield some[at], others[other_at]


def _misspell(text: str) -> str:
    """Returns the text with two letters of its longest word exchanged."""
    word = max(text.rstrip("?").split(), key=len)
    middle = len(word) // 2
    return (
        text.replace(word, word[:middle] + word[middle + 1] + word[middle] + word[middle + 2 :])
        if len(word) > 6
        else text
    )


SAME_KINDS: dict[str, Callable[[str], str]] = {
    "all lower case": str.lower,
    "all upper case": str.upper,
    "capitals of a title": str.title,
    "no question mark": lambda text: text.rstrip("?"),
    "two question marks": lambda text: text + "?",
    "spaces": lambda text: text.replace(" ", "  ") + " ",
    "zero-width characters": lambda text: text.replace(" ", " \u200b"),
    "full-width question mark": lambda text: text.replace("?", "\uff1f"),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "emphasis": lambda text: f"**{text}**",
    "quotation marks": lambda text: f"\u201c{text}\u201d",
    "ligatures": lambda text: text.replace("fi", "\ufb01").replace("fl", "\ufb02"),
    "misspelled word": _misspell,
    "no comma or colon": lambda text: text.replace(",", "").replace(":", ""),
    "contraction": lambda text: text.replace("What is", "What's").replace("Where is", "Where's"),
    "no article": lambda text: text.replace(" the ", " "),
}
