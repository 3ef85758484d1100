"""Which settings find the most held-out movies? One setting changed at a time, the same questions for all.

    python -m bench.search ratings.csv [more.csv ...] [--seeds 3] [--protocol leave-last-one time-split]

Prints a Markdown table: for each recipe and change HR@10 of `similar` and `next` (task A), the mean over seeds, and
the standard error of one seed. A change is worth taking only where it helps on every file and beyond that error.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.catalogue import Catalogue
from training.evaluation.judge import MOST_QUESTIONS, judge, model_entries, with_likes_of
from training.evaluation.protocols import PROTOCOLS
from training.formats import parse_columns
from training.here import Here
from training.prepare import Prepared, prepare
from training.progress import Steps
from training.recipes import RECIPES, Job
from training.sequences import build_sequences, liked
from training.settings import PRESETS, Settings

CHANGES: dict[str, list[dict[str, object]]] = {
    "item2vec": [
        {"window": 3}, {"window": 10}, {"vector_size": 32}, {"vector_size": 128}, {"negative": 10}, {"negative": 0},
        {"hs": False}, {"ns_exponent": 0.5}, {"ns_exponent": 0.75}, {"epochs": 10}, {"epochs": 60},
        {"learning_rate": 0.05}, {"min_count": 5}, {"min_likes": 1}, {"min_rating": 0.0},
    ],
    "deepwalk": [{"window": 3}, {"window": 10}, {"walk_length": 10}, {"walk_length": 40}, {"epochs": 2}, {"hs": False}],
    "node2vec": [{"p": 1.0, "q": 1.0}, {"p": 0.5, "q": 2.0}, {"p": 4.0, "q": 0.25}, {"p": 0.25, "q": 4.0}],
}  # fmt: skip


class _Quiet(Steps):
    def say(self, text: str) -> None:
        """Nothing: the table is all that is wanted."""
        del text


def main() -> None:
    """Search, and print a table for each file and protocol."""
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__.splitlines()[0])
    parser.add_argument("ratings", nargs="+", type=Path, help="ratings files")
    parser.add_argument("--columns", metavar="K=NAME,..", help="as of kindred train")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each (%(default)s)")
    parser.add_argument("--protocol", nargs="+", default=["leave-last-one"], choices=sorted(PROTOCOLS))
    parser.add_argument("--recipe", nargs="+", default=list(RECIPES), choices=list(RECIPES))
    options = parser.parse_args()
    for path in options.ratings:
        prepared = prepare(path, None, parse_columns(options.columns) if options.columns else None, 3.5)
        for protocol in options.protocol:
            print(f"\n**{path.name}, {protocol}**\n\n| recipe | change | similar | next | ± |\n|---|---|---|---|---|")
            for name in options.recipe:
                for words, settings in _settings(name):
                    found = _measure(name, prepared, protocol, settings, options.seeds)
                    print(f"| {name} | {words} | {found} |", flush=True)
    sys.stdout.flush()


def _settings(name: str) -> Iterator[tuple[str, Settings]]:
    default = PRESETS["default"][name]
    yield "the course's", PRESETS["lesson"][name]
    yield "**default**", default
    for change in CHANGES[name]:
        words = ", ".join(f"{key} {value}" for key, value in change.items())
        yield words, replace(default, **change)  # type: ignore[arg-type]


def _measure(name: str, prepared: Prepared[Here], protocol: str, settings: Settings, seeds: int) -> str:
    """HR@10 of both relations, averaged over seeds, and its standard error, as cells of the table."""
    split = PROTOCOLS[protocol](prepared.engine.ratings, prepared.engine.row_of, 3.5).sample(MOST_QUESTIONS)
    sequences = build_sequences(liked(split.train, settings.min_rating), prepared.engine.row_of)
    likes = build_sequences(liked(split.train, 3.5), prepared.engine.row_of)
    seen: Catalogue = with_likes_of(prepared.catalogue, np.bincount(likes.rows, minlength=len(prepared.catalogue)))
    hits: dict[str, list[float]] = {"similar": [], "next": []}
    error = 0.0
    for seed in range(settings.seed, settings.seed + seeds):
        scaled = replace(settings, seed=seed).scaled(len(sequences.rows), len(seen), seen.likes)
        model = RECIPES[name](Job(name, Here(sequences, len(seen)), seen, scaled, 2, _Quiet(), stored=False))
        for entry in model_entries({name: model}):
            (judged,) = judge(entry, split, seen, ("A",))
            hits[str(entry.relation)].append(float(judged.row["hr@10"]))
            error = float(judged.row["hr@10_se"])
    cells = [f"{np.mean(values):.4f}" if values else "" for values in hits.values()]
    return f"{cells[0]} | {cells[1]} | {error:.4f}"


if __name__ == "__main__":
    main()
