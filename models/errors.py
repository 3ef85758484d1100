"""What can go wrong with a release.

KindredError                 the one base of all errors that Kindred raises on purpose
└── ReleaseError             anything about releases
    ├── NoReleaseError       the folder holds no (current) release
    ├── UnknownVersionError  a version is named that is not there
    ├── BusyError            somebody else is switching or removing releases
    ├── FormatVersionError   written by another format version than this code reads
    └── IntegrityError       a file is missing, damaged, or is not what the manifest says
"""


class KindredError(Exception):
    """Base of every error whose message is meant for the user, as one clear line."""


class ReleaseError(KindredError):
    """A release cannot be saved, found, loaded or switched."""


class NoReleaseError(ReleaseError):
    """There is nothing to load or to go back to."""


class UnknownVersionError(ReleaseError):
    """The named version is not in the registry."""


class BusyError(ReleaseError):
    """Somebody else is switching or removing releases, and did not end in time."""


class FormatVersionError(ReleaseError):
    """The release was written in a format this code does not read."""


class IntegrityError(ReleaseError):
    """A file of the release is missing, damaged or does not fit its manifest."""
