"""What `kindred doctor` finds, one line each; every room looks at what is its own."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: of the thing, in one word or two.
        state: fail: something does not work; warn: something will not, or is worth knowing.
        found: in one line.
        advice: what to do; empty where there is nothing to be done.
    """

    name: str
    state: State
    found: str
    advice: str = ""

    def line(self) -> str:
        """For a person to read."""
        advice = f" -> {self.advice}" if self.advice else ""
        return f"{self.state:<5} {self.name:<12} {self.found}{advice}"


# looks at one thing or more, with the options of `doctor`
Look = Callable[[argparse.Namespace], Iterable[Check]]


def looked(look: Look, options: argparse.Namespace) -> Iterator[Check]:
    """What `look` finds; whatever it stumbles over is a finding too."""
    try:
        yield from look(options)
    except Exception as error:  # there is no end of what may be broken where somebody asks a doctor
        told = " ".join(str(error).split()) or type(error).__name__
        yield Check(look.__name__, "fail", told, "see what the message names")
