"""From a release and two movies, or two models, to the evidence; the answers of /explain and /compare."""

from itertools import combinations

import numpy as np

from app import facts
from app.answers import similar_to_movie
from app.compare import overlap, rank_biased_overlap
from app.errors import ParameterError, fault
from app.evidence import CONFIDENCE, Margins, lift, possible, probability
from app.queries import CompareParameters, SimilarParameters
from app.ranks import place_of
from app.schemas_evidence import Comparison, Explanation, ModelAnswers, ModelEvidence, ModelPair, PairEvidence
from app.space import Space
from app.state import Loaded
from models import Catalogue, Evidence
from models.model import Relation
from models.scores import six_digits


def explanation(loaded: Loaded, row: int, other: int) -> Explanation:
    """The answer of GET /explain/{movieId}/{otherId}.

    O(n_movies * dim) for each model and relation in which `other` is not among the stored neighbours.
    """
    catalogue, kept = loaded.catalogue, loaded.release.evidence
    theirs = set(catalogue.genres[other])
    return Explanation(
        movie=facts.movie(catalogue, row),
        other=facts.movie(catalogue, other),
        release=loaded.release.id,
        evidence=None if kept is None else evidence_of(kept, catalogue, row, other),
        shared_genres=[genre for genre in catalogue.genres[row] if genre in theirs],
        models=[
            _placed(name, space, catalogue, relation, row, other)
            for name, space in loaded.spaces.items()
            for relation in space.model.relations
        ],
    )


def comparison(loaded: Loaded, row: int, asked: CompareParameters) -> Comparison:
    """The answer of GET /compare/{movieId}.

    Raises:
        UnknownModelError: a model is named that is not there.
        ParameterError: a model is named, or all are meant, that cannot be asked for the relation.
    """
    lists = []
    for name in _compared(loaded, asked):
        wanted = SimilarParameters(model=name, limit=asked.limit, relation=asked.relation)
        answer = similar_to_movie(loaded, row, wanted)
        lists.append(ModelAnswers(model=name, source=answer.source, similar=answer.similar))
    return Comparison(
        movie=facts.movie(loaded.catalogue, row),
        release=loaded.release.id,
        relation=asked.relation,
        limit=asked.limit,
        lists=lists,
        pairs=[_alike(left, right) for left, right in combinations(lists, 2)],
    )


def evidence_of(kept: Evidence, catalogue: Catalogue, row: int, other: int) -> PairEvidence:
    """What viewers did with two movies; `evidence_columns` says the same of many pairs."""
    margins = Margins(kept.viewers, int(catalogue.likes[row]), int(catalogue.likes[other]))
    # who liked a movie liked it with itself
    both = margins.likes if row == other else kept.liked_both(row, other)
    if both is None:
        least, most = possible(margins, kept.floor)
        both = least if least == most else None
    found = lift(margins, both, kept.floor)
    there, back = kept.transitions.count(row, other), kept.transitions.count(other, row)
    return PairEvidence(
        viewers=kept.viewers,
        likes=margins.likes,
        other_likes=margins.other_likes,
        liked_both=both,
        floor=kept.floor,
        expected=_number(margins.expected),
        lift=_digits(found.value),
        lift_low=_digits(found.low),
        lift_high=_digits(found.high),
        confidence=CONFIDENCE,
        transitions=there,
        transitions_back=back,
        transition_probability=_digits(probability(there, kept.transitions.total(row))),
        transition_probability_back=_digits(probability(back, kept.transitions.total(other))),
    )


def _placed(name: str, space: Space, catalogue: Catalogue, relation: Relation, row: int, other: int) -> ModelEvidence:
    """Score and rank of `other` as GET /similar of `row` gives them."""
    place = place_of(space, catalogue, relation, row, other)
    source = facts.source_of(space, row, other)
    return ModelEvidence(
        name=name, relation=relation, source=source, score=place.score, rank=place.rank, total=place.total
    )


def _compared(loaded: Loaded, asked: CompareParameters) -> list[str]:
    """The models named; all that can be asked for the relation where none is."""
    if asked.names:
        return [facts.space_of(loaded, name)[0] for name in asked.names]
    able = [name for name, space in loaded.spaces.items() if asked.relation in space.model.relations]
    if not able:
        message = "no model of this release was trained with output vectors, expected similar"
        raise ParameterError(fault("relation", message, asked.relation))
    return able


def _alike(left: ModelAnswers, right: ModelAnswers) -> ModelPair:
    ours, theirs = ([near.movie_id for near in one.similar] for one in (left, right))
    return ModelPair(
        models=[left.model, right.model],
        overlap=_digits(overlap(ours, theirs)),
        rbo=_digits(rank_biased_overlap(ours, theirs)),
    )


def _digits(value: float | None) -> float | None:
    return None if value is None else _number(value)


def _number(value: float) -> float:
    return float(six_digits(np.array(value)))
