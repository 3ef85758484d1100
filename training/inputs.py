"""Files by address (s3://, gs://): copied here while a verb runs, for they are read more than once."""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import KindredError, ReleaseError
from models.opening import place
from models.remote import Bucket
from training.errors import DataError

# the options that may hold the address of a file
_FILES = ("ratings", "movies", "tags", "links")


def locally(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The same verb, which finds on this machine what it is given by address."""

    def verb(options: argparse.Namespace) -> int:
        with fetched(options):
            return run(options)

    return verb


@contextmanager
def fetched(options: argparse.Namespace) -> Iterator[None]:
    """Put copies in the place of files elsewhere; they go again. Spark reads ratings where they are.

    Raises:
        DataError: a file cannot be fetched.
        KindredError: what the verb stops with; it names the address, not the copy.
    """
    given = {name: text for name in _FILES if "://" in (text := str(getattr(options, name, None)))}
    if getattr(options, "engine", "local") == "spark":
        given.pop("ratings", None)
    if not given:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="kindred-") as folder:
        copies = {name: _local(address, Path(folder) / name) for name, address in given.items()}
        vars(options).update(copies)
        try:
            yield
        except KindredError as error:
            told = str(error)
            for name, copy in copies.items():
                told = told.replace(str(copy), given[name])
            if told == str(error):
                raise
            raise type(error)(told) from error


def _local(address: str, folder: Path) -> Path:
    where = place(address)
    if isinstance(where, Path):
        return where
    parent, _, name = where.rpartition("/")
    folder.mkdir()
    try:
        Bucket(parent).fetch([(name, folder / name)])
    except ReleaseError as error:
        raise DataError(str(error)) from error
    return folder / name
