# SPDX-License-Identifier: Apache-2.0
"""Figures against sums that were written without knowing how the services make them."""
import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

# Printed with the unit behind it: how much one of it is. Fen for money, hundredths for a share.
UNITS = {"亿元": 10 ** 10, "万元": 10 ** 6, "元": 100, "万": 10 ** 4, "": 1, "%": Decimal("0.01")}
ROUNDED_DOWN = {"12.benefits", "12.persons"}  # 余


def independent(house):
    return {row[0]: tuple(int(text) if text else None for text in row[1:]) for row in house.file("independent.sql")}


def all_figures(house):
    """every figure equals an independent sum over the tables"""
    summed, told = independent(house), house.figures()
    for figure in sorted(summed.keys() | told.keys()):
        if summed.get(figure) != told.get(figure):
            yield f"{figure}: summed {summed.get(figure)}, told {told.get(figure)}"


def printed(house):
    """what is printed is the sum, rounded half up, or down before 余"""
    summed = independent(house)
    figures = house.report()
    if len(figures) < 30:
        yield f"only {len(figures)} figures are printed"
    for figure, told in figures.items():
        m = re.fullmatch(r"(\d+(?:\.(\d+))?)(亿元|万元|元|万|%|)", told["printed"])
        if not m:
            continue  # words, such as 双增长
        value, numerator, denominator = summed[figure]
        exact = Decimal(numerator) / denominator if denominator else Decimal(value)
        unit = Decimal(1).scaleb(-len(m.group(2) or ""))
        rounding = ROUND_DOWN if figure in ROUNDED_DOWN else ROUND_HALF_UP
        expected = (exact / UNITS[m.group(3)]).quantize(unit, rounding=rounding)
        if Decimal(m.group(1)) != expected:
            yield f"{figure}: printed {told['printed']}, expected {expected}"


def ledgers(house):
    """the entitlement ledger and the payment ledger agree"""
    for row in house.file("ledgers.sql"):
        yield row[0]
