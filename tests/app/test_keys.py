"""Keys: which are good, how they are compared, how they change; and that they show nowhere."""

import logging
import os
from pathlib import Path

import pytest

from app import keys
from app.keys import Keys, keys_of
from app.settings import Settings, SettingsError, read_settings

ONE, TWO, THREE = "one-key-of-the-service", "another-key-of-the-service", "third_key.of~the/service+="


def bearer(key: str, scheme: str = "Bearer") -> list[tuple[bytes, bytes]]:
    return [(b"host", b"here"), (b"authorization", f"{scheme} {key}".encode("latin-1"))]


@pytest.mark.parametrize(
    ("headers", "good"),
    [
        (bearer(ONE), True),
        (bearer(TWO), True),
        (bearer(THREE), True),
        (bearer(ONE, "bEARER"), True),
        (bearer("  " + ONE + " "), True),
        (bearer(ONE[:-1]), False),
        (bearer(ONE + "x"), False),
        (bearer(ONE.upper()), False),
        (bearer(f"{ONE},{TWO}"), False),
        (bearer(f"{ONE} {ONE}"), False),
        (bearer(""), False),
        (bearer("ü" * 20), False),
        (bearer("x" * 30_000), False),
        (bearer(ONE, "Basic"), False),
        ([(b"authorization", ONE.encode())], False),
        ([(b"authorization", b"")], False),
        ([*bearer(ONE), *bearer(ONE)], False),  # which of two is meant is for nobody to guess
        ([(b"x-authorization", b"Bearer " + ONE.encode())], False),
        ([], False),
    ],
)
def test_who_is_admitted(headers: list[tuple[bytes, bytes]], good: bool) -> None:
    assert Keys([ONE, TWO, THREE]).admit(headers) is good


@pytest.mark.parametrize("sent", [ONE, TWO, THREE, "wrong", ""])
def test_every_key_is_compared_whatever_was_sent(monkeypatch: pytest.MonkeyPatch, sent: str) -> None:
    """Constant time by construction: as many comparisons of digests of one length, none of them cut short."""
    compared: list[tuple[int, int]] = []

    def comparing(a: bytes, b: bytes) -> bool:
        compared.append((len(a), len(b)))
        return original(a, b)

    original = keys.compare_digest
    monkeypatch.setattr(keys, "compare_digest", comparing)
    made = Keys([ONE, TWO, THREE])
    made.admit(bearer(sent) if sent else [])
    assert compared == [(32, 32)] * 3


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("short", "expected keys of 20..200 characters, found 5 in key 1"),
        (f"{ONE},", "expected keys of 20..200 characters, found 0 in key 2"),
        (f"{ONE},{'x' * 201}", "expected keys of 20..200 characters, found 201 in key 2"),
        (f"{ONE},with a space in the key", "expected letters, digits and -._~+/ only, found others in key 2"),
        (f"{'ü' * 20}", "expected letters, digits and -._~+/ only, found others in key 1"),
    ],
)
def test_what_is_no_key_is_told_without_showing_it(sent: str, message: str) -> None:
    with pytest.raises(SettingsError, match="KINDRED_KEYS: ") as raised:
        keys_of(Settings(keys=sent))  # type: ignore[arg-type]
    assert str(raised.value) == f"KINDRED_KEYS: {message}"


def test_keys_come_from_one_place(tmp_path: Path) -> None:
    assert keys_of(Settings()) is None
    with pytest.raises(SettingsError, match="found both"):
        keys_of(Settings(keys=ONE, keys_file=str(tmp_path)))  # type: ignore[arg-type]
    for wrong, message in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(SettingsError, match=f"KINDRED_KEYS_FILE: {message}"):
            keys_of(Settings(keys_file=str(wrong)))
    large = tmp_path / "large"
    large.write_text("#" * 300_000)
    with pytest.raises(SettingsError, match=r"at most .* bytes, found more"):
        keys_of(Settings(keys_file=str(large)))


def test_the_environment_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_KEYS", ONE)
    settings = read_settings()
    assert ONE not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    monkeypatch.setenv("KINDRED_KEYS_FOR", "some")
    with pytest.raises(SettingsError, match=r"KINDRED_KEYS_FOR: .*'all' or 'admin', found 'some'") as raised:
        read_settings()
    assert ONE not in str(raised.value)


class File:
    """A file of keys, looked at whenever somebody asks."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keys, "LOOK_SECONDS", -1.0)
        self.path = path / "keys"
        self.write(f"# ours\n\n  {ONE}\r\n{TWO}\n")
        self.keys = keys_of(Settings(keys_file=str(self.path)))

    def write(self, text: str) -> None:
        """As careful people do: a new file in its place."""
        new = self.path.with_name("new")
        new.write_text(text, encoding="utf-8", newline="")
        new.replace(self.path)

    def good(self) -> list[str]:
        assert self.keys is not None
        return [key for key in (ONE, TWO, THREE) if self.keys.admit(bearer(key))]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> File:
    return File(tmp_path, monkeypatch)


def test_a_file_is_read_again_when_it_changes(file: File, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "kindred")
    assert file.good() == [ONE, TWO]
    file.write(f"{TWO}\n{THREE}")
    assert file.good() == [TWO, THREE]
    with file.path.open("a") as opened:  # as careless people do
        opened.write(f"\n{ONE}\n")
    assert file.good() == [ONE, TWO, THREE]
    assert [record.message for record in caplog.records] == ["keys read again, now 2", "keys read again, now 3"]


@pytest.mark.parametrize("content", ["", "# none\n", "short\n", f"{THREE}\nshort\n", "ü" * 30, "x" * 300_000, None])
def test_a_broken_file_changes_nothing_and_is_told_of_once(
    file: File, caplog: pytest.LogCaptureFixture, content: str | None
) -> None:
    caplog.set_level(logging.INFO, "kindred")
    if content is None:
        file.path.unlink()
    else:
        file.write(content)
    for _ in range(3):
        assert file.good() == [ONE, TWO]
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert record.message.startswith("keys not read again, those before stay: ")
    assert THREE not in record.message
    file.write(f"{THREE}\n")
    assert file.good() == [THREE]


def test_a_file_is_not_looked_at_with_every_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = File(tmp_path, monkeypatch)
    monkeypatch.setattr(keys, "LOOK_SECONDS", 3600.0)
    file.write(f"{THREE}\n")
    assert file.good() == [ONE, TWO]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_rights_that_are_taken_and_given_back(file: File) -> None:
    file.path.chmod(0)
    assert file.good() == [ONE, TWO]
    file.write(f"{THREE}\n")
    assert file.good() == [THREE]
