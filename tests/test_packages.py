"""What is handed on: the wheel, the source archive, and the list of an image's parts."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deploy.supply import sbom
from deploy.supply.wheel import build

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VERSION = PROJECT["project"]["version"]
ROOMS = ("app", "models", "sample", "training")
EPOCH = 1_700_000_000
STATUS = """\
Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+deb12u13
Description: GNU C Library
 Version: of nothing

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: libstdc++6
Status: install ok installed
Architecture: amd64
Version: 1:12.2.0-14
"""


def sources(folder: Path, seed: int) -> Path:
    """A clone's files in a folder of their own, with rights and times of their own, and what a build may have left."""
    chance = random.Random(seed)
    names = ["pyproject.toml", "README.md", "LICENSE", "MANIFEST.in", "kindred.py", "tests/test_supply.py"]
    names += [str(path.relative_to(ROOT)) for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()]
    for name in chance.sample(names, len(names)):
        if "__pycache__" in name or name.startswith("models/store/"):
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
        target.chmod(chance.choice((0o600, 0o644, 0o664, 0o755)))
        os.utime(target, (chance.uniform(1e9, 1.7e9),) * 2)
    left = folder / "build" / "lib" / "app" / f"left_{seed}.py"
    left.parent.mkdir(parents=True)
    left.write_text("")
    return folder


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Built twice: other folders, rights, times and umasks."""
    made = []
    for seed, umask in ((1, 0o077), (2, 0o002)):
        before = os.umask(umask)
        try:
            folder = tmp_path_factory.mktemp("clone")
            made.append(build(sources(folder / ("clone" * seed), seed), folder / "out", EPOCH))
        finally:
            os.umask(before)
    return made


def test_a_wheel_built_twice_is_the_same(wheels: list[Path]) -> None:
    one, other = wheels
    assert one.name == other.name == f"kindred-{VERSION}-py3-none-any.whl"
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as opened:
        assert {entry.date_time for entry in opened.infolist()} == {(2023, 11, 14, 22, 13, 20)}


def test_the_wheel_holds_all_that_is_needed_and_nothing_else(wheels: list[Path]) -> None:
    with zipfile.ZipFile(wheels[0]) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
        assert f"kindred-{VERSION}.dist-info/licenses/LICENSE" in opened.namelist()
    code = {str(path.relative_to(ROOT)) for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    pages = {str(path.relative_to(ROOT)) for path in (ROOT / "app" / "ui").iterdir()}
    assert held == code | pages | {"kindred.py", "sample/movies.csv", "training/spark/log4j2.properties"}


def test_the_source_archive_holds_what_builds_the_wheel_and_no_tests(tmp_path: Path, wheels: list[Path]) -> None:
    folder = sources(tmp_path / "clone", 3)
    script = "import sys; from setuptools import build_meta; build_meta.build_sdist(sys.argv[1])"
    shutil.rmtree(folder / "build")
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=folder, check=True, capture_output=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
        opened.extractall(tmp_path / "opened", filter="data")
    assert {name.partition("/")[0] for name in names if name} == {
        *("PKG-INFO", "LICENSE", "MANIFEST.in", "README.md", "pyproject.toml", "setup.cfg"),
        *("kindred.egg-info", "kindred.py", *ROOMS),
    }
    again = build(tmp_path / "opened" / f"kindred-{VERSION}", tmp_path / "again", EPOCH)
    assert set(zipfile.ZipFile(again).namelist()) == set(zipfile.ZipFile(wheels[0]).namelist())


# the parts of an image


def test_debian_s_packages_are_those_that_are_installed() -> None:
    assert [(part["name"], part["version"], part["purl"]) for part in sbom.debian_packages(STATUS, "debian-12")] == [
        ("libc6", "2.36-9+deb12u13", "pkg:deb/debian/libc6@2.36-9%2Bdeb12u13?arch=amd64&distro=debian-12"),
        ("libstdc++6", "1:12.2.0-14", "pkg:deb/debian/libstdc%2B%2B6@1%3A12.2.0-14?arch=amd64&distro=debian-12"),
    ]


@pytest.fixture(scope="module")
def here() -> dict[str, Any]:
    return sbom.python_packages(sys.executable)


def few(parts: dict[str, Any]) -> dict[str, Any]:
    """Some of the parts, for to check all takes long."""
    kept = [
        part for part in parts["components"] if part["name"] in ("fastapi", "kindred", "libc6", "python", "nonsense")
    ]
    names = {part["bom-ref"] for part in kept}
    needs = [need | {"dependsOn": []} for need in parts["dependencies"] if need["ref"] in names]
    return parts | {"components": kept, "dependencies": needs}


def test_the_list_of_parts_is_whole_and_valid_and_has_each_once(here: dict[str, Any]) -> None:
    others = [*sbom.debian_packages(STATUS, "debian-12"), sbom.python_itself("3.12.1")]
    parts = sbom.whole("kindred-serve", VERSION, [here, here], others)
    assert parts == sbom.whole("kindred-serve", VERSION, [here], others)
    assert json.loads(sbom.checked(few(parts))) == few(parts)
    named = {part["name"].lower(): part for part in parts["components"]}
    assert {"fastapi", "numpy", "kindred", "libc6", "python"} <= set(named)
    assert len(named) == len(parts["components"])
    assert named["fastapi"]["licenses"] == [{"license": {"acknowledgement": "declared", "id": "MIT"}}]
    assert parts["metadata"]["component"]["name"] == "kindred-serve"
    assert any(need["ref"].startswith("fastapi==") and need["dependsOn"] for need in parts["dependencies"])


def test_what_is_no_list_of_parts_is_refused() -> None:
    part = {"type": "nonsense", "bom-ref": "x", "name": "x"}
    empty = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1}
    with pytest.raises(ValueError, match=r"not CycloneDX 1\.6: 'nonsense' is not one of"):
        sbom.checked(sbom.whole("image", "1", [empty], [part]))


# the image


def stages() -> dict[str, str]:
    """The lines of each stage of the Dockerfile, by its name."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    parts = re.split(r"^FROM \S+ AS (\S+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("image", ["serve", "train", "spark"])
def test_an_image_says_what_it_is_and_what_it_holds(image: str) -> None:
    stage = stages()[image]
    labels = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", stages()["base"] + stage))
    assert labels == {"title", "description", "version", "revision", "created", "source", "licenses"}
    assert f"COPY --from={image}-parts /parts /usr/share/doc/kindred\n" in stage
    assert re.findall(r"^USER (.*)$", stage, re.MULTILINE) == ["10001:10001"]
    assert f"kindred-{image} /parts/sbom.cdx.json" in stages()[f"{image}-parts"]
    assert set(re.findall(r"ARG VERSION=(\S+)", stage)) == {VERSION}


def test_the_image_is_given_every_room_and_no_more() -> None:
    copied = set(re.findall(r"^COPY (?!--from)(\S+) \S+$", stages()["wheel"], re.MULTILINE))
    assert copied == {*ROOMS, "requirements/build.lock"}
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {
        *ROOMS,
        "requirements",
        "kindred.py",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "deploy/supply/sbom.py",
    } == kept


def test_what_is_built_by_hand_says_so() -> None:
    made = subprocess.run(["make", "-s", "image-arguments"], cwd=ROOT, capture_output=True, text=True)
    if made.returncode or not shutil.which("git"):
        pytest.skip("not a clone")
    assert re.fullmatch(
        r"--build-arg REVISION=[0-9a-f]{40} --build-arg SOURCE_DATE_EPOCH=\d+ --build-arg CREATED=20[-\dT:]+Z",
        made.stdout.strip(),
    )
