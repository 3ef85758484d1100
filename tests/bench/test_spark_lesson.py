import random
from pathlib import Path

import numpy as np
import pytest

from bench.families import Mark
from bench.spark_lesson import _part, _why, without_last

HEAD = "userId,movieId,rating,timestamp\n"


def test_the_lesson_has_neither_neighbours_nor_evidence_nor_a_release() -> None:
    said = ["reading: done in 9 s", "item2vec: neighbours: done in 9 s", "noise", "deepwalk: 5 walks: done in 9 s"]
    said += ["evidence: done in 9 s", "release: done in 9 s"]
    marks = [Mark(text, 10.0 * (n + 1), 5.0 * (n + 1), 100.0 - n) for n, text in enumerate(said)]
    part = _part(3.0, marks, {})
    # reading is 0 to 10 s; walks, from the end of the neighbours on, 20 to 40
    assert (part.work, part.wall, part.cpu, part.peak_mb) == (3.0, 30.0, 15.0, 100.0)


def test_the_first_error_is_told() -> None:
    said = ["WARN all is well", "java.lang.OutOfMemoryError: Java heap space", "SparkException: it failed"]
    assert _why([Mark(text, 0, 0, 0) for text in said]) == "java.lang.OutOfMemoryError: Java heap space"


def test_the_last_like_is_kept_apart_and_its_line_left_out(tmp_path: Path) -> None:
    ratings = tmp_path / "ratings.csv"
    ratings.write_text(HEAD + "1,10,5.0,3\n1,20,4.0,9\n1,30,1.0,99\n2,20,5.0,1\n3,20,4.0,7\n3,30,4.5,2\n")
    asked = without_last(ratings, tmp_path)
    assert asked.ratings.read_text() == HEAD + "1,10,5.0,3\n1,30,1.0,99\n2,20,5.0,1\n3,30,4.5,2\n"
    assert asked.n_ratings == 4
    ids = np.array(asked.ids)
    assert sorted(zip(ids[asked.held.queries], ids[asked.held.wanted], strict=True)) == [("10", "20"), ("30", "20")]


def test_vectors_are_judged_by_movie_whatever_their_order(tmp_path: Path) -> None:
    ratings = tmp_path / "ratings.csv"
    ratings.write_text(HEAD + "1,10,5.0,1\n1,20,5.0,2\n2,10,5.0,1\n2,20,5.0,2\n3,30,5.0,1\n")
    near = np.array([[0.0, 1.0], [1.0, 0.1], [1.0, 0.0]], np.float32)
    learned = {
        "item2vec": (np.array(["30", "20", "10"]), near),
        "deepwalk": (np.array(["30", "10"]), near[:2]),
    }
    assert without_last(ratings, tmp_path).quality(learned) == {"HR@10 item2vec": 1.0, "HR@10 deepwalk": 0.0}


def test_the_lessons_matrix_is_shares_and_its_walks_follow_them() -> None:
    pytest.importorskip("pyspark", reason="PySpark is not installed: make .venv/spark")
    from bench.peer.lesson_spark import LENGTH, drawn, transitions, walk

    matrix, starts = transitions({("a", "b"): 3, ("a", "c"): 1, ("b", "a"): 4})
    assert matrix == {"a": {"b": 0.75, "c": 0.25}, "b": {"a": 1.0}}
    assert starts == {"a": 0.5, "b": 0.5}
    rng = random.Random(0)
    found = [drawn(matrix["a"], rng) for _ in range(2_000)]
    assert 0.7 < found.count("b") / len(found) < 0.8
    walks = [walk(matrix, starts, rng) for _ in range(200)]
    assert {"".join(movies) for movies in walks} >= {"abababababa"[:LENGTH], "bababababab"[:LENGTH], "ac", "bac"}
