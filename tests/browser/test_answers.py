"""What is on screen is what the service answers: films, order, scores, evidence; and the curl line gets the same."""

import json
import shutil
import subprocess
from urllib.parse import urlencode

import pytest

from tests.browser.explorer import Explorer, expect, get, minus

ASKED = [
    ("592", {}),
    ("592", {"model": "item2vec"}),
    ("593", {"model": "node2vec", "relation": "next"}),
    ("1", {"relation": "next", "limit": "50"}),
    ("592", {"genre": "Crime", "yearTo": "1999", "minLikes": "20"}),
    ("356", {"popularity": "0.7", "diversity": "0.45"}),
    ("356", {"popularity": "-1", "yearFrom": "1990"}),
    ("2571", {"model": "deepwalk", "learnedOnly": "true"}),
]


def address(movie_id: str, params: dict[str, str]) -> str:
    return f"#/movie/{movie_id}" + (f"?{urlencode(params)}" if params else "")


@pytest.mark.parametrize(("movie_id", "params"), ASKED)
def test_a_list_is_that_of_the_service(shared: Explorer, movie_id: str, params: dict[str, str]) -> None:
    answer = get(shared.base, f"similar/{movie_id}?{urlencode({'limit': '20', **params})}")
    shared.open(address(movie_id, params))
    assert shared.ids() == [film["movieId"] for film in answer["similar"]]
    assert len(shared.ids()) >= 5
    assert shared.scores() == [minus(film["score"]) for film in answer["similar"]]
    expect(shared.answers.locator(".rank")).to_have_text([str(film["rank"]) for film in answer["similar"]])
    for film, shown in zip(answer["similar"][:5], shared.answers.all(), strict=False):
        text = shown.inner_text()
        assert film["title"] in text
        assert str(film["year"]) in text
        assert all(genre in text for genre in film["genres"])
        assert f"{film['likes']} like" in text
        assert ("inferred" in text) == (film["source"] == "inferred")
    expect(shared.main.get_by_text(f"{answer['total']:,} film").first).to_be_visible()


@pytest.fixture(scope="module")
def inferred(site: str) -> str:
    """A film nobody liked."""
    catalogue = get(site, "catalogue")
    movie_id: str = catalogue["movieIds"][catalogue["likes"].index(0)]
    assert get(site, f"similar/{movie_id}")["source"] == "inferred"
    return movie_id


def test_an_inferred_film_says_so(shared: Explorer, inferred: str) -> None:
    shared.open(address(inferred, {}))
    expect(shared.main.get_by_text("infers its place")).to_be_visible()
    shared.open(address("592", {}))
    expect(shared.main.get_by_text("infers its place")).to_have_count(0)


@pytest.mark.parametrize("other", ["1377", "356", "the last"])
def test_the_evidence_is_that_of_the_service(shared: Explorer, inferred: str, other: str) -> None:
    other = inferred if other == "the last" else other
    found = get(shared.base, f"explain/592/{other}")
    shared.open(address("592", {"why": other}))
    panel = shared.main.get_by_role("region", name="Why ")
    expect(panel.get_by_role("heading", level=2)).to_have_text(
        f"Why {found['other']['title']} ({found['other']['year']})?"
    )
    expect(panel.get_by_role("table")).to_be_visible()
    text = " ".join(panel.inner_text().split())
    evidence = found["evidence"]
    if evidence["likedBoth"] and found["other"]["likes"]:
        assert f"{evidence['likedBoth']} of {evidence['viewers']} viewers liked both" in text
        assert f"{evidence['likes']} {found['movie']['title']}" in text
        assert f"{evidence['otherLikes']} {found['other']['title']}" in text
        assert f"{short(evidence['lift'])} times as often" in text
        assert f"{short(evidence['liftLow'])} to {short(evidence['liftHigh'])}" in text
        if evidence["transitionProbability"]:
            assert f"for {evidence['transitions']} viewer" in text
        if evidence["transitionProbabilityBack"]:
            assert f"for {evidence['transitionsBack']} viewer" in text
    for genre in found["sharedGenres"]:
        expect(panel.get_by_role("listitem").filter(has_text=genre).first).to_be_visible()
    shown = [" ".join(cell.inner_text().split()) for cell in panel.get_by_role("cell").all()]
    assert len(shown) == len(found["models"]) == 8
    order = sorted(found["models"], key=lambda one: (list_of(found).index(one["name"]), one["relation"] == "next"))
    for place, cell in zip(order, shown, strict=True):
        if place["rank"] is None:
            assert "never an answer" in cell
        else:
            assert cell.startswith(f"{place['rank']} of {place['total']} {minus(place['score'])}")
        assert ("inferred" in cell) == (place["source"] == "inferred")
        here = (place["name"], place["relation"]) == ("blend", "similar")
        assert ("the list shown" in cell) == here


def short(value: float) -> str:
    """Two significant digits."""
    return f"{float(f'{value:.2g}'):g}"


def list_of(found: dict[str, list[dict[str, str]]]) -> list[str]:
    return list(dict.fromkeys(place["name"] for place in found["models"]))


def curl(explorer: Explorer) -> object:
    """Press the button, take the line from the clipboard, and run it."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    explorer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    explorer.main.get_by_role("button", name="Copy as curl").click()
    expect(explorer.main.get_by_role("button", name="Copied")).to_be_visible()
    line = explorer.page.evaluate("navigator.clipboard.readText()")
    assert line.startswith("curl -s '")
    assert line == explorer.main.locator("pre code").inner_text()
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=30, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(("movie_id", "params"), [ASKED[0], ASKED[4], ASKED[5]])
def test_the_curl_line_answers_what_is_on_screen(shared: Explorer, movie_id: str, params: dict[str, str]) -> None:
    shared.open(address(movie_id, params))
    answer = curl(shared)
    assert [film["movieId"] for film in answer["similar"]] == shared.ids()  # type: ignore[index]


def test_the_curl_line_follows_the_dials(shared: Explorer) -> None:
    shared.open(address("592", {}))
    before = shared.ids()
    shared.main.get_by_role("radio", name="Node2vec").check()
    expect(shared.main.get_by_text("by Node2vec").first).to_be_visible()
    answer = curl(shared)
    assert [film["movieId"] for film in answer["similar"]] == shared.ids() != before  # type: ignore[index]
    assert answer["model"]["name"] == "node2vec"  # type: ignore[index]


def test_the_curl_line_of_a_taste_posts_it(shared: Explorer) -> None:
    shared.open("#/taste?likes=592&likes=1377&dislikes=1")
    answer = curl(shared)
    assert answer["likes"] == ["592", "1377"]  # type: ignore[index]
    assert answer["dislikes"] == ["1"]  # type: ignore[index]
    shown = shared.ids(shared.main.get_by_role("region", name="What goes with them").locator("[data-movie-id]"))
    assert [film["movieId"] for film in answer["similar"]] == shown  # type: ignore[index]


def test_lists_side_by_side_are_those_of_the_service(shared: Explorer) -> None:
    answer = get(shared.base, "compare/592?limit=10")
    shared.open("#/compare/592")
    lists = shared.main.get_by_role("region").filter(has=shared.page.get_by_role("list"))
    for wanted in answer["lists"]:
        column = lists.filter(has=shared.page.get_by_role("heading", level=2, name=wanted["model"], exact=False))
        titles = [f"{film['title']} ({film['year']})" for film in wanted["similar"]]
        expect(column.last.locator("ol a.film-link")).to_have_text(titles)
    rows = shared.main.get_by_role("region", name=shared.said("compare.agreement")).get_by_role("row")
    expect(rows).to_have_count(len(answer["pairs"]) + 1)
    for pair in answer["pairs"]:
        one, other = (shared.said("common.model", name) for name in pair["models"])
        row = rows.filter(has=shared.page.get_by_role("rowheader", name=f"{one} and {other}", exact=True))
        expect(row).to_contain_text(f"{round(pair['overlap'] * 10)} of 10")
        expect(row).to_contain_text(f"{pair['rbo']:.2f}")


@pytest.mark.parametrize(("task", "metric"), [("A", "hr@10"), ("B", "mrr")])
def test_the_card_shows_the_numbers_of_the_release(shared: Explorer, task: str, metric: str) -> None:
    details = get(shared.base, "models/blend")
    shared.open("#/card/blend" + ("" if task == "A" else f"?task={task}&metric={metric}"))
    known = [*details["metrics"]["rows"], *details["metrics"]["baselines"]]
    wanted = sorted((row for row in known if row["task"] == task), key=lambda row: (-row[metric], row["name"]))
    assert len(wanted) >= 6
    table = shared.main.get_by_role("region", name=shared.said("card.measured")).get_by_role("table")
    column = {"hr@10": 1, "mrr": 3}[metric]
    shown = table.get_by_role("row").filter(has=shared.page.get_by_role("rowheader"))
    expect(shown).to_have_count(len(wanted))
    for row, line in zip(wanted, shown.all(), strict=True):
        cells = line.get_by_role("cell")
        expect(cells.nth(column)).to_have_text(f"{row[metric]:.3f} ± {1.96 * row[metric + '_se']:.3f}")
        expect(cells.nth(1)).to_contain_text(f"{row['hr@10']:.3f}")
        words = {"model": "common.model", "baseline": "card.baselines"}[row["kind"]]
        name = shared.said(words, row["name"]) if row["kind"] == "model" else shared.said(f"{words}.{row['name']}")
        expect(line.get_by_role("rowheader")).to_contain_text(name)


def test_the_card_shows_the_settings_of_a_model(shared: Explorer) -> None:
    shared.open("#/card/node2vec")
    settings = get(shared.base, "models/node2vec")["settings"]
    assert settings["seed"] == 592
    for name in ("seed", "window", "walks", "walkLength"):
        row = shared.main.get_by_role("row").filter(has=shared.page.get_by_role("rowheader", name=name, exact=True))
        expect(row.get_by_role("cell").first).to_have_text(f"{settings[name]:,}")
