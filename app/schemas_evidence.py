"""What is answered about pairs of movies and of models: the wire, in camelCase."""

from typing import Annotated

from pydantic import ConfigDict, Field

from app import examples
from app.schemas import Movie, Number, SimilarMovie, Source, Wire
from models.model import Relation

Share = Annotated[float | None, Field(ge=0, le=1)]


class PairEvidence(Wire):
    """What viewers did with two movies, in counts."""

    viewers: Annotated[int, Field(description="Viewers who liked anything.")]
    likes: Annotated[int, Field(description="Of these, how many liked `movie`.")]
    other_likes: Annotated[int, Field(description="How many liked `other`.")]
    liked_both: Annotated[int | None, Field(description="How many liked both; null: fewer than `floor`, not counted.")]
    floor: Annotated[int, Field(description="Pairs that fewer viewers liked were not kept; 1: all were.")]
    expected: Annotated[
        float, Field(description="How many would have liked both by chance: likes × otherLikes / viewers.")
    ]
    lift: Annotated[
        float | None, Field(description="likedBoth / expected; 1 is chance. Null where either is not known.")
    ]
    lift_low: Annotated[float | None, Field(description="Lower end of the interval of `lift` (Cornfield).")]
    lift_high: Annotated[float | None, Field(description="Upper end of the interval of `lift`.")]
    confidence: Annotated[float, Field(description="How often such an interval holds the truth.")]
    transitions: Annotated[int, Field(description="Viewers whose next like after `movie` was `other`.")]
    transitions_back: Annotated[int, Field(description="Viewers whose next like after `other` was `movie`.")]
    transition_probability: Annotated[
        Share, Field(description="transitions / all next likes after `movie`; null where there are none.")
    ]
    transition_probability_back: Annotated[
        Share, Field(description="transitionsBack / all next likes after `other`; null where there are none.")
    ]


class ModelEvidence(Wire):
    """Where `other` stands in a model's list of `movie`."""

    name: str
    relation: Relation
    source: Source
    score: Number
    rank: Annotated[int | None, Field(description="1 for the best of all; null where `other` is never an answer.")]
    total: Annotated[int, Field(description="How many movies are in the list.")]


class Explanation(Wire):
    """Why one movie is, or is not, an answer for another."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.EXPLANATION]})

    movie: Movie
    other: Movie
    release: str
    evidence: Annotated[PairEvidence | None, Field(description="Null where the release keeps no counts.")]
    shared_genres: list[str]
    models: list[ModelEvidence]


class ModelAnswers(Wire):
    """One model's list."""

    model: str
    source: Source
    similar: list[SimilarMovie]


class ModelPair(Wire):
    """How alike two models' lists are."""

    models: Annotated[list[str], Field(min_length=2, max_length=2)]
    overlap: Annotated[
        Share, Field(description="Share of movies in both, whatever their ranks; null: a list is empty.")
    ]
    rbo: Annotated[
        Share, Field(description="Rank-biased overlap, extrapolated, p = 0.9: first places count most (Webber 2010).")
    ]


class Comparison(Wire):
    """The lists of several models side by side."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.COMPARISON]})

    movie: Movie
    release: str
    relation: Relation
    limit: int
    lists: list[ModelAnswers]
    pairs: Annotated[list[ModelPair], Field(description="Each two of the lists.")]
