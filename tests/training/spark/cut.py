"""`python -m tests.training.spark.cut`: kindred, for which no table of transitions is so small that it is not cut."""

import kindred
from training.spark import walks

EDGES = 3_000

if __name__ == "__main__":
    walks.EDGES = EDGES
    raise SystemExit(kindred.main())
