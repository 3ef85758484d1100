"""The environment as settings."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from app.settings import Settings, SettingsError, read_settings
from tests.serving import ROOT


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv("KINDRED_" + name.upper(), raising=False)


def test_without_variables_all_is_as_declared() -> None:
    assert read_settings() == Settings()


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("KINDRED_MODELS", "/some/where", Settings(models=Path("/some/where"))),
        ("KINDRED_POLL_SECONDS", "0.5", Settings(poll_seconds=0.5)),
        ("KINDRED_MAX_BODY_BYTES", "7", Settings(max_body_bytes=7)),
        ("KINDRED_CACHE_BYTES", "0", Settings(cache_bytes=0)),
        ("KINDRED_CACHE_CONTROL", "", Settings(cache_control="")),
        ("KINDRED_MAX_CONCURRENCY", "3", Settings(max_concurrency=3)),
        ("KINDRED_MAX_QUEUE", "0", Settings(max_queue=0)),
        ("KINDRED_REQUEST_SECONDS", "0.5", Settings(request_seconds=0.5)),
        ("KINDRED_MAX_CONNECTIONS", "9", Settings(max_connections=9)),
        ("KINDRED_CLIENT_SECONDS", "1", Settings(client_seconds=1)),
        ("KINDRED_IDLE_SECONDS", "1", Settings(idle_seconds=1)),
        ("KINDRED_KEYS", "a", Settings(keys=SecretStr("a"))),
        ("KINDRED_KEYS_FILE", "/a", Settings(keys_file="/a")),
        ("KINDRED_KEYS_FOR", "admin", Settings(keys_for="admin")),
        ("KINDRED_CORS_ORIGINS", "http://a", Settings(cors_origins=("http://a",))),
        ("KINDRED_SOMETHING_ELSE", "x", Settings()),
        ("POLL_SECONDS", "x", Settings()),
    ],
)
def test_each_variable_sets_its_own(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, expected: Settings
) -> None:
    monkeypatch.setenv(variable, text)
    assert read_settings() == expected


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("KINDRED_POLL_SECONDS", "-1"),
        ("KINDRED_POLL_SECONDS", ""),
        ("KINDRED_MAX_BODY_BYTES", "1.5"),
        ("KINDRED_CACHE_BYTES", "many"),
        ("KINDRED_MAX_CONCURRENCY", "0"),
        ("KINDRED_REQUEST_SECONDS", "0"),
        ("KINDRED_CLIENT_SECONDS", "inf"),
        ("KINDRED_IDLE_SECONDS", "nan"),
        ("KINDRED_KEYS_FOR", "none"),
    ],
)
def test_what_a_variable_cannot_hold_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, text: str) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(SettingsError, match=rf"^{variable}: .+, found '{text}'$"):
        read_settings()


def test_the_readme_lists_every_setting() -> None:
    rows = re.findall(r"^\| (`KINDRED_.*?) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`KINDRED_(\w+)`", row)}
    assert {name.upper() for name in Settings.model_fields} <= listed


def test_a_setting_that_is_misspelt_in_code_is_refused() -> None:
    with pytest.raises(ValidationError, match="pol_seconds"):
        Settings(pol_seconds=1)  # type: ignore[call-arg]
