"""`export --format redis`, read back from a real Redis the way the course's recommender reads it."""

import json
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import kindred
from models import Registry
from tests.models.tiny import FIRST, SECOND, model, publish, write
from tests.serving import free_port

redis = pytest.importorskip("redis", reason="the extra [redis] is not installed")
from training import redis_store  # noqa: E402

SERVER = shutil.which("redis-server")
Captured = pytest.CaptureFixture[str]
README = Path(__file__).parents[2] / "README.md"
KEPT = {"1", "2571", "592", "593"}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A Redis of our own; user `trainer` has the password `p/w@d`."""
    if SERVER is None:
        pytest.skip("there is no redis-server (apt-get install redis-server)")
    folder, port = tmp_path_factory.mktemp("redis"), free_port()
    config = folder / "redis.conf"
    config.write_text(
        f'port {port}\nbind 127.0.0.1\nsave ""\nappendonly no\ndir "{folder}"\nuser trainer on >p/w@d ~* &* +@all\n'
    )
    process = subprocess.Popen([SERVER, str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port) as client:
            for _ in range(600):
                assert process.poll() is None, "redis-server ended"
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def client(port: int) -> Iterator["redis.Redis"]:
    with redis.Redis(port=port, decode_responses=True) as made:
        made.flushall()
        yield made


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Six films, of which five are learned; one of those has an id that no course could read."""
    registry = Registry(tmp_path / "store")
    registry.promote(registry.add(lambda folder: write(folder, models=plain())))
    return tmp_path / "store"


def plain(scale: float = 1) -> dict[str, object]:
    """The models of tiny.py without what is learned of the id with a space."""
    made = {"item2vec": model(scale), "deepwalk": model(2 * scale, output=False)}
    for one in made.values():
        one.learned[-1] = False
    return made


def as_the_course_reads(client: "redis.Redis", prefix: str) -> dict[str, list[float]]:
    """DataManager.loadMovieEmb: all keys of a prefix, the id behind the colon, floats between spaces."""
    return {key.split(":")[1]: [float(part) for part in client.get(key).split()] for key in client.keys(f"{prefix}*")}


def test_the_course_finds_its_keys(store: Path, client: "redis.Redis", port: int, capsys: Captured) -> None:
    address = f"redis://127.0.0.1:{port}/0"
    arguments = ["export", "--format", "redis", "--out", address, "--models", str(store), "--json"]
    assert kindred.main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    release = Registry(store).load()
    assert told == {
        "out": address, "format": "redis", "ttl": 86_400, "release": release.id,
        "keys": [{"prefix": "i2vEmb", "keys": 4}, {"prefix": "graphEmb", "keys": 4}],
    }  # fmt: skip
    for prefix, name in (("i2vEmb", "item2vec"), ("graphEmb", "deepwalk")):
        found = as_the_course_reads(client, prefix)
        assert found.keys() == KEPT
        for movie_id, vector in found.items():
            row = release.catalogue.row_of[movie_id]
            assert np.array_equal(np.float32(vector), release.models[name].vectors[row])
            assert 86_000 < client.ttl(f"{prefix}:{movie_id}") <= 86_400
        assert client.get(f"kindred:release:{prefix}") == release.id
    assert client.dbsize() == 10


def test_a_model_prefix_ttl_and_database(store: Path, client: "redis.Redis", port: int) -> None:
    address = f"redis://trainer:p%2Fw%40d@127.0.0.1:{port}/3"
    arguments = ["export", "--format", "redis", "--out", address, "--models", str(store), "--model", "deepwalk"]
    assert kindred.main([*arguments, "--prefix", "mine", "--ttl", "0"]) == 0
    assert client.dbsize() == 0
    with redis.Redis(port=port, db=3, decode_responses=True) as other:
        assert as_the_course_reads(other, "mine").keys() == KEPT
        assert other.ttl("mine:592") == -1
        assert other.get("kindred:release:mine") == Registry(store).current()


def test_a_new_release_takes_the_place_of_the_old(store: Path, client: "redis.Redis", port: int) -> None:
    address, registry = f"redis://127.0.0.1:{port}", Registry(store)
    redis_store.export(registry.load(), None, address, ttl=60)
    before = client.get("i2vEmb:593")
    registry.promote(registry.add(lambda folder: write(folder, SECOND, models=plain(3))))
    redis_store.export(registry.load(), None, address, ttl=60)
    assert [float(part) for part in client.get("i2vEmb:593").split()] == [9.0, 12.0, 0.0, 0.0] != before
    assert client.get("kindred:release:i2vEmb") == registry.current()


def test_cut_short_it_says_so(store: Path, client: "redis.Redis", port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of one: the second fails. Written keys stay, no release is named."""
    address, release = f"redis://127.0.0.1:{port}", Registry(store).load()
    redis_store.export(release, None, address, ttl=60)
    monkeypatch.setattr(redis_store, "BATCH", 1)
    batches = redis_store._batches

    def cut(*given: object) -> Iterator[object]:
        yield next(batches(*given))
        raise KeyboardInterrupt

    monkeypatch.setattr(redis_store, "_batches", cut)
    with pytest.raises(KeyboardInterrupt):
        redis_store.export(release, None, address, ttl=60)
    assert client.get("kindred:release:i2vEmb") is None
    assert len(as_the_course_reads(client, "i2vEmb")) == 4


def test_the_readme_says_how(store: Path, client: "redis.Redis", port: int) -> None:
    (line,) = re.findall(r"^kindred (export --format redis .*)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert kindred.main([*shlex.split(line.replace("6379", str(port))), "--models", str(store)]) == 0
    assert as_the_course_reads(client, "graphEmb").keys() == KEPT


@pytest.mark.parametrize("batch", [1, 2, 3, 4, 1000])
def test_every_batch_size_writes_all(
    store: Path, client: "redis.Redis", port: int, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(redis_store, "BATCH", batch)
    found = redis_store.export(Registry(store).load(), "item2vec", f"redis://127.0.0.1:{port}", ttl=60)
    assert found == {"i2vEmb": 4}
    assert as_the_course_reads(client, "i2vEmb").keys() == KEPT


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--out", "redis://127.0.0.1:{free}/0"], r"redis://127.0.0.1:{free}/0: no Redis answers"),
        (["--out", "redis://trainer:wrong@127.0.0.1:{port}"], "not let in"),
        (["--out", "out.txt"], "--out: expected redis://host:port/database"),
        (["--out", "redis://127.0.0.1:{port}", "--ttl", "-1"], "--ttl: expected 0.."),
        (["--out", "redis://127.0.0.1:{port}", "--prefix", "mine"], "--prefix goes with --model"),
        (["--out", "redis://127.0.0.1:{port}", "--model", "item2vec", "--prefix", "a:b"], "without colons"),
        (["--out", "redis://127.0.0.1:{port}", "--model", "blend"], "--model: expected one of item2vec, deepwalk"),
    ],
)
def test_what_cannot_be_is_one_line(
    store: Path, client: "redis.Redis", port: int, capsys: Captured, words: list[str], message: str
) -> None:
    places = {"port": port, "free": free_port()}
    arguments = [word.format_map(places) for word in words]
    assert kindred.main(["export", "--format", "redis", "--models", str(store), *arguments]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert message.format_map(places) in err
    assert "wrong" not in err
    assert client.dbsize() == 0


def test_ids_that_the_course_could_not_read(tmp_path: Path, client: "redis.Redis", port: int) -> None:
    registry = Registry(tmp_path / "other")
    registry.promote(publish(registry, FIRST))
    with pytest.raises(redis_store.SettingsError, match="movie id 'ü 7' has a letter"):
        redis_store.export(registry.load(), None, f"redis://127.0.0.1:{port}", ttl=60)
    assert client.get("kindred:release:i2vEmb") is None


def test_the_options_of_redis_go_with_no_other_format(store: Path, tmp_path: Path, capsys: Captured) -> None:
    arguments = ["export", "--format", "sparrow", "--out", str(tmp_path / "out"), "--models", str(store)]
    assert kindred.main([*arguments, "--ttl", "5"]) == 1
    assert "--ttl goes with --format redis, found --format sparrow" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_password_is_ever_shown() -> None:
    shown: Callable[[str], str] = redis_store.shown
    assert shown("redis://me:secret@host:1/2?password=secret") == "redis://host:1/2"
    assert shown("redis://[bad") == "--out"
