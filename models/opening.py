"""From an address to its store: a folder, or what fsspec knows (s3://, gs://)."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from models.registry import Registry
from models.store import Store

_SCHEME = "://"


def place(text: str | Path) -> Path | str:
    """A path for what is on this machine, plain or as `file://`; any other address as it is."""
    address = str(text)
    if address.startswith(f"file{_SCHEME}"):
        return Path(url2pathname(urlsplit(address).path))
    return address.rstrip("/") if _SCHEME in address else Path(text)


def open_registry(address: Path | str) -> Store:
    """The store at an address; nothing is read or written yet."""
    where = place(address)
    if isinstance(where, Path):
        return Registry(where)
    from models.remote_registry import RemoteRegistry

    return RemoteRegistry(where)
