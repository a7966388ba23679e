"""Network simplex for the transportation problem: a tree of shipments, pivoted until no arc is cheaper.

Nodes are warehouses ``0 .. W-1``, demand points ``W .. W+D-1``, one sink for what stays in the warehouses
(``W+D``) and a root that hangs the parts of the first tree together. Every arc leads from a warehouse to a
demand point; all exist, none is stored: reduced costs are read off the cost table in stripes.

The first tree takes the cheapest arcs first until supplies or demands run out. The arc that leaves is the
last blocking one in the direction of the cycle, seen from its apex. That keeps the tree strongly feasible: a
run of pivots that move nothing cannot repeat itself (Cunningham 1976, DOI 10.1007/BF01580379). Ahuja RK,
Magnanti TL, Orlin JB. Network Flows. Prentice Hall 1993, chapter 11.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fangxian.base.compiled import compiled

Integers = NDArray[np.int64]

_NONE = -1


class Tree(NamedTuple):
    """A spanning tree; an entry a node, the root last.

    ``upward`` says that the arc between a node and its parent leads to the parent. ``flow`` is what that arc
    carries. Children are lists by first child and siblings; ``stack`` is room to walk in.
    """

    parent: Integers
    flow: Integers
    upward: NDArray[np.bool_]
    price: Integers
    depth: Integers
    first_child: Integers
    next_sibling: Integers
    previous_sibling: Integers
    stack: Integers


@compiled()
def _attach(tree: Tree, child: int, parent: int) -> None:
    head = tree.first_child[parent]
    tree.next_sibling[child] = head
    tree.previous_sibling[child] = _NONE
    if head != _NONE:
        tree.previous_sibling[head] = child
    tree.first_child[parent] = child


@compiled()
def _detach(tree: Tree, child: int) -> None:
    before, after = tree.previous_sibling[child], tree.next_sibling[child]
    if before == _NONE:
        tree.first_child[tree.parent[child]] = after
    else:
        tree.next_sibling[before] = after
    if after != _NONE:
        tree.previous_sibling[after] = before


@compiled()
def _make_tree(parent: Integers, flow: Integers, cost: Integers) -> Tree:
    nodes, warehouses = parent.shape[0], cost.shape[1]
    root = nodes - 1
    tree = Tree(
        parent,
        flow,
        np.zeros(nodes, np.bool_),
        np.zeros(nodes, np.int64),
        np.zeros(nodes, np.int64),
        np.full(nodes, _NONE, np.int64),
        np.full(nodes, _NONE, np.int64),
        np.full(nodes, _NONE, np.int64),
        np.empty(nodes, np.int64),
    )
    for node in range(root):
        # An arc to the root leads up from either side; otherwise a warehouse's leads up, a point's down.
        tree.upward[node] = node < warehouses or parent[node] == root
        _attach(tree, node, parent[node])
    top = 1
    tree.stack[0] = root
    while top:
        top -= 1
        node = tree.stack[top]
        child = tree.first_child[node]
        while child != _NONE:
            tree.depth[child] = tree.depth[node] + 1
            if node != root and child < warehouses:
                tree.price[child] = tree.price[node] - cost[node - warehouses, child]
            elif node != root:
                tree.price[child] = tree.price[node] + cost[child - warehouses, node]
            tree.stack[top] = child
            top += 1
            child = tree.next_sibling[child]
    return tree


@compiled()
def _best_in_row(cost_row: Integers, price: Integers) -> tuple[int, int]:
    best = cost_row[0] + price[0]
    for warehouse in range(1, cost_row.shape[0]):  # a plain minimum is what the compiler makes wide
        best = min(best, cost_row[warehouse] + price[warehouse])
    for warehouse in range(cost_row.shape[0]):
        if cost_row[warehouse] + price[warehouse] == best:
            return best, warehouse
    return best, 0


@compiled()
def _entering(cost: Integers, price: Integers, start: int, stripe: int) -> tuple[int, int, int, int]:
    """Return (reduced cost, warehouse, node, next start) of the best arc of the first stripe with one."""
    rows, warehouses = cost.shape
    best, best_warehouse, best_node = 0, _NONE, _NONE
    for step in range(rows):
        row = (start + step) % rows
        least, warehouse = _best_in_row(cost[row], price[:warehouses])
        reduced = least - price[warehouses + row]
        if reduced < best:
            best, best_warehouse, best_node = reduced, warehouse, warehouses + row
        if step + 1 >= stripe and best_node != _NONE:
            return best, best_warehouse, best_node, (row + 1) % rows
    return best, best_warehouse, best_node, start


@compiled()
def _apex(tree: Tree, one: int, other: int) -> int:
    while one != other:
        if tree.depth[one] >= tree.depth[other]:
            one = tree.parent[one]
        else:
            other = tree.parent[other]
    return one


@compiled()
def _leaving(tree: Tree, warehouse: int, demand_node: int, apex: int) -> tuple[int, int, bool]:
    """Return (amount that can go round, node below the blocking arc, whether on the warehouse's side)."""
    amount, leaving, on_warehouse_side = 2**62, _NONE, True
    node = warehouse
    while node != apex:
        if tree.upward[node] and tree.flow[node] < amount:
            amount, leaving = tree.flow[node], node
        node = tree.parent[node]
    node = demand_node
    while node != apex:
        if not tree.upward[node] and tree.flow[node] <= amount:
            amount, leaving, on_warehouse_side = tree.flow[node], node, False
        node = tree.parent[node]
    return amount, leaving, on_warehouse_side


@compiled()
def _push(tree: Tree, warehouse: int, demand_node: int, apex: int, amount: int) -> None:
    node = warehouse
    while node != apex:
        tree.flow[node] += -amount if tree.upward[node] else amount
        node = tree.parent[node]
    node = demand_node
    while node != apex:
        tree.flow[node] += amount if tree.upward[node] else -amount
        node = tree.parent[node]


@compiled()
def _hang_again(tree: Tree, below: int, above: int, leaving: int, amount: int) -> None:
    """Turn the arcs from ``below`` up to ``leaving`` round, and hang ``below`` under ``above``."""
    node, new_parent, new_flow = below, above, amount
    new_upward = below < above  # the entering arc leads from the warehouse, whose number is the smaller
    while True:
        old_parent, old_flow, old_upward = tree.parent[node], tree.flow[node], tree.upward[node]
        _detach(tree, node)
        tree.parent[node], tree.flow[node], tree.upward[node] = new_parent, new_flow, new_upward
        _attach(tree, node, new_parent)
        if node == leaving:
            return
        new_parent, new_flow, new_upward = node, old_flow, not old_upward
        node = old_parent


@compiled()
def _shift(tree: Tree, below: int, change: int) -> None:
    """Add to the prices of a part of the tree, and count its depths anew."""
    top = 1
    tree.stack[0] = below
    while top:
        top -= 1
        node = tree.stack[top]
        tree.price[node] += change
        tree.depth[node] = tree.depth[tree.parent[node]] + 1
        child = tree.first_child[node]
        while child != _NONE:
            tree.stack[top] = child
            top += 1
            child = tree.next_sibling[child]


@compiled()
def pivot_to_optimum(cost: Integers, parent: Integers, flow: Integers, stripe: int) -> tuple[Integers, int]:
    """Pivot until no arc has a negative reduced cost.

    Parameters
    ----------
    cost : int64[D+1, W]
        Cost of a unit by demand point and warehouse; the last row is the sink's.
    parent : int64[N]
        Tree by parent, ``N = W + D + 2``; the root is last and has parent ``-1``. Changed in place.
    flow : int64[N]
        What the arc between a node and its parent carries. Changed in place.
    stripe : int
        Demand points looked at before the best arc seen enters.

    Returns
    -------
    tuple of int64[N] and int
        Prices with ``cost[d, w] + price[w] - price[W + d] >= 0`` everywhere and 0 on the tree; pivots made.
    """
    tree = _make_tree(parent, flow, cost)
    pivots, start = 0, 0
    while True:
        reduced, warehouse, demand_node, start = _entering(cost, tree.price, start, stripe)
        if demand_node == _NONE:
            return tree.price, pivots
        pivots += 1
        apex = _apex(tree, warehouse, demand_node)
        amount, leaving, on_warehouse_side = _leaving(tree, warehouse, demand_node, apex)
        if amount:
            _push(tree, warehouse, demand_node, apex, amount)
        if on_warehouse_side:
            _hang_again(tree, warehouse, demand_node, leaving, amount)
            _shift(tree, warehouse, -reduced)
        else:
            _hang_again(tree, demand_node, warehouse, leaving, amount)
            _shift(tree, demand_node, reduced)


@compiled()
def hang_tree(
    point: Integers, warehouse: Integers, carried: Integers, points: int, warehouses: int
) -> tuple[Integers, Integers]:
    """Return the tree of shipments by parents, and what the arc to each node's parent carries.

    Parameters
    ----------
    point, warehouse, carried : int64[S]
        Shipments; the sink is the last point.
    points, warehouses : int
        How many there are, the sink included.

    Returns
    -------
    tuple of int64[N] and int64[N]
        Each part of the forest hangs from the root, the last node, by its first node.
    """
    root = warehouses + points
    first = np.zeros(root + 2, np.int64)
    for arc in range(point.shape[0]):
        first[warehouse[arc] + 1] += 1
        first[warehouses + point[arc] + 1] += 1
    first = np.cumsum(first)
    filled, arcs = first.copy(), np.empty(2 * point.shape[0], np.int64)
    for arc in range(point.shape[0]):
        for node in (warehouse[arc], warehouses + point[arc]):
            arcs[filled[node]] = arc
            filled[node] += 1
    parent, flow = np.full(root + 1, _NONE, np.int64), np.zeros(root + 1, np.int64)
    queue = np.empty(root + 1, np.int64)
    for top in range(root):
        if parent[top] != _NONE:
            continue
        parent[top] = root
        queue[0] = top
        head, tail = 0, 1
        while head < tail:
            node = queue[head]
            head += 1
            for place in range(first[node], first[node + 1]):
                arc = arcs[place]
                other = warehouses + point[arc] if node < warehouses else warehouse[arc]
                if parent[other] == _NONE:
                    parent[other], flow[other] = node, carried[arc]
                    queue[tail] = other
                    tail += 1
    return parent, flow


@compiled()
def lowest_reduced(cost: Integers, price: Integers) -> int:
    """Return the least reduced cost of all arcs between warehouses and demand points.

    Parameters
    ----------
    cost : int64[D+1, W]
        As in :func:`pivot_to_optimum`; the sink's row is not looked at.
    price : int64[N]
        That it returned.

    Returns
    -------
    int
        Not negative if the prices prove an optimum.
    """
    points, warehouses = cost.shape[0] - 1, cost.shape[1]
    lowest = 2**62
    for row in range(points):
        least = 2**62
        for warehouse in range(warehouses):
            least = min(least, cost[row, warehouse] + price[warehouse])
        lowest = min(lowest, least - price[warehouses + row])
    return lowest


@compiled()
def first_tree(
    order: Integers, supply: Integers, demand: Integers, arc_flow: Integers
) -> tuple[Integers, Integers]:
    """Ship along arcs in the order given; return what is left of each supply and each demand.

    Parameters
    ----------
    order : int64[K]
        Arcs as ``demand * W + warehouse``, the cheapest first. Need not hold every arc.
    supply, demand : int64[W], int64[D]
        Amounts; not changed.
    arc_flow : int64[K]
        Written: what each of ``order`` carries.

    Returns
    -------
    tuple of int64[W] and int64[D]
        What remains. Each shipment empties a supply or fills a demand, so the arcs used form a forest.
    """
    warehouses = supply.shape[0]
    left, wanted = supply.copy(), demand.copy()
    for place in range(order.shape[0]):
        where = order[place] // warehouses
        warehouse = order[place] - where * warehouses
        amount = min(left[warehouse], wanted[where])
        arc_flow[place] = amount
        left[warehouse] -= amount
        wanted[where] -= amount
    return left, wanted
