"""Each recipe is its list of steps: what goes in at one end, and what a model holds at the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from models import Model
from models.catalogue import Catalogue
from tests.small import sequences_of
from training.coldstart import learned_only, with_inferred
from training.graph import build_graph
from training.here import Here
from training.neighbours import nearest
from training.progress import Advance, Steps
from training.recipes import RECIPES, Job
from training.sequences import Sequences
from training.settings import Settings
from training.skipgram import train_skipgram
from training.walks import random_walks

WATCHED = 12
COLD = 3
SETTINGS = Settings(vector_size=6, epochs=2, walks=300, walk_length=8, p=4.0, q=0.25)


class Told(Steps):
    """Remembers the steps and how often each advanced."""

    def __init__(self) -> None:
        self.steps: dict[str, tuple[int | None, int]] = {}

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Advance]:
        advanced: list[int] = []
        yield lambda count=1: advanced.append(count)
        self.steps[name] = (total, sum(advanced))


def job(name: str, settings: Settings = SETTINGS) -> Job:
    random = np.random.default_rng(6)
    sequences = sequences_of([random.permutation(WATCHED)[:7].tolist() for _ in range(60)])
    ids = tuple(f"{row:02}" for row in range(WATCHED + COLD))
    genres = tuple(("Drama",) if row % 2 else ("Comedy", "Crime") for row in range(len(ids)))
    years = np.full(len(ids), 1999, np.int16)
    catalogue = Catalogue(ids, ids, years, genres, np.bincount(sequences.rows, minlength=len(ids)).astype(np.int32))
    return Job(name, Here(sequences, len(catalogue)), catalogue, settings, 1, Told())


def histories(made: Job) -> Sequences:
    assert isinstance(made.engine, Here)
    return made.engine.sequences


def corpus(name: str, made: Job) -> Sequences:
    if name == "item2vec":
        return histories(made)
    bias = {"p": made.settings.p, "q": made.settings.q} if name == "node2vec" else {}
    graph = build_graph(histories(made), len(made.catalogue))
    assert made.settings.walks is not None
    return random_walks(graph, made.settings.walks, made.settings.walk_length, seed=made.settings.seed, **bias)


def same(one: Model, other: Model) -> bool:
    return one.vectors.tobytes() == other.vectors.tobytes()


@pytest.mark.parametrize("name", RECIPES)
def test_a_model_is_its_corpus_embedded_completed_and_searched(name: str) -> None:
    made = job(name)
    model = RECIPES[name](made)
    embedding = train_skipgram(corpus(name, made), made.catalogue.ids, made.settings)
    completed, fit = with_inferred(learned_only(embedding, made.catalogue), made.catalogue)
    rows, scores = nearest(completed)
    following, chances = nearest(model, "next")
    assert model.vectors.tobytes() == completed.vectors.tobytes()
    assert np.array_equal(model.learned, completed.learned)
    assert made.inferred == fit.to_json()
    assert np.array_equal(model.neighbour_rows, rows)
    assert np.array_equal(model.neighbour_scores, scores)
    assert np.array_equal(model.next_rows, following)
    assert np.array_equal(model.next_scores, chances)
    assert model.output is not None
    assert embedding.output is not None
    assert np.array_equal(model.output[model.learned], embedding.output)


@pytest.mark.parametrize("name", RECIPES)
def test_movies_nobody_watched_are_inferred_and_have_no_context_vector(name: str) -> None:
    model = RECIPES[name](job(name))
    assert model.learned.tolist() == [True] * WATCHED + [False] * COLD
    assert np.linalg.norm(model.vectors[WATCHED:], axis=1) == pytest.approx(1, abs=1e-6)
    assert model.output is not None
    assert not model.output[WATCHED:].any()
    assert model.output[:WATCHED].any(axis=1).all()


def test_without_negative_sampling_there_are_no_context_vectors() -> None:
    assert RECIPES["item2vec"](job("item2vec", replace(SETTINGS, negative=0))).output is None


def test_p_and_q_of_one_make_node2vec_the_same_model_as_deepwalk() -> None:
    plain = replace(SETTINGS, p=1.0, q=1.0)
    deepwalk = RECIPES["deepwalk"](job("deepwalk", plain))
    assert same(RECIPES["node2vec"](job("node2vec", plain)), deepwalk)
    assert not same(RECIPES["node2vec"](job("node2vec")), deepwalk)


def test_deepwalk_pays_no_heed_to_p_and_q() -> None:
    plain = replace(SETTINGS, p=1.0, q=1.0)
    assert same(RECIPES["deepwalk"](job("deepwalk")), RECIPES["deepwalk"](job("deepwalk", plain)))


@pytest.mark.parametrize("name", ["deepwalk", "node2vec"])
def test_walks_must_be_chosen_before(name: str) -> None:
    with pytest.raises(ValueError, match=r"walks: .*found None; call settings\.scaled first"):
        RECIPES[name](job(name, replace(SETTINGS, walks=None)))


@pytest.mark.parametrize("name", RECIPES)
def test_each_step_is_told_and_each_epoch(name: str) -> None:
    made = job(name)
    RECIPES[name](made)
    lists = 2 * len(made.catalogue)  # of "similar" and of "next"
    texts = "60 histories" if name == "item2vec" else "300 walks"
    assert isinstance(made.progress, Told)
    assert made.progress.steps == {
        f"{name}: {texts}": (None, 0),
        f"{name}: skip-gram": (2, 2),
        f"{name}: neighbours": (lists, lists),
    }
