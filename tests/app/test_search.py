"""What people type, and what they mean."""

import numpy as np
import pytest

from app.search import TitleSearch
from app.words import compact, words
from models import Catalogue


@pytest.fixture(scope="module")
def titles(catalogue: Catalogue) -> TitleSearch:
    return TitleSearch(catalogue)


def first(titles: TitleSearch, catalogue: Catalogue, query: str) -> str | None:
    rows = titles.find(query, 1).rows
    return catalogue.titles[rows[0]].split(" (")[0] if rows else None


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("godfahter", "Godfather, The"),
        ("The Godfather", "Godfather, The"),
        ("godfather, the", "Godfather, The"),
        ("godfather part ii", "Godfather: Part II, The"),
        ("godfather 1974", "Godfather: Part II, The"),
        ("godfah", "Godfather, The"),
        ("bat", "Batman"),
        ("BATMAN", "Batman"),
        ("batman 1992", "Batman Returns"),
        ("batmn begns", "Batman Begins"),
        ("spirited awy", "Spirited Away"),
        ("amelie", "Amélie"),
        ("AMÉLIE", "Amélie"),
        ("ame\u0301lie", "Amélie"),
        ("se7en", "Seven"),
        ("12 monkeys", "Twelve Monkeys"),
        ("spiderman", "Spider-Man"),
        ("spider man", "Spider-Man"),
        ("walle", "WALL·E"),
        ("wall-e", "WALL·E"),
        ("et", "E.T. the Extra-Terrestrial"),
        ("schindlers list", "Schindler's List"),
        ("alien", "Alien"),
        ("aliens", "Aliens"),
        ("up", "Up"),
        ("2001", "2001: A Space Odyssey"),
        ("dark knigth", "Dark Knight, The"),
        ("return of the king", "Lord of the Rings: The Return of the King, The"),
        ("the matrix reloaded", "Matrix, The"),
        ("592", "Batman"),
        (" 592 ", "Batman"),
        ("a/b c", "Pilot Reel"),
    ],
)
def test_the_title_meant_comes_first(titles: TitleSearch, catalogue: Catalogue, query: str, title: str) -> None:
    assert first(titles, catalogue, query) == title


@pytest.mark.parametrize("query", ["zzzzqqqq", "!!!", "\0", "1666", "xyzzy plugh", "\ud800", "ω"])
def test_nothing_alike_is_nothing_found(titles: TitleSearch, query: str) -> None:
    found = titles.find(query, 10)
    assert (found.rows, found.total) == ([], 0)


def test_no_query_answers_the_most_liked(titles: TitleSearch, catalogue: Catalogue) -> None:
    found = titles.find("  ", 3)
    assert [catalogue.titles[row] for row in found.rows] == [
        "Forrest Gump",
        "Shawshank Redemption, The",
        "Pulp Fiction",
    ]
    assert found.total == len(catalogue)


def test_total_counts_what_the_limit_leaves_out(titles: TitleSearch, catalogue: Catalogue) -> None:
    found = titles.find("batman", 2)
    assert len(found.rows) == 2
    assert found.total == 4
    everything = titles.find("batman", 100).rows
    assert everything[:2] == found.rows
    assert {catalogue.ids[row] for row in everything} == {"592", "1377", "153", "33794"}


def test_among_equals_likes_and_then_the_id_decide() -> None:
    catalogue = Catalogue(
        ("1", "2", "3", "4"), ("Dune",) * 4, np.zeros(4, np.int16), ((),) * 4, np.array([5, 9, 5, 0], np.int32)
    )
    assert TitleSearch(catalogue).find("dune", 9).rows == [1, 0, 2, 3]


def test_a_movie_named_by_its_id_is_listed_once(titles: TitleSearch, catalogue: Catalogue) -> None:
    catalogue = Catalogue(("1", "7"), ("Seven 7", "Eight"), np.zeros(2, np.int16), ((),) * 2, np.ones(2, np.int32))
    assert TitleSearch(catalogue).find("7", 9).rows == [1, 0]
    catalogue = Catalogue(("1", "7"), ("Eight", "Seven 7"), np.zeros(2, np.int16), ((),) * 2, np.ones(2, np.int32))
    assert TitleSearch(catalogue).find("7", 9).rows == [1]


def test_an_empty_catalogue_has_no_answers() -> None:
    nothing = Catalogue((), (), np.empty(0, np.int16), (), np.empty(0, np.int32))
    assert TitleSearch(nothing).find("", 5).rows == []
    assert TitleSearch(nothing).find("bat", 5).rows == []


def test_words_of_compounds() -> None:
    assert words("Spider-Man's É.T.") == ["spider", "man", "s", "spidermans", "e", "t", "et"]


def test_compact_forgets_articles_wherever_they_stand() -> None:
    assert compact("Godfather, The") == compact("the godfather") == "godfather"
    assert compact("Seven (a.k.a. Se7en)") == "seven"
    assert compact("The") == "the"
