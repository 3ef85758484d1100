"""Walks of PecanPy, csrgraph or ensmallen: walk.py PEER GRAPH.npz OUT.npz LENGTH SEED P Q.

GRAPH.npz holds indptr, indices, weights and starts; OUT.npz gets the walks, steps (walks, length). One thread, but for
csrgraph, which takes all. Reading the graph, making tables and compiling are not timed, nor is turning rows into texts.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if sys.argv[1] != "csrgraph":  # which sets its own
    os.environ |= {"NUMBA_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}

import numpy as np  # thread counts are read at import

# all walks, timed
Walk = Callable[[], Any]


def pecanpy(graph: Any, length: int, seed: int, p: float, q: float) -> Walk:
    """The compiled loop of `simulate_walks`, with our starts."""
    from numba_progress import ProgressBar
    from pecanpy.pecanpy import PreCompFirstOrder, SparseOTF

    first_order = p == q == 1.0
    walker = (PreCompFirstOrder if first_order else SparseOTF)(p=p, q=q, random_state=seed)
    walker.set_node_ids(None, implicit_ids=True, num_nodes=len(graph["indptr"]) - 1)
    walker.indptr = graph["indptr"].astype(np.uint32)
    walker.indices = graph["indices"].astype(np.uint32)
    walker.data = graph["weights"].astype(np.float32)
    if first_order:
        walker.preprocess_transition_probs()
    functions = (walker.get_has_nbrs(), walker.get_move_forward())

    def walk(starts: Any) -> Any:
        with ProgressBar(total=len(starts), disable=True) as bar:
            return walker._random_walks(len(starts), length - 1, seed, starts, *functions, bar)[:, :length]

    starts = graph["starts"].astype(np.uint32)
    walk(starts[:2])
    return lambda: walk(starts)


def csrgraph(graph: Any, length: int, _: int, p: float, q: float) -> Walk:
    """`random_walks` from our starts."""
    import csrgraph as module
    from scipy.sparse import csr_matrix

    n = len(graph["indptr"]) - 1
    parts = (graph["weights"].astype(np.float32), graph["indices"], graph["indptr"])
    walker = module.csrgraph(csr_matrix(parts, shape=(n, n)))
    options = {"walklen": length, "epochs": 1, "return_weight": 1 / p, "neighbor_weight": 1 / q}
    walker.random_walks(start_nodes=graph["starts"][:2], **options)
    return lambda: walker.random_walks(start_nodes=graph["starts"], **options)


def ensmallen(graph: Any, length: int, seed: int, p: float, q: float) -> Walk:
    """`random_walks` from nodes that it chooses itself, over all neighbours."""
    import pandas
    from ensmallen import Graph

    n = len(graph["indptr"]) - 1
    names = np.array([str(row) for row in range(n)])
    sources = np.repeat(names, np.diff(graph["indptr"]))
    frame = {"source": sources, "target": names[graph["indices"]], "weight": graph["weights"].astype(np.float32)}
    walker = Graph.from_pd(
        directed=True,
        edges_df=pandas.DataFrame(frame),
        nodes_df=pandas.DataFrame({"name": names}),
        node_name_column="name",
        edge_src_column="source",
        edge_dst_column="target",
        edge_weight_column="weight",
    )
    rows = np.array([int(name) for name in walker.get_node_names()])
    options = {"return_weight": 1 / p, "explore_weight": 1 / q, "random_state": seed, "max_neighbours": None}
    return lambda: rows[walker.random_walks(walk_length=length, quantity=len(graph["starts"]), **options)]


def main(peer: str, source: str, target: str, length: str, *numbers: str) -> None:
    """Read, walk, write, tell."""
    with np.load(source) as file:
        graph = dict(file)
    seed, p, q = int(numbers[0]), float(numbers[1]), float(numbers[2])
    walk = {"pecanpy": pecanpy, "csrgraph": csrgraph, "ensmallen": ensmallen}[peer](graph, int(length), seed, p, q)
    resident = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    wall, cpu = time.perf_counter(), seconds()
    steps = walk()
    wall, cpu = time.perf_counter() - wall, seconds() - cpu
    told = {"work": steps[:, 1:].size / 1e6, "wall": wall, "cpu": cpu, "peak_mb": max(0.0, memory("VmHWM") - resident)}
    np.savez(target, steps=np.asarray(steps, dtype=np.int32))
    print(json.dumps(told))


def seconds() -> float:
    """CPU seconds of all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory(key: str) -> float:
    """VmRSS or VmHWM, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(key + ":"))


if __name__ == "__main__":
    main(*sys.argv[1:])
