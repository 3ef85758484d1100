"""Who the simulated viewers are and what they watch, when. The model in words stands in `sample.generate`."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sample.films import FAMOUS, Films, read_films

DAY = 86_400
START = 946_684_800  # 2000-01-01 00:00 UTC, the first viewers join; more do as the years go by
LAST_JOINED = 1_530_403_200  # 2018-07-01 00:00 UTC, no viewer joins from here on
END = 1_546_300_800  # 2019-01-01 00:00 UTC, every timestamp is before it
COLD_FROM_YEAR = 2018  # films of this year and later would come out at END or after: nobody watches them

STRAY = 0.10  # chance that a film of a session is drawn from all films, whatever their taste
SERIES_ORDER = 0.80  # chance to start a series at the first part not yet seen
SERIES_ON = 0.60  # chance to go on with the next part
SESSION_ENDS = 0.22  # chance that a film is the last of its session
TIE = 0.01  # chance that a film is entered in the same second as the one before
AGE_SPREAD = 10.0  # years, the Gaussian about a favourite year
KIN_GENRES = 4.0  # log of how much likelier a film with all the genres of the last one is than one with none
KIN_YEARS = 5.0  # years between two films that divide the chance to see one after the other by e


@dataclass(frozen=True)
class World:
    """What all viewers of one seed share."""

    films: Films
    popularity: NDArray[np.float64]
    """(n_films,), relative chance of being watched, a heavy tail."""
    quality: NDArray[np.float64]
    """(n_films,), stars a film gets above or below the average film."""
    kinship: NDArray[np.float64]
    """(n_films, n_films), how much a film calls for another next: near in genres and in years."""
    released: NDArray[np.int64]
    """(n_films,), epoch seconds from which a film can be seen."""


@dataclass(frozen=True)
class Viewer:
    """One simulated person."""

    tastes: NDArray[np.float64]
    """(n_tastes,), share of the sessions each taste gets; sums to 1, at most three are not 0."""
    favourite_year: float
    """Films near it are watched more often."""
    kindness: float
    """Stars added to every rating, negative for a harsh viewer."""
    joined: int
    """Epoch seconds from which the viewer watches."""
    wanted: int
    """Films in the whole history, where time allows."""

    def nearness(self, years: NDArray[np.int64]) -> NDArray[np.float64]:
        """How near films of these years are to the favourite year: 1 at best, falling to 0 like a Gaussian."""
        near: NDArray[np.float64] = np.exp(-(((years - self.favourite_year) / AGE_SPREAD) ** 2) / 2)
        return near


def make_world(seed: int) -> World:
    """Draw what all viewers share: how well known and how good every film is."""
    films = read_films()
    rng = np.random.default_rng([seed, 0])
    fame = {movie_id: rank for rank, movie_id in enumerate(FAMOUS)}
    others = len(FAMOUS) + rng.permutation(len(films))
    ranks = np.array([fame.get(movie_id, others[row]) for row, movie_id in enumerate(films.movie_ids)])
    years_apart = np.abs(films.years[:, None] - films.years)
    return World(
        films=films,
        popularity=1.0 / (ranks + 12.0),
        quality=rng.normal(0.0, 0.2, len(films)) + np.where(ranks < len(FAMOUS), 0.3, 0.0),
        kinship=np.exp(KIN_GENRES * films.genres @ films.genres.T - years_apart / KIN_YEARS),
        released=(films.years + 1 - 1970).astype("datetime64[Y]").astype("datetime64[s]").astype(np.int64),
    )


def viewer_rng(seed: int, user: int) -> np.random.Generator:
    """The random stream of one viewer (`user` from 1), the same however many others there are."""
    return np.random.default_rng([seed, user])


def draw_viewer(rng: np.random.Generator, n_tastes: int) -> Viewer:
    """Draw who a viewer is: the first thing taken from the viewer's own stream."""
    chosen = rng.permutation(n_tastes)[: rng.choice([1, 2, 3], p=[0.15, 0.45, 0.40])]
    tastes = np.zeros(n_tastes)
    tastes[chosen] = rng.dirichlet(np.full(len(chosen), 2.0))
    return Viewer(
        tastes=tastes,
        favourite_year=float(rng.normal(1993.0, 10.0)),
        kindness=float(rng.normal(0.0, 0.25)),
        joined=int(START + (LAST_JOINED - START) * rng.random() ** 0.6),
        wanted=int(np.clip(rng.lognormal(3.25, 0.8), 5, 330)),
    )


@dataclass
class History:
    """What one viewer has seen so far, in the order seen."""

    world: World
    viewer: Viewer
    rng: np.random.Generator
    rows: list[int] = field(default_factory=list)
    """Rows of the films."""
    times: list[int] = field(default_factory=list)
    """Epoch seconds, never falling, a few of them equal."""

    def __post_init__(self) -> None:
        """Nothing is seen yet."""
        films = self.world.films
        self._unseen = np.ones(len(films), dtype=np.bool_)
        # Over a floor: a film of another age is never out of reach.
        self._leaning = 0.1 + self.viewer.nearness(films.years)
        self._clock = self.viewer.joined

    def fill(self) -> None:
        """Watch session after session until it is enough or the simulation ends."""
        while self._goes_on():
            self._session(self.rng.choice(len(self.viewer.tastes), p=self.viewer.tastes))
            self._clock += DAY + int(self.rng.exponential(25.0 * DAY))

    def _goes_on(self) -> bool:
        return len(self.rows) < self.viewer.wanted and self._clock < END

    def _session(self, taste: int) -> None:
        """A streak of films of one taste, series in their order, now and then a stray film."""
        last = -1
        while self._goes_on():
            row = self._next_part(last)
            if row < 0:
                row = self._draw(taste, last)
            if row < 0:
                return
            self._see(row)
            last = row
            if self.rng.random() < SESSION_ENDS:
                return

    def _open(self) -> NDArray[np.bool_]:
        """(n_films,), what can be watched now: out, and not seen yet."""
        return self._unseen & (self.world.released <= self._clock)

    def _next_part(self, row: int) -> int:
        """Row of the film that follows `row` in its series, where the viewer goes on with it, else -1."""
        sequel = int(self.world.films.sequel[row]) if row >= 0 else -1
        goes_on = sequel >= 0 and self._open()[sequel] and self.rng.random() < SERIES_ON
        return sequel if goes_on else -1

    def _draw(self, taste: int, last: int) -> int:
        """Row of a film of the taste that suits `last`; of any taste for a stray or if none is left; -1 if none is."""
        just_out = self._clock - self.world.released < 730 * DAY
        weights = self.world.popularity * self._leaning * np.where(just_out, 4.0, 1.0) * self._open()
        if last >= 0:
            weights = weights * self.world.kinship[last]
        in_taste = weights * self.world.films.belongs[:, taste]
        strays = self.rng.random() < STRAY or not in_taste.any()
        reached = np.cumsum(weights if strays else in_taste)
        if reached[-1] <= 0:
            return -1
        row = int(np.searchsorted(reached, self.rng.random() * reached[-1], side="right"))
        return self._first_part(row) if self.rng.random() < SERIES_ORDER else row

    def _first_part(self, row: int) -> int:
        """The earliest film of the same series that the viewer has not seen; `row` itself outside a series."""
        while (earlier := np.flatnonzero((self.world.films.sequel == row) & self._unseen)).size:
            row = int(earlier[0])
        return row

    def _see(self, row: int) -> None:
        self._unseen[row] = False
        self.rows.append(row)
        self.times.append(self._clock)
        if self.rng.random() >= TIE:
            self._clock += 7_200 + int(self.rng.exponential(DAY))
