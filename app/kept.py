"""The answers that a release has given: bounded in bytes, the least recently asked for go first."""

from collections import OrderedDict
from collections.abc import Hashable

from app.answer import Answer

# A query as it was sent: path as decoded by the server, query string as it came.
Spelling = tuple[str, bytes]

# What a spelling takes beside its own bytes.
_SPELLING = 400
# No answer takes more than this share of all: one long list does not drive out a thousand short ones. All titles of a
# hundred thousand films take 6 MB of the usual 32.
_LARGEST_SHARE = 4


class Kept:
    """Answers by the spellings of their queries, for looking up, and by what the queries mean, for sharing.

    It belongs to one release and goes with it. Used from the event loop's thread alone.

    Attributes:
        used: bytes taken, keys and objects counted.
    """

    def __init__(self) -> None:
        """Start with none."""
        self.used = 0
        self._spelled: OrderedDict[Spelling, Answer] = OrderedDict()
        self._meant: dict[Hashable, Answer] = {}

    def __len__(self) -> int:
        """How many answers."""
        return len(self._meant)

    def find(self, spelling: Spelling) -> Answer | None:
        """The answer to a query sent before in the same letters."""
        answer = self._spelled.get(spelling)
        if answer is not None:
            self._spelled.move_to_end(spelling)
        return answer

    def meaning(self, key: Hashable) -> Answer | None:
        """The answer to a query that means the same."""
        return self._meant.get(key)

    def add(self, spelling: Spelling, key: Hashable, answer: Answer, most: int) -> int:
        """Keep an answer under one more spelling, let go of others until all take at most `most` bytes; of how many."""
        if spelling in self._spelled or answer.size + _size(spelling) > most // _LARGEST_SHARE:
            return 0
        if answer.spellings == 0:
            # two requests may have worked out the same: the first stays
            answer = self._meant.setdefault(key, answer)
        if answer.spellings == 0:
            answer.key = key
            self.used += answer.size
        answer.spellings += 1
        self._spelled[spelling] = answer
        self.used += _size(spelling)
        let_go = 0
        while self.used > most:
            self._drop(*self._spelled.popitem(last=False))
            let_go += 1
        return let_go

    def _drop(self, spelling: Spelling, answer: Answer) -> None:
        self.used -= _size(spelling)
        answer.spellings -= 1
        if answer.spellings == 0:
            self.used -= answer.size
            del self._meant[answer.key]


def _size(spelling: Spelling) -> int:
    # up to four bytes a character, and twice: the key of what is meant holds the path as well
    return _SPELLING + 8 * len(spelling[0]) + len(spelling[1])
