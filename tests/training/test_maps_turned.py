"""Maps that lie where readers know them: like the live release's, or like the first of their own release."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.test_align import IDS, N, live, model, turn, turned
from tests.training.test_maps import mapped
from training.maps import BY_PCA, pca, with_maps
from training.progress import Steps


@pytest.mark.parametrize("mirror", [1.0, -1.0])
def test_a_map_is_turned_back_to_where_readers_know_it(mirror: float) -> None:
    one = model(1, learned=25)
    plain = mapped(one)
    known = (plain @ turn(2, seed=3) * [1.0, mirror]).astype(np.float32)
    there = live({"item2vec": replace(one, map=known)})
    assert mapped(one, live=there) == pytest.approx(known, abs=2e-6)
    # not of the same name, and without a map: as it comes
    for other in ({"deepwalk": replace(one, map=known)}, {"item2vec": one}):
        assert mapped(one, live=live(other)).tobytes() == plain.tobytes()


def test_movies_are_found_by_their_ids_and_new_ones_come_along() -> None:
    one = model(1, learned=25)
    points = pca(one.vectors, one.learned)
    known = points @ turn(2, seed=4)
    rows = np.arange(3, 20, 2)  # these the live release has, elsewhere
    old = replace(model(2, n=len(rows), learned=len(rows)), map=known[rows].astype(np.float32))
    there = live({"item2vec": old}, ids=[IDS[row] for row in rows])
    assert mapped(one, live=there) == pytest.approx(known, abs=2e-6)


def test_only_learned_movies_say_how_a_map_is_turned() -> None:
    one = model(1, learned=20)
    known = (mapped(one) @ turn(2, seed=3)).astype(np.float32)
    wrong = np.where(one.learned[:, None], known, -9 * known[::-1])
    for learned in (one.learned, np.ones(N, dtype=np.bool_)):
        there = live({"item2vec": replace(one, map=wrong, learned=learned)})
        assert mapped(one, live=there)[:20] == pytest.approx(known[:20], abs=2e-6)


def test_a_map_of_another_scale_is_turned_and_never_stretched() -> None:
    one = model(1)
    known = (20 * mapped(one) @ turn(2, seed=3)).astype(np.float32)
    assert mapped(one, live=live({"item2vec": replace(one, map=known)})) == pytest.approx(known / 20, abs=2e-6)


def test_one_shared_movie_turns_nothing() -> None:
    one = model(1)
    old = replace(one, map=-mapped(one))
    assert mapped(one, live=live({"item2vec": old}, now=[IDS[0], *map(str, range(100, 99 + N))])).tobytes() == (
        mapped(one).tobytes()
    )


def test_the_maps_of_a_release_lie_like_its_first(capsys: pytest.CaptureFixture[str]) -> None:
    one, elsewhere = model(1, learned=25), turned(model(1, learned=10), turn())
    elsewhere = replace(elsewhere, vectors=np.vstack([elsewhere.vectors[:10], -elsewhere.vectors[10:] - 3]))
    wider = replace(one, vectors=np.hstack([one.vectors, one.vectors[:, ::-1] / 9]))
    models = {"item2vec": one, "deepwalk": elsewhere, "blend": wider}
    found = [made.map for made in with_maps(models, BY_PCA, None, Steps()).values()]
    assert capsys.readouterr().err.startswith("map: done in ")
    # of their own: each at its distances from the middle; and turned so that no other angle is nearer to the first
    for points, (name, plain) in zip(found, models.items(), strict=True):
        assert points is not None
        own = pca(plain.vectors, plain.learned)
        assert np.linalg.norm(points, axis=1) == pytest.approx(np.linalg.norm(own, axis=1), abs=2e-6), name
        both = one.learned & plain.learned
        away = np.linalg.norm(points[both] - found[0][both])  # type: ignore[index]
        for angle in np.linspace(0, 2 * np.pi, 720):
            rotated = own[both] @ [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
            for mirror in (1, -1):
                other = np.linalg.norm(rotated * [1, mirror] - found[0][both])  # type: ignore[index]
                assert other > away - 1e-5, name
    # with a live release that knows some of them, those lie like there
    known = {name: replace(models[name], map=-mapped(models[name])) for name in ("item2vec", "deepwalk")}
    again = with_maps(models, BY_PCA, live(known), Steps())
    for name, old in known.items():
        assert again[name].map == pytest.approx(old.map, abs=2e-6)
