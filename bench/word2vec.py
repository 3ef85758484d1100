"""Does anything come on top of Gensim when Kindred trains with it?

Ours writes its corpus file within the time that counts. Gensim alone is handed lists, or a file, that are there.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import Word2Vec

from bench.data import BUILD, SEED, histories
from bench.quality import HeldOut, hit_rate, hold_out
from bench.rounds import Contender, Quality, Stopwatch, contender, take_turns
from bench.tables import Table
from models.scores import FloatArray
from training.sequences import Sequences
from training.settings import MIN_LEARNING_RATE, PRESETS, Settings
from training.skipgram import train_skipgram

N_MOVIES, EPOCHS, ASKED = 4_000, 2, 2_000
ALONE, FROM_FILE = "Gensim alone, lists of texts", "Gensim alone, corpus file"


def tables(rounds: int, full: bool, tell: Callable[[str], None]) -> Iterator[Table]:
    """Both presets, two epochs each, one worker; `full`: ten times the words."""
    n = 2_000_000 if full else 200_000
    watched = histories(n, N_MOVIES, np.random.default_rng(SEED))
    first = np.flatnonzero(np.append(True, watched.users[1:] != watched.users[:-1]))
    held = hold_out(Sequences(watched.rows.astype(np.int32), np.append(first, n).astype(np.int64)), ASKED, SEED)
    ids = tuple(f"{row:05d}" for row in range(N_MOVIES))
    corpus = _corpus_file(held.training, ids, BUILD / f"corpus-{n}.txt")
    for preset in ("lesson", "default"):
        settings = replace(PRESETS[preset]["item2vec"], epochs=EPOCHS)
        loss = "hierarchical softmax" + (f" and {settings.negative} negative" if settings.negative else "")
        shape = f"vectors of {settings.vector_size}, window {settings.window}, {loss}"
        title = f"Skip-gram, {preset} preset ({shape}): {len(held.training.rows):,} words, {EPOCHS} epochs, 1 worker"
        samples = take_turns(_contenders(held, ids, settings, corpus), rounds, tell)
        yield Table(
            f"word2vec-{preset}", title, "million words per CPU second", "cpu", samples, {ALONE: 0.95, FROM_FILE: 0.95}
        )


def _contenders(held: HeldOut, ids: tuple[str, ...], settings: Settings, corpus: Path) -> list[Contender]:
    n_words = len(held.training.rows) * EPOCHS / 1e6
    keys = np.array(ids, dtype=object)
    lists = [keys[held.training[index]].tolist() for index in range(len(held.training))]

    def quality(vectors: FloatArray) -> Quality:
        return {"HR@10": hit_rate(vectors, held)}

    def ours(watch: Stopwatch, _: int) -> Quality:
        with watch:
            embedding = train_skipgram(held.training, ids, settings, workers=1)
        watch.work = n_words
        vectors = np.zeros((len(ids), settings.vector_size), dtype=np.float32)
        vectors[embedding.rows] = embedding.vectors
        return quality(vectors)

    def from_lists(watch: Stopwatch, _: int) -> Quality:
        with watch:
            model = Word2Vec(lists, **_arguments(settings))
        watch.work = n_words
        return quality(_vectors(model, ids))

    def from_file(watch: Stopwatch, _: int) -> Quality:
        with watch:
            model = Word2Vec(corpus_file=str(corpus), **_arguments(settings))
        watch.work = n_words
        return quality(_vectors(model, ids))

    return [contender("Kindred", ours), contender(ALONE, from_lists), contender(FROM_FILE, from_file)]


def _arguments(settings: Settings) -> dict[str, Any]:
    same = ("vector_size", "window", "epochs", "negative", "ns_exponent", "min_count", "seed")
    return {name: getattr(settings, name) for name in same} | {
        "sg": 1,
        "hs": int(settings.hs),
        "sample": 0,
        "alpha": settings.learning_rate,
        "min_alpha": MIN_LEARNING_RATE,
        "workers": 1,
    }


def _vectors(model: Word2Vec, ids: tuple[str, ...]) -> FloatArray:
    vectors = np.zeros((len(ids), model.vector_size), dtype=np.float32)
    for row, movie_id in enumerate(ids):
        if movie_id in model.wv:
            vectors[row] = model.wv[movie_id]
    return vectors


def _corpus_file(sequences: Sequences, ids: tuple[str, ...], path: Path) -> Path:
    """One line for each sequence, as Gensim's corpus_file mode wants it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (" ".join(ids[row] for row in sequences[index]) for index in range(len(sequences)))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
