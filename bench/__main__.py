"""`python -m bench [question ...]`: ask, print the tables, keep them in bench/results/."""

import argparse
import sys
import time
from importlib import import_module

from bench.tables import RESULTS, machine

QUESTIONS = ("ingest", "walks", "word2vec", "neighbours", "queries", "start", "serve")
FULL_ONLY = ("stages", "spark", "explorer")  # minutes a run: with --full, or when asked for by name
FEWEST_ROUNDS = 5


def main() -> int:
    """Ask each question in turn; tables on stdout, progress on stderr."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed, memory and quality beside peers.")
    parser.add_argument("question", nargs="*", help=f"of {', '.join(QUESTIONS)} (all), {', '.join(FULL_ONLY)}")
    parser.add_argument("--rounds", type=int, default=FEWEST_ROUNDS, help="turns of each contender (%(default)s)")
    parser.add_argument("--full", action="store_true", help="the larger sizes too; takes an hour or more")
    options = parser.parse_args()
    if unknown := set(options.question) - {*QUESTIONS, *FULL_ONLY}:
        parser.error(f"expected questions of {', '.join(QUESTIONS + FULL_ONLY)}, found {', '.join(sorted(unknown))}")
    if options.rounds < 1:
        parser.error(f"expected --rounds of at least 1, found {options.rounds}")
    where = machine()
    print(f"{where['cpu']}, {where['cores']} cores, {where['memory']}, {where['at']}, load {where['load'][0]:.1f}\n")
    for question in options.question or QUESTIONS + (FULL_ONLY if options.full else ()):
        for table in import_module(f"bench.{question}").tables(options.rounds, options.full, _tell):
            print(table.markdown(), flush=True)
            _tell(f"kept in {table.save().relative_to(RESULTS.parents[1])}")
    return 0


def _tell(message: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
