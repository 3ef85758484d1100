import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from bench import walkers
from bench.chisquare import step_cells, walk_quality
from bench.load import content_length, drive, request
from bench.quality import hit_rate, hold_out, recall
from bench.steady import steady
from bench.walks import shared_graph
from tests.small import sequences_of
from training.graph import TransitionGraph, build_graph
from training.sequences import Sequences
from training.walks import random_walks

RIGHT = 0.001


@pytest.fixture(scope="module")
def graph() -> TransitionGraph:
    return shared_graph(n_tokens=200_000, n_movies=500)


def uniform_walks(graph: TransitionGraph) -> Sequences:
    """Wrong: each successor alike, however often it followed."""
    same = TransitionGraph(graph.indptr, graph.indices, np.ones_like(graph.weights))
    return random_walks(same, 2_000, 10, seed=1)


def test_chi_square_passes_a_right_walker_and_fails_one_that_ignores_weights(graph: TransitionGraph) -> None:
    right = walk_quality(graph, random_walks(graph, 2_000, 10, seed=1))
    wrong = walk_quality(graph, uniform_walks(graph))
    assert right["p"] > RIGHT
    assert 0.3 < right["χ²/dof"] < 2
    assert wrong["p"] < 1e-9


def test_chi_square_fails_a_first_order_walker_taken_for_second_order(graph: TransitionGraph) -> None:
    second = random_walks(graph, 2_000, 10, seed=1, p=0.25, q=4.0)
    assert walk_quality(graph, second, 0.25, 4.0)["p"] > RIGHT
    assert walk_quality(graph, second)["p"] < 1e-9
    assert walk_quality(graph, random_walks(graph, 2_000, 10, seed=1), 0.25, 4.0)["p"] < 1e-9


def test_a_step_that_is_no_edge_is_an_error() -> None:
    chain = build_graph(sequences_of([[0, 1, 2, 0, 1, 2]]), 3)
    with pytest.raises(ValueError, match="no edge 1 -> 0"):
        walk_quality(chain, sequences_of([[0, 1, 0]]))


def test_probabilities_of_the_drawing_in_the_docstring_of_walks() -> None:
    # t = 0, v = 1, a = 2, b = 3; p = 4, q = 0.5: 1/4 back, 1 to a, 2 to b
    drawing = build_graph(sequences_of([[0, 1], [1, 0], [1, 2], [1, 3], [0, 2]]), 4)
    _, probability = step_cells(drawing, 0, 1, 4.0, 0.5)
    assert probability.tolist() == [0.25 / 3.25, 1 / 3.25, 2 / 3.25]


def test_alias_tables_give_back_the_weights(graph: TransitionGraph) -> None:
    keep, alias = walkers.alias_tables(graph.indptr, graph.indices, graph.weights)
    row = int(np.diff(graph.indptr).argmax())
    part = slice(graph.indptr[row], graph.indptr[row + 1])
    chance = np.bincount(graph.indices[part], keep[part], 500) + np.bincount(alias[part], 1 - keep[part], 500)
    movies, expected = graph.row(row)
    assert chance[movies] / len(movies) == pytest.approx(expected)


@pytest.mark.parametrize("make", [walkers.alias_step, walkers.cumulative_step])
def test_numpy_walkers_are_right(graph: TransitionGraph, make) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(1)
    assert walk_quality(graph, walkers.abreast(graph, make(graph, rng), 2_000, 10, rng))["p"] > RIGHT


def test_row_by_row_and_dictionaries_are_right(graph: TransitionGraph) -> None:
    slow = walkers.row_by_row(graph, 500, 10, 0.25, 4.0, np.random.default_rng(1))
    assert walk_quality(graph, slow, 0.25, 4.0)["p"] > RIGHT
    lesson = walkers.dictionary_walks(*walkers.dictionaries(graph), 500, 10, seed=1)
    assert walk_quality(graph, sequences_of(lesson))["p"] > RIGHT


def test_walkers_stop_where_nothing_follows() -> None:
    chain = build_graph(sequences_of([[0, 1, 2]]), 3)
    rng = np.random.default_rng(0)
    for walks in (
        walkers.abreast(chain, walkers.alias_step(chain, rng), 20, 9, rng),
        walkers.row_by_row(chain, 20, 9, 1.0, 1.0, rng),
        sequences_of(walkers.dictionary_walks(*walkers.dictionaries(chain), 20, 9, seed=0)),
    ):
        assert {tuple(walks[index].tolist()) for index in range(20)} == {(0, 1, 2), (1, 2)}


def test_hit_rate_of_a_known_answer() -> None:
    held = hold_out(sequences_of([[4, 0, 1], [4, 2, 3]]), 2, seed=0)
    assert held.training.rows.tolist() == [4, 0, 4, 2]
    assert held.training.offsets.tolist() == [0, 2, 4]
    assert dict(zip(held.queries.tolist(), held.wanted.tolist(), strict=True)) == {0: 1, 2: 3}
    # 0 and 1 point the same way; 2 and 3 do not, and 4 is nearer to 2
    vectors = np.array([[1, 0], [1, 0.1], [0, 1], [1, 0.5], [0.1, 1]], dtype=np.float32)
    assert (hit_rate(vectors, held, k=1), hit_rate(vectors, held, k=2)) == (0.5, 1.0)


def test_recall_counts_what_is_missing() -> None:
    vectors = np.array([[1, 0], [1, 0.1], [1, 0.2], [1, 0.3], [0, 1]], dtype=np.float32)
    queries = np.array([0])
    assert recall(vectors, queries, np.array([[1, 2]])) == 1.0
    assert recall(vectors, queries, np.array([[1, 4]])) == 0.5
    assert recall(vectors, queries, np.array([[1, 1]])) == 0.5


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.path.encode() * 5_000
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # the load's connections come all at once
    daemon_threads = True


@pytest.fixture
def port() -> Iterator[int]:
    with _Server(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_load_asks_for_each_path_once_and_counts_what_was_not_answered(port: int) -> None:
    asked = [request(f"/{number}") for number in range(100)] + [request("/none")] * 3
    load = drive(port, asked, seconds=60.0, repeat=False)
    assert (load.requests, load.failures) == (100, 3)
    assert 0 < load.p50_ms <= load.p99_ms


def test_load_ends_in_time(port: int) -> None:
    load = drive(port, [request("/1")], seconds=0.2, repeat=True)
    assert load.requests > 32
    assert load.failures == 0


def test_a_steady_load_is_spread_over_its_time(port: int) -> None:
    asked = [request(f"/{number}") for number in range(60)] + [request("/none")] * 3
    load = steady(port, asked, rate=200.0)
    assert (load.requests, load.failures) == (60, 3)
    assert load.seconds >= 62 / 200
    assert 0 < load.p50_ms <= load.p99_ms


def test_what_waits_counts_from_when_it_was_due(port: int) -> None:
    # ten thousand a second are far more than this server answers: the last ones wait longest
    load = steady(port, [request("/1")] * 400, rate=1e6)
    assert load.failures == 0
    assert load.p99_ms > 2 * load.p50_ms / 3
    assert load.p99_ms / 1e3 > 0.5 * load.seconds


def test_content_length_is_found_or_missed() -> None:
    assert content_length(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nx: 1") == 12
    with pytest.raises(ValueError, match="expected content-length"):
        content_length(b"HTTP/1.1 200 OK\r\nx: 1")
