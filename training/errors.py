"""What can go wrong before a release exists.

KindredError
└── TrainingError           anything about the data or the training
    ├── DataError           a file cannot be used: missing, empty, damaged, or of another shape than expected
    │   └── RejectsError    too many rows were rejected
    ├── SettingsError       settings that contradict each other or are out of range
    ├── EngineError         Apache Spark cannot be used: no Java, no cluster, or a job that failed there
    └── GateError           the release is there, but it is not good enough to go live
"""

from models.errors import KindredError


class TrainingError(KindredError):
    """Base of the errors of this room."""


class DataError(TrainingError):
    """A file cannot be used as it is."""


class RejectsError(DataError):
    """More rows were rejected than the limit allows."""


class SettingsError(TrainingError):
    """Settings are out of range or contradict each other."""


class EngineError(TrainingError):
    """The engine that the job is to run on cannot be used."""


class GateError(TrainingError):
    """The release was written and not promoted: a held-out number is below what a gate asks for."""
