"""Which batch each shipment is taken from: of one shelf life, the one that ends first leaves first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fangxian.logistics.allocation.shipping import Shipping
from fangxian.logistics.allocation.stocks import Stocks
from fangxian.logistics.allocation.supplies import SupplyProblem

Integers = NDArray[np.int64]


def batch_lines(problem: SupplyProblem, stocks: Stocks, shipping: Shipping) -> Integers:
    """Split shipments by batch.

    Parameters
    ----------
    problem : SupplyProblem
    stocks : Stocks
    shipping : Shipping
        From these stocks.

    Returns
    -------
    int64[3, L]
        Batch, need and units of each line, by warehouse and shelf life, then by need.
    """
    batches = problem.batches
    order = np.lexsort((batches.expires_days[stocks.batch], stocks.batch_row))
    order = order[stocks.batch_row[order] >= 0]
    batch, row = stocks.batch[order], stocks.batch_row[order]
    held = batches.quantity[batch]
    sequence = np.lexsort((shipping.need, shipping.row))
    sent_row, sent = shipping.row[sequence], shipping.amount[sequence]
    # Both sides of a row are laid end to end; a line is a stretch between two neighbouring ends.
    batch_end = _ends(row, held)
    sent_end = _ends(sent_row, sent)
    rows = np.concatenate([row, sent_row])
    ends = np.concatenate([batch_end, sent_end])
    cuts = np.unique(np.stack([rows, ends], axis=1), axis=0)
    start = np.where(np.diff(cuts[:, 0], prepend=-1) != 0, 0, np.roll(cuts[:, 1], 1))
    width = int(ends.max(initial=0)) + 1
    from_batch = np.searchsorted(row * width + batch_end, cuts[:, 0] * width + start, side="right")
    to_need = np.searchsorted(sent_row * width + sent_end, cuts[:, 0] * width + start, side="right")
    units = cuts[:, 1] - start
    known = (units > 0) & (to_need < sent_row.size)
    known[known] = sent_row[to_need[known]] == cuts[known, 0]
    return np.stack([batch[from_batch[known]], shipping.need[sequence][to_need[known]], units[known]])


def _ends(row: Integers, units: Integers) -> Integers:
    """Return running totals that begin anew with each row; rows stand together."""
    total = np.cumsum(units)
    first = np.searchsorted(row, row, side="left")
    return total - (total - units)[first] if row.size else total
