"""Where boxes and arrows go: a layered layout.

Ranks by the longest way from the inputs; long arrows get a place of their own in each rank they
cross, so that they pass between boxes, not through them; the order within a rank by barycentres
(Sugiyama, Tagawa, Toda 1981); positions across by least squares that keep a distance.

All coordinates here are `across` (within a rank) and `along` (from rank to rank), whichever way the
picture will be turned.
"""

from __future__ import annotations

import dataclasses
import itertools

_RANK_GAP = 34.0
_BOX_GAP = 22.0
_ARROW_GAP = 14.0
_HEAD_GAP = 14.0
_ORDER_SWEEPS = 12
_POSITION_SWEEPS = 160


@dataclasses.dataclass
class Slot:
    """A place in a rank: that of a box, or one where a long arrow passes."""

    box: int | None
    rank: int
    across_size: float
    along_size: float
    across: float = 0.0
    along: float = 0.0
    rank_begin: float = 0.0
    rank_end: float = 0.0
    before: list[int] = dataclasses.field(default_factory=list)
    after: list[int] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Layout:
    """Centres of the boxes, points of the arrows, and the size of it all.

    An arrow's points come in pairs. Within a pair it runs straight, through its place in a rank;
    from pair to pair it may bend, for there it is between two ranks.
    """

    centres: list[tuple[float, float]]
    arrows: list[list[tuple[float, float]]]
    across: float
    along: float


def lay_out(sizes: list[tuple[float, float]], edges: list[tuple[int, int]]) -> Layout:
    """Place boxes of these sizes (across, along) and the arrows between them.

    Args:
        sizes: of the boxes.
        edges: pairs of positions in `sizes`. Arrows that lead back are allowed.
    """
    forward = [tuple(sorted(edge)) for edge in edges if edge[0] != edge[1]]
    ranks = _ranks(len(sizes), forward)
    slots = [Slot(i, ranks[i], *size) for i, size in enumerate(sizes)]
    chains = [_chain(slots, *edge) for edge in forward]
    rows: list[list[int]] = [[] for _ in range(max(ranks, default=0) + 1)]
    for i, slot in enumerate(slots):
        rows[slot.rank].append(i)
    rows = _ordered(rows, slots)
    _place_across(rows, slots)
    along = _place_along(rows, slots)
    across = max((s.across + s.across_size / 2 for s in slots), default=0.0)
    paths = {edge: _path(chain, slots) for edge, chain in zip(forward, chains, strict=True)}
    arrows = []
    for source, target in edges:
        if source == target:
            arrows.append(_loop(slots[source]))
        elif source > target:
            arrows.append(paths[target, source][::-1])
        else:
            arrows.append(paths[source, target])
    loops = [p[0] for (a, b), arrow in zip(edges, arrows, strict=True) if a == b for p in arrow]
    centres = [(slots[i].across, slots[i].along) for i in range(len(sizes))]
    return Layout(centres, arrows, max([across, *loops]), along)


def _ranks(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """Return the rank of each box; every edge leads to a higher position, so one pass is enough."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    ranks = [0] * count
    for i in range(count):
        ranks[i] = max((ranks[j] + 1 for j in before[i]), default=0)
    for i in reversed(range(count)):
        # What nothing leads to stands right above what it leads to: arrows stay short.
        if not before[i] and after[i]:
            ranks[i] = min(ranks[j] for j in after[i]) - 1
    if not edges:
        return list(range(count))  # nothing is connected: one under another
    return ranks


def _chain(slots: list[Slot], source: int, target: int) -> list[int]:
    """Connect two boxes through a slot of its own in each rank between them."""
    chain = [source]
    for rank in range(slots[source].rank + 1, slots[target].rank):
        slots.append(Slot(None, rank, 0.0, 0.0))
        chain.append(len(slots) - 1)
    chain.append(target)
    for a, b in itertools.pairwise(chain):
        slots[a].after.append(b)
        slots[b].before.append(a)
    return chain


# -- order within ranks --------------------------------------------------------------------------


def _ordered(rows: list[list[int]], slots: list[Slot]) -> list[list[int]]:
    """Return the ranks in an order with few crossings."""
    best, fewest = rows, _crossings(rows, slots)
    for sweep in range(_ORDER_SWEEPS):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        rows = [list(row) for row in rows]
        order = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for r in order:
            fixed = {slot: i for i, slot in enumerate(rows[r - 1 if down else r + 1])}
            here = {slot: i for i, slot in enumerate(rows[r])}

            def centre(slot, fixed=fixed, here=here, down=down):
                near = slots[slot].before if down else slots[slot].after
                places = [fixed[n] for n in near]
                return sum(places) / len(places) if places else here[slot]

            rows[r].sort(key=centre)
        crossings = _crossings(rows, slots)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _crossings(rows: list[list[int]], slots: list[Slot]) -> int:
    count = 0
    for upper, lower in itertools.pairwise(rows):
        place = {slot: i for i, slot in enumerate(lower)}
        ends = [place[n] for slot in upper for n in sorted(slots[slot].after, key=place.get)]
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count


# -- coordinates ---------------------------------------------------------------------------------


def _place_across(rows: list[list[int]], slots: list[Slot]) -> None:
    """Draw each slot towards its neighbours, those of long arrows most, keeping distances."""
    for row in rows:
        edge = 0.0
        for slot in row:
            slots[slot].across = edge + slots[slot].across_size / 2
            edge += slots[slot].across_size + _BOX_GAP
    for sweep in range(_POSITION_SWEEPS):
        order = rows if sweep % 2 == 0 else rows[::-1]
        # First along the arrows, so that everything moves far; then to where both sides pull.
        side = "both" if sweep >= _POSITION_SWEEPS // 4 else ("before", "after")[sweep % 2]
        for row in order:
            _settle(row, slots, side)
    left = min((s.across - s.across_size / 2 for s in slots), default=0.0)
    for slot in slots:
        slot.across -= left


def _settle(row: list[int], slots: list[Slot], side: str) -> None:
    wanted, weights = [], []
    for i in row:
        slot = slots[i]
        near = slot.before + slot.after if side == "both" else getattr(slot, side)
        pulls = [(slots[n].across, _pull(slot, slots[n])) for n in near]
        total = sum(w for _, w in pulls)
        wanted.append(sum(x * w for x, w in pulls) / total if total else slot.across)
        # A slot that nothing pulls gives way.
        weights.append(total if total else 0.01)
    gaps = [_distance(slots[a], slots[b]) for a, b in itertools.pairwise(row)]
    for i, across in zip(row, keep_distances(wanted, weights, gaps), strict=True):
        slots[i].across = across


def _pull(a: Slot, b: Slot) -> float:
    """Return how strongly two connected slots are drawn together: chains are to stay straight."""
    upper, lower = (a, b) if a.rank < b.rank else (b, a)
    only_link = len(upper.after) == 1 and len(lower.before) == 1
    passing = (a.box is None) + (b.box is None)
    return (20.0 if only_link else 1.0) * (1.0, 2.0, 8.0)[passing]


def _distance(a: Slot, b: Slot) -> float:
    gap = _BOX_GAP if a.box is not None and b.box is not None else _ARROW_GAP
    return (a.across_size + b.across_size) / 2 + gap


def keep_distances(wanted: list[float], weights: list[float], gaps: list[float]) -> list[float]:
    """Return the positions nearest to `wanted` (weighted least squares) that are `gaps` apart.

    Less the summed gaps the positions must not decrease: an isotonic regression, solved by pooling
    adjacent violators.
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[list[float]] = []  # mean, weight, count
    for x, weight, offset in zip(wanted, weights, offsets, strict=False):
        pools.append([x - offset, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, weight_b, count = pools.pop()
            total = pools[-1][1] + weight_b
            pools[-1][0] = (pools[-1][0] * pools[-1][1] + mean * weight_b) / total
            pools[-1][1], pools[-1][2] = total, pools[-1][2] + count
    means = [mean for mean, _, count in pools for _ in range(int(count))]
    return [mean + offset for mean, offset in zip(means, offsets, strict=False)]


def _place_along(rows: list[list[int]], slots: list[Slot]) -> float:
    """Put the ranks one after another, farther apart where arrows run far across."""
    edge = end = 0.0
    for row in rows:
        size = max((slots[i].along_size for i in row), default=0.0)
        for i in row:
            slots[i].along = edge + slots[i].along_size / 2
            slots[i].rank_begin, slots[i].rank_end = edge, edge + size
        end = edge + size
        runs = [abs(slots[i].across - slots[j].across) for i in row for j in slots[i].after]
        edge = end + _RANK_GAP + min(max(runs, default=0.0) / 10, _RANK_GAP)
    return end


# -- arrows --------------------------------------------------------------------------------------


def _path(chain: list[int], slots: list[Slot]) -> list[tuple[float, float]]:
    """Return the points from the end of the first box to the beginning of the last."""
    first, *between, last = (slots[i] for i in chain)
    points = [
        (first.across, first.along + first.along_size / 2), (first.across, first.rank_end)
    ]  # fmt: skip
    for slot in between:
        points += [(slot.across, slot.rank_begin), (slot.across, slot.rank_end)]
    arrival = _arrival(last, chain[-2], slots)
    return [*points, (arrival, last.rank_begin), (arrival, last.along - last.along_size / 2)]


def _arrival(box: Slot, comes_from: int, slots: list[Slot]) -> float:
    """Return where on its edge an arrow meets a box: arrows arrive side by side."""
    arriving = sorted(box.before, key=lambda i: slots[i].across)
    step = min(_HEAD_GAP, 0.8 * box.across_size / len(arriving))
    return box.across + step * (arriving.index(comes_from) - (len(arriving) - 1) / 2)


def _loop(slot: Slot) -> list[tuple[float, float]]:
    """Return the points of an arrow from a box back to itself, beside it."""
    side = slot.across + slot.across_size / 2
    reach = slot.along_size / 4
    return [
        (side, slot.along + reach), (side + 16, slot.along + reach),
        (side + 16, slot.along - reach), (side, slot.along - reach),
    ]  # fmt: skip
