"""Money divided to the penny: the one rule of the house, for a mediator's fee and for what partners pay into a budget."""

from collections.abc import Sequence
from fractions import Fraction


def shares(pence: int, parties: int) -> list[int]:
    """A sum in equal shares, in pence: odd pence go one each to the first, in the order in which the parties are named."""
    if parties < 1:
        raise ValueError("A sum is shared among at least one party.")
    return shares_by(pence, [1] * parties)


def shares_by(pence: int, weights: Sequence) -> list[int]:
    """A sum in shares as large as their weights, in pence: whole pence first, then odd pence one each in the order named.

    Weights are numbers that are exact, such as `Decimal`; a party of no weight pays nothing. Raises ValueError where there
    is nothing to share by, or less than nothing to share.
    """
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact)
    if pence < 0 or whole <= 0 or min(exact) < 0:
        raise ValueError("A sum is shared by weights that are not all nothing, and nothing here is less than nothing.")
    found = [int(pence * weight / whole) for weight in exact]
    odd = pence - sum(found)
    for place, weight in enumerate(exact):
        if weight and odd:
            found[place] += 1
            odd -= 1
    return found
