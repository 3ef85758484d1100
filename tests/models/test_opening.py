"""From an address to its store, and what is said where there is no way to it."""

from pathlib import Path

import pytest

from models import Registry, ReleaseError, open_registry
from models.remote import Bucket
from models.remote_registry import RemoteRegistry


def test_an_address_is_a_folder_or_a_bucket(tmp_path: Path) -> None:
    for folder in (tmp_path, str(tmp_path), f"file://{tmp_path}"):
        opened = open_registry(folder)
        assert isinstance(opened, Registry)
        assert opened.folder == tmp_path
    opened = open_registry("s3://bucket/store/")
    assert isinstance(opened, RemoteRegistry)
    assert opened.folder == "s3://bucket/store"


def test_without_the_extra_or_with_another_address_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReleaseError, match=r"expected an address of s3://, .*found ftp7://$"):
        open_registry("ftp7://host/store").current()
    monkeypatch.setattr(Bucket, "_open", lambda *_: __import__("s3fs_that_is_not_there"))
    for scheme, extra in (("s3", "s3"), ("gs", "gs")):
        told = rf"expected the extra that reads {scheme}://, found none: pip install 'kindred\[{extra}\]'$"
        with pytest.raises(ReleaseError, match=told):
            open_registry(f"{scheme}://bucket/store").current()
