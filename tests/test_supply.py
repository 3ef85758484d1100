"""What Kindred is made of: pins, licences, vulnerabilities, and what the packages and images hold."""

import json
import re
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from deploy.supply import licences, vulnerabilities
from deploy.supply.__main__ import main
from deploy.supply.pins import Pin, SupplyError, locks, read
from tests.serving import free_port

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HASH = f"--hash=sha256:{'0' * 64}"
POLICY = licences.Policy(
    frozenset({"MIT", "BSD-3-Clause", "Apache-2.0 WITH LLVM-exception"}), {"MIT License": "MIT"}, {"silent": "MIT"}
)


def lock(folder: Path, name: str, *lines: str) -> Path:
    path = folder / f"{name}.lock"
    path.write_text("".join(f"{line} \\\n    {HASH} \\\n    {HASH}\n" for line in lines), encoding="utf-8")
    return path


def says(**fields: str) -> Message:
    message = Message()
    for field, value in fields.items():
        message[field.replace("_", "-")] = value
    return message


# pins


def test_every_pin_of_a_lock_is_read_whatever_it_is_for(tmp_path: Path) -> None:
    path = lock(
        tmp_path, "serve", "numpy==2.4.6 ; python_full_version < '3.12'", "numpy==2.5.5", "Prometheus_Client==1"
    )
    assert read(path) == [
        Pin("numpy", "2.4.6", "serve"),
        Pin("numpy", "2.5.5", "serve"),
        Pin("prometheus-client", "1", "serve"),
    ]


@pytest.mark.parametrize(
    "line", ["numpy>=2", "numpy", "numpy==2.*", "numpy==2,<3", "https://example.org/numpy.whl", "-e ."]
)
def test_what_is_not_one_version_is_named(line: str, tmp_path: Path) -> None:
    with pytest.raises(SupplyError, match=rf"serve.lock: expected name==version, found '{re.escape(line)}'"):
        read(lock(tmp_path, "serve", line))


@pytest.mark.parametrize("line", ["numpy==2\n", "numpy==2 --hash=md5:0\n"])
def test_a_pin_without_sha_256_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "serve.lock"
    path.write_text(line)
    with pytest.raises(SupplyError, match=r"serve.lock: expected SHA-256 hashes of numpy"):
        read(path)


def test_a_folder_without_locks_is_named(tmp_path: Path) -> None:
    with pytest.raises(SupplyError, match="found none"):
        locks(tmp_path)


def test_every_lock_of_ours_pins_with_hashes_and_tells_no_address() -> None:
    for path in locks(ROOT / "requirements"):
        assert read(path)
        assert "://" not in path.read_text(encoding="utf-8"), path


def test_every_extra_has_a_lock_of_its_own() -> None:
    stems = {path.stem for path in locks(ROOT / "requirements") if not path.stem.startswith("bench-")}
    assert stems == {"serve", "build", "sbom", *PROJECT["optional-dependencies"]}


def test_what_serves_has_the_same_versions_wherever_it_is_pinned() -> None:
    """Installing two locks together, as the image does with EXTRAS, must be possible."""
    ours = [path for path in locks(ROOT / "requirements") if not path.stem.startswith("bench-")]
    versions: dict[str, dict[str, set[str]]] = {}
    for pin in (pin for path in ours for pin in read(path)):
        versions.setdefault(pin.name, {}).setdefault(pin.lock, set()).add(pin.version)
    assert {name: by for name, by in versions.items() if len(set(map(frozenset, by.values()))) > 1} == {}


# licences


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (says(License_Expression="mit"), "MIT"),
        (says(License_Expression="MIT", License="BSD", Classifier="License :: Other"), "MIT"),
        (says(License="MPL-2.0 AND MIT"), "MPL-2.0 AND MIT"),
        (says(License="Copyright (c) somebody", Classifier="License :: OSI Approved :: MIT License"), "MIT"),
        (says(Classifier="License :: OSI Approved :: MIT License"), "MIT"),
        (says(Classifier="License :: Somebody's own"), None),
        (says(Classifier="Topic :: Internet"), None),
        (says(License="do what you like"), None),
        (says(), None),
    ],
)
def test_what_a_package_says_of_its_licence(metadata: Message, expected: str | None) -> None:
    assert licences.licence(metadata, POLICY) == expected


@pytest.mark.parametrize(
    ("expression", "refused"),
    [
        ("MIT", ""),
        ("(MIT AND BSD-3-Clause) OR MIT", ""),
        ("MIT AND Apache-2.0 WITH LLVM-exception", ""),
        ("Apache-2.0", "Apache-2.0"),
        ("MIT AND (GPL-3.0-only OR BSD-3-Clause)", "GPL-3.0-only"),
        ("MIT OR AGPL-3.0-only", "AGPL-3.0-only"),
    ],
)
def test_every_licence_that_is_named_must_be_allowed(expression: str, refused: str) -> None:
    lines = licences.problems([Pin("one", "1", "serve")], {"one": says(License_Expression=expression)}, POLICY)
    assert lines == ([f"one (serve): {refused} is not among the allowed licences"] if refused else [])


def test_a_licence_nobody_knows_is_a_problem() -> None:
    pins = [
        Pin("absent", "1", "train"),
        Pin("absent", "1", "serve"),
        Pin("mute", "1", "serve"),
        Pin("silent", "1", "serve"),
    ]
    assert licences.problems(pins, {"mute": says()}, POLICY) == [
        "absent (serve, train): not installed here, so its licence is not known",
        "mute (serve): says nothing of its licence that is understood",
    ]


def test_all_that_is_installed_has_a_licence_that_is_allowed() -> None:
    ours = [pin for path in locks(ROOT / "requirements") for pin in read(path) if not pin.lock.startswith("bench-")]
    found = licences.problems(ours, licences.installed(), licences.read_policy())
    # another Python, another system, extras that this environment does not have: `make audit` has them all
    assert [line for line in found if "not installed here" not in line] == []
    assert not [line for line in found if "dev" in line]


# vulnerabilities


@contextmanager
def osv(vulnerable: dict[tuple[str, str], list[str]]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A service of known vulnerabilities: its address, and what it was asked for."""
    asked: list[tuple[str, str]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["content-length"])))
            one = query["package"]["name"], query["version"]
            asked.append(one)
            package = {"name": one[0], "ecosystem": "PyPI"}
            ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "9"}]}]
            known = [
                {"id": name, "affected": [{"package": package, "ranges": ranges}]} for name in vulnerable.get(one, ())
            ]
            body = json.dumps({"vulns": known} if known else {}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_every_version_is_in_one_round_and_no_round_has_two() -> None:
    pins = [Pin("a", "1", "x"), Pin("a", "2", "x"), Pin("b", "1", "x"), Pin("a", "1", "y"), Pin("a", "3", "y")]
    assert vulnerabilities.rounds(pins) == [{"a": "1", "b": "1"}, {"a": "2"}, {"a": "3"}]


def test_every_pin_is_asked_for_once_and_what_is_known_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock(
        tmp_path, "serve", "numpy==2.4.6 ; python_full_version < '3.12'", "numpy==2.5.5 ; python_full_version >= '3.12'"
    )
    lock(
        tmp_path,
        "train",
        "numpy==2.5.5 ; python_full_version >= '3.12'",
        "h11==0.16.0",
        "colorama==0.4.6 ; sys_platform == 'win32'",
    )
    with osv({("numpy", "2.5.5"): ["PYSEC-1", "PYSEC-2"]}) as (address, asked):
        assert main(["audit", "--locks", str(tmp_path), "--service", address]) == 1
    assert sorted(asked) == [("colorama", "0.4.6"), ("h11", "0.16.0"), ("numpy", "2.4.6"), ("numpy", "2.5.5")]
    told = capsys.readouterr()
    assert "numpy 2.5.5 (serve, train): PYSEC-1, fixed in 9" in told.err
    assert "numpy 2.5.5 (serve, train): PYSEC-2, fixed in 9" in told.err
    assert "2.4.6" not in told.err
    assert "licences: none to mend" in told.out
    assert "vulnerabilities: 2 to mend" in told.out


def test_nothing_known_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lock(tmp_path, "serve", "h11==0.16.0")
    monkeypatch.setattr(vulnerabilities, "_ask", lambda *_: [{"name": "h11", "version": "0.16.0", "vulns": []}])
    assert main(["audit", "--locks", str(tmp_path)]) == 0
    assert "vulnerabilities: none to mend" in capsys.readouterr().out


def test_a_service_that_cannot_be_asked_is_a_failure_unless_told_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock(tmp_path, "serve", "h11==0.16.0")
    nobody = f"http://127.0.0.1:{free_port()}/v1/query"
    assert main(["audit", "--locks", str(tmp_path), "--service", nobody]) == 1
    told = capsys.readouterr()
    assert "vulnerabilities: NOT LOOKED UP: no service of known vulnerabilities could be asked" in told.err
    assert "none to mend" not in told.out.replace("licences: none to mend", "")
    assert main(["audit", "--locks", str(tmp_path), "--offline"]) == 0
    assert "vulnerabilities: NOT LOOKED UP (--offline)" in capsys.readouterr().out


def test_what_the_service_says_nothing_of_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vulnerabilities, "_ask", lambda *_: [])
    assert vulnerabilities.problems([Pin("h11", "1", "serve")]) == ["h11 1 (serve): could not be asked for: no answer"]
