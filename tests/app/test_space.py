"""The product that every search begins with, against one in float64."""

import numpy as np
import pytest

from app import space


@pytest.mark.parametrize("dim", [1, 3, 64, 100, 4_097, 9_999])
@pytest.mark.parametrize("n", [0, 1, 127, 128, 129, 1_000])
def test_products_are_those_of_every_row_whatever_is_multiplied_together(n: int, dim: int) -> None:
    random = np.random.default_rng(n + dim)
    vectors, vector = random.standard_normal((n, dim), dtype=np.float32), random.standard_normal(dim)
    found = space.products(vectors, vector)
    expected = vectors.astype(np.float64) @ (vector / np.linalg.norm(vector))
    assert (found.dtype, found.shape) == (np.float32, (n,))
    assert np.abs(found - expected).max(initial=0.0) < 1e-4
