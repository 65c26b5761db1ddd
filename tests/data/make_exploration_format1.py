"""Makes `exploration-format1/`, an exploration as version 0.1.0 of nomic_explore laid it down: format 1.

It ran once with that version and is kept for the record of how the folder came to be. It is not expected to run with
later versions, and the folder must never be made again: it stands for the folders that users already have. The tests
are in `tests/test_golden_folder.py`.

    python tests/data/make_exploration_format1.py
"""

import csv
import json
import random
import shutil
import sys
import warnings
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lancedb
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
from nomic_explore.edits import describe
from nomic_explore.topics.evidence import TopicEvidence
from test_golden_folder import BUILT_WITH, VectorServer, append_to_log, digest_state, standing_edits

from nomic_explore import Exploration, explore, open_exploration

HERE = Path(__file__).parent / "exploration-format1"
LESSON = Path(__file__).parent.parent.parent / "data" / "lesson_sentences.csv"
COLUMNS = ("id", "title", "body", "topic", "written", "reader.score", "pages", "is_checked")
PORT = 18765  # it stands in the manifest

# Each subject: its things, what happens to them, and where.
SUBJECTS = {
    "bicycles": (
        ("rear wheel", "chain", "brake cable", "saddle", "front fork", "pedal"),
        ("was cleaned and oiled", "came loose on the climb", "had to be replaced", "squeaked all the way home"),
        ("at the workshop near the river", "during the tour of the hills", "before the race on Sunday"),
    ),
    "bread": (
        ("sourdough", "rye loaf", "flat bread", "brioche", "baguette", "corn bread"),
        ("rose slowly in the cold kitchen", "came out of the oven too dark", "needed more salt and water"),
        ("although the flour was fresh", "because the dough rested overnight", "as the baker had warned"),
    ),
    "lighthouses": (
        ("old lighthouse", "lamp room", "fog horn", "keeper's house", "spiral staircase", "harbour light"),
        ("was painted white again", "could be seen for twenty miles", "stood empty through the winter"),
        ("on the northern cape", "above the rocks of the bay", "after the storm in autumn"),
    ),
    "chess": (
        ("queen's gambit", "rook endgame", "bishop pair", "passed pawn", "castled king", "knight on the rim"),
        ("decided the final game", "was analysed until midnight", "surprised the young champion"),
        ("in the tournament hall", "with only seconds on the clock", "against the club's best player"),
    ),
}
# Pairs that share no longer word and have one vector, for the server knows what their words mean.
MEANINGS = (
    ("Physicians prescribe tablets against migraine.", "Doctors recommend pills to fight a headache."),
    ("Automobiles halt before crossing children.", "When kids traverse the road, cars stop."),
    ("Autumn vegetables simmer quietly.", "Greens of the harvest season: they stew gently."),
)


def make_rows() -> list[dict[str, Any]]:
    """Returns about 200 rows: sentences of the lesson, generated ones, and copies of each kind of both."""
    choose = random.Random(7)
    with open(LESSON, encoding="utf-8", newline="") as file:
        lesson = list(csv.DictReader(file))
    originals = [row for row in lesson if row["kind"] == "original"]
    kept = [row for row in originals if row["topic"] in {"astronomy", "cooking", "football", "music", "trains"}][:66]
    kept += [row for row in lesson if row["kind"] == "translation"][:10]
    kept += [row for row in lesson if row["kind"] == "near_copy" and row["source_id"] in {one["id"] for one in kept}]
    rows = [{"id": row["id"], "title": "", "body": row["text"], "topic": row["topic"]} for row in kept]
    for subject, (things, events, places) in SUBJECTS.items():
        every = [(thing, event, place) for thing in things for event in events for place in places]
        for number, (thing, event, place) in enumerate(choose.sample(every, 20)):
            title = f"Notes on the {thing}" if number % 3 else ""
            body = f"The {thing} {event} {place}."
            rows.append({"id": f"{subject}-{number:02}", "title": title, "body": body, "topic": subject})
    made = [row for row in rows if row["id"].startswith(tuple(SUBJECTS))]
    for number, row in enumerate(made[::16]):
        rows.append({**row, "id": f"exact-{number}"})
        rows.append({**row, "id": f"normalised-{number}", "body": row["body"].upper().replace(" ", "  ")})
    for number, row in enumerate(kept[::13]):
        longer = f"{row['text'].rstrip('.')}, as the notes of our reading group say on more than one page."
        rows.append({"id": f"near-{number}", "title": "", "body": longer, "topic": row["topic"]})
        rows.append({"id": f"near-{number}-again", "title": "", "body": f"{longer} Really.", "topic": row["topic"]})
    for number, (one, other) in enumerate(MEANINGS):
        rows.append({"id": f"meaning-{number}", "title": "", "body": one, "topic": "cooking"})
        rows.append({"id": f"meaning-{number}-again", "title": "", "body": other, "topic": "cooking"})
    for number, blank in enumerate(("", "   ", "\t", "")):
        rows.append({"id": f"blank-{number}", "title": "", "body": blank, "topic": ""})
    choose.shuffle(rows)
    rows[5]["id"] = ""  # named by its text
    for number, row in enumerate(rows):
        row["written"] = date(2019, 3, 1) + timedelta(days=9 * number) if number % 11 else ""
        row["reader.score"] = round(choose.uniform(0, 5), 2)
        row["pages"] = choose.randint(1, 400) if number % 7 else ""
        row["is_checked"] = "true" if number % 3 else "false"
    return rows


class KeywordNamer:
    """Names topics as a language model would, but from their keywords."""

    identity = "keywords, format 1"

    def __call__(self, evidence: TopicEvidence) -> tuple[str, str]:
        """Returns a name and a description."""
        return f"About {evidence.keywords[0]} ({evidence.layer}.{evidence.topic})", f"{evidence.size} documents."


def edit(exploration: Exploration) -> None:
    """Makes every kind of edit, in two sessions."""
    ex, finest = exploration, len(exploration.topics.layers) - 1
    ex.tag([3, 4, 5, 60], "to read", color="#cc3311")
    ex.tag(np.arange(40, 52), "spam")
    ex.tag([51, 52, 53], "odd ones")
    ex.create_tag("later", "#004488")
    ex.untag([4, 60], "to read")
    ex.rename_tag("later", "next week")
    ex.color_tag("spam", "#117733")
    ex.rename_tag("odd ones", "spam")  # merges the two
    ex.create_tag("mistake")
    ex.delete_tag("mistake")
    ex.pin([9, 2, 30])
    ex.unpin([2])
    ex.save_view("start", {"x": 0.5, "y": -1.25, "zoom": 2, "filters": ["written"]})
    ex.save_view("Überblick", {"zoom": 1})
    ex.save_view("start", {"x": 0.75, "y": -1.25, "zoom": 3, "filters": []})
    ex.delete_view("Überblick")

    sizes = np.bincount(ex.topics.layers[finest][ex.topics.layers[finest] >= 0])
    order = np.argsort(-sizes, kind="stable")
    names = [ex.topics.names[finest][topic] for topic in order]
    ex.rename_topic(finest, int(order[0]), "The largest")
    ex.rename_topic(0, 0, "First of the coarse")
    ex.rename_topic(0, 0, "Coarse one")
    ex.rename_topic(finest, int(order[1]), "A passing name")
    ex.rename_topic(finest, int(order[1]), "")
    ex.merge_topics(finest, [names[3], names[4]], "Merged by hand")
    ex.split_topic(finest, "The largest", into=2)

    ex = open_exploration(ex.folder)  # another session goes on
    second = names[1]
    members = np.flatnonzero(ex.topics.layers[finest] == ex.topics.find(second, finest)[1])
    ex.split_topic(finest, second, rows=members[:4])
    ex.merge_topics(finest, [names[5], names[6]])
    ex.lock_topic(finest, "The largest")
    ex.lock_topic(finest, names[2])
    outside = np.flatnonzero(ex.topics.layers[finest] == ex.topics.find("Merged by hand", finest)[1])
    ex.move_rows(outside[:3], finest, second)
    ex.unlock_topic(finest, names[2])

    roles, partners = ex.duplicates.roles, ex.duplicates.matches
    dropped, unsure = np.flatnonzero(roles == "drop"), np.flatnonzero(roles == "review")
    print("dropped", len(dropped), "to review", len(unsure), "kinds", sorted(set(ex.duplicates.kinds.tolist())))
    ex.judge(int(dropped[0]), "keep")
    ex.judge(int(unsure[0]), "drop")
    ex.judge(int(unsure[1]), "apart")
    ex.judge(int(dropped[1]), "apart", other=int(partners[dropped[1]]))
    ex.judge(int(np.flatnonzero(roles == "unique")[0]), "drop", other=int(np.flatnonzero(roles == "unique")[5]))
    ex.decide_duplicates(0.95, kinds=["exact", "normalised", "lexical"], keep="first")
    ex.decide_duplicates(keep="most_central")

    ex.tag([1, 2], "undone for good")
    ex.pin([77])
    ex.pin([78])
    ex.undo()
    ex.undo()
    ex.undo()
    ex.redo()  # the tag stands again
    ex.undo()
    ex.tag([10, 11], "last")


def shrink(folder: Path) -> None:
    """Keeps the latest version of each table only, in as few files as it takes."""
    database = lancedb.connect(folder / "tables")
    warnings.simplefilter("ignore")  # that nobody else may be reading: nobody is
    for path in sorted((folder / "tables").glob("*.lance")):
        database.open_table(path.stem).optimize(cleanup_older_than=timedelta(0), delete_unverified=True)


def main() -> None:
    """Makes the folder and what its tests compare it with."""
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir(parents=True)
    source, folder = HERE / "source.csv", HERE / "exploration"
    with open(source, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(make_rows())
    with VectorServer(PORT) as server:
        exploration = explore(source, model=server.model, folder=folder, show_progress=False, **BUILT_WITH)
    report = exploration.name_topics(KeywordNamer())
    print(exploration, report.n_named, "named", report.errors)
    edit(exploration)
    shrink(folder)

    open_exploration(folder).save_parquet(HERE / "expected.parquet")
    with TemporaryDirectory() as aside:
        copied = shutil.copytree(folder, Path(aside) / "exploration")
        exploration = open_exploration(copied)
        by_name = {each.edit: each for each in exploration._edit_log._edits}
        steps = [{"undone": None, "state": digest_state(exploration)}]
        for name in reversed(standing_edits(copied)):
            append_to_log(copied, "undo", name)
            exploration.refresh()
            undone = {"kind": by_name[name].kind, "description": describe(by_name[name])}
            steps.append({"undone": undone, "state": digest_state(exploration)})
    lines = ",\n".join(json.dumps(step, ensure_ascii=False) for step in steps)
    (HERE / "undo.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
