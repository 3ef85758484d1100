"""`kindred evaluate` from the command line to the table, the JSON and the page."""

import json
import re
from contextlib import redirect_stdout
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest

import kindred
from tests.small import MOVIES, TINY, sample_ratings
from tests.training.evaluation.asking import evaluation, row
from training.evaluation.baselines import BASELINES
from training.evaluation.report import page, table
from training.evaluation.run import best_model


class Wellformed(HTMLParser):
    """Counts what is opened and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.addresses: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.addresses += [value for name, value in attrs if name in ("src", "href")]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], str]:
    folder = tmp_path_factory.mktemp("evaluated")
    ratings, out = sample_ratings(folder), folder / "report.html"
    asked = ["evaluate", str(ratings), "--movies", str(MOVIES), "--seeds", "2", "--report", str(out), "--json", *TINY]
    with redirect_stdout(StringIO()) as said:
        assert kindred.main(asked) == 0
    return json.loads(said.getvalue()), out.read_text(encoding="utf-8")


def test_every_model_and_every_baseline_has_a_row_for_each_task(found: tuple[dict[str, object], str]) -> None:
    rows = found[0]["rows"]
    assert isinstance(rows, list)
    named = {(one["name"], one["kind"], one["relation"], one["task"]) for one in rows}
    models = ("item2vec", "deepwalk", "node2vec", "blend")
    assert named == {
        *((name, "model", relation, task) for name in models for relation in ("similar", "next") for task in "AB"),
        *((name, "baseline", None, task) for name in BASELINES for task in "AB"),
    }
    for one in rows:
        for measure in ("hr@10", "hr@20", "ndcg@10", "mrr"):
            assert 0 <= one[measure] <= 1
            assert 0 <= one[f"{measure}_se"] < 0.2
        assert one["hr@10"] <= one["hr@20"]
        if one["kind"] == "model":
            assert one["versus"] in BASELINES
            assert one["differenceLow"] <= one["difference"] <= one["differenceHigh"]
            assert ("stability" in one) == (one["task"] == "A")


def test_the_protocol_the_questions_and_the_cold_films_are_told(found: tuple[dict[str, object], str]) -> None:
    body = found[0]
    assert (body["protocol"], body["seeds"], body["skipped"]) == ("leave-last-one", [592, 593], {})
    assert body["questions"] == body["questionsInAll"] == body["viewers"]
    assert isinstance(body["cold"], dict)
    assert {one["name"] for one in body["cold"]["rows"]} == {"inferred", "same genres", "retrained"}


def test_the_page_needs_nothing_else(found: tuple[dict[str, object], str]) -> None:
    read = Wellformed()
    read.feed(found[1])
    assert (read.scripts, read.addresses) == (0, [])
    assert "http" not in found[1]
    assert found[1].count("<svg") == 4
    assert "Films nobody has rated" in found[1]


def test_the_table_stands_best_first_and_names_what_was_left_out() -> None:
    best, worst = row("blend", "model", "next", 0.75), row("markov", "baseline", None, 0.25)
    lines = table(evaluation(worst, best)).splitlines()
    places = [next(place for place, line in enumerate(lines) if line.startswith(name)) for name in ("blend", "markov")]
    assert places == sorted(places)
    assert lines[-1] == "ease: skipped: <too large>"
    assert re.search(r"^blend next +0\.7500 ±0\.5000", "\n".join(lines), re.MULTILINE)


def test_names_and_labels_are_text_on_the_page() -> None:
    facts = {"likes": 1, "users": 1, "movies": 1, "label": "<img src=x onerror=alert(1)>"}
    shown = page(evaluation(row("<b>", "model", "next", 0.5)), facts)
    assert "<img" not in shown
    assert "<b>" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown


def test_the_default_model_is_the_best_at_what_is_asked_by_default() -> None:
    rows = [row("item2vec", "model", "similar", 0.3), row("item2vec", "model", "next", 0.9)]
    assert (
        best_model(evaluation(*rows, row("blend", "model", "similar", 0.4), row("ease", "baseline", None, 1)))
        == "blend"
    )


def test_a_report_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    asked = ["evaluate", str(sample_ratings(tmp_path, 40)), "--method", "item2vec", "--seeds", "1", *TINY[:4]]
    assert kindred.main([*asked, "--report", str(tmp_path / "file" / "report.html")]) == 1
    assert "report.html: cannot be written: " in capsys.readouterr().err.splitlines()[-1]
