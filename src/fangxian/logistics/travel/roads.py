"""Roads between places, and how long it takes from some places to others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Roads:
    """Roads that are open both ways.

    Parameters
    ----------
    places : int
        Number of places; ends are numbered below it.
    first, second : int64[E]
        The two ends.
    hours : float64[E]
        Time from one end to the other; above 0.
    km : float64[E]
        Length; above 0.

    Raises
    ------
    ValueError
        When lengths differ, an end is no place, or an hour or a kilometre is not above 0.
    """

    places: int
    first: Integers
    second: Integers
    hours: Floats
    km: Floats

    def __post_init__(self) -> None:
        """Check shapes, ends and signs."""
        shapes = {each.shape for each in (self.first, self.second, self.hours, self.km)}
        if len(shapes) != 1:
            raise ValueError(f"roads need two ends, hours and km each (got {shapes}); align the columns")
        if self.first.size == 0:
            return
        ends = np.stack([self.first, self.second])
        if ends.min() < 0 or ends.max() >= self.places:
            raise ValueError(
                f"ends of roads must be 0 to {self.places - 1} (got {ends.min()} to {ends.max()}); "
                "number the places first"
            )
        for name, values in (("hours", self.hours), ("km", self.km)):
            if not (np.isfinite(values).all() and values.min() > 0):
                raise ValueError(
                    f"{name} of a road must be above 0 and finite (got {values.min()}); "
                    "leave out closed roads"
                )

    def parts(self) -> Integers:
        """Return int64[places]: places of one number are joined by roads, others are cut off from them."""
        label: Integers = connected_components(self._graph(self.km), directed=False)[1].astype(np.int64)
        return label

    def travel(self, sources: Integers, targets: Integers) -> tuple[Floats, Floats]:
        """Return hours along the fastest and kilometres along the shortest way.

        Parameters
        ----------
        sources, targets : int64[S], int64[T]
            Places; each may be named more than once.

        Returns
        -------
        tuple of float64[S, T]
            Hours and kilometres; infinite where no road leads.
        """
        starts, back = np.unique(sources, return_inverse=True)
        found = []
        for weight in (self.hours, self.km):
            graph = self._graph(weight)
            table = np.empty((starts.shape[0], targets.shape[0]))
            for begin in range(0, starts.shape[0], 64):  # a slice at a time: all places x all starts is large
                part = slice(begin, begin + 64)
                table[part] = dijkstra(graph, directed=False, indices=starts[part])[:, targets]
            found.append(table[back])
        return found[0], found[1]

    def _graph(self, weight: Floats) -> csr_array:
        # Of two roads between the same places the shorter counts; a sparse matrix would add them up.
        ends = np.sort(np.stack([self.first, self.second]), axis=0)
        order = np.lexsort((weight, ends[1], ends[0]))
        low, high, length = ends[0][order], ends[1][order], weight[order]
        kept = np.ones(order.shape[0], np.bool_)
        kept[1:] = (np.diff(low) != 0) | (np.diff(high) != 0)
        kept &= low != high
        return coo_array((length[kept], (low[kept], high[kept])), (self.places, self.places)).tocsr()
