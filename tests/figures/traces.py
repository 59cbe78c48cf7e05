# SPDX-License-Identifier: Apache-2.0
"""Decisions again, from their stored traces alone: without the application, the policy of the day or the code of the rules."""

HOLDS = {
    "LESS": lambda value, threshold: value < threshold, "AT_MOST": lambda value, threshold: value <= threshold,
    "GREATER": lambda value, threshold: value > threshold, "AT_LEAST": lambda value, threshold: value >= threshold,
    "IS_TRUE": lambda value, threshold: value == 1, "IS_FALSE": lambda value, threshold: value == 0,
}
NONE = "PROGRAMME_UNSPECIFIED"


def income(trace):
    """A month's income of the household and of each member, fen, rounded down."""
    twelfths = sum(line["counted_fen"] * (12 // line["months"]) for line in trace["incomes"])
    members = sum(member["counted"] for member in trace["members"])
    month = max(twelfths, 0) // 12
    return members, month, month // members if members else 0


def eligible(tier, per_capita):
    """Every condition holds; those on the family's own income with the income of this trace."""
    return bool(tier["conditions"]) and all(
        HOLDS[condition["comparison"]](per_capita if condition["source"] == "income" else condition["value"],
                                       condition["threshold"]) for condition in tier["conditions"])


def amount(parts):
    base = max(parts["standard_fen"] * parts["persons"] - parts["income_fen"], 0)
    return base - parts["withheld_fen"] + parts["increment_fen"] + parts["care_fen"]


def recompute(trace):
    """(tiers whose conditions hold, in legal order; amount), or what does not follow."""
    members, month, per_capita = income(trace)
    if (members, month, per_capita) != (trace["counted_members"], trace["income_fen"], trace["income_per_capita_fen"]):
        return f"income of {members} members {month}, {per_capita} a head, but the trace says otherwise", 0
    tiers = [tier["programme"] for tier in trace["tiers"] if eligible(tier, per_capita)]
    return tiers, amount(trace["amount"]) if trace["amount"] else 0


def applications(house):
    """every decision on an application follows from its trace alone"""
    decided = house.query("SELECT id, outcome, amount_fen FROM relief.application WHERE state IN ('CONFIRMED', 'REFUSED')")
    for application, outcome, fen in decided:
        trace = house.call("clerk", "relief.ApplicationService/GetDecision", {"id": application})["trace"]
        tiers, again = recompute(trace)
        first = tiers[0] if tiers else NONE
        if (first, again) != (outcome, int(fen)):
            yield f"application {application}: {outcome} {fen}, but the trace gives {first} {again}"
    if len(decided) < 100:
        yield f"only {len(decided)} decisions"


def awards(house):
    """every version of a running award follows from its trace alone"""
    count = 0
    for award, programme in house.query("SELECT id, programme FROM relief.award WHERE programme IN ('DIBAO', 'TEKUN', 'EDGE')"):
        for version in house.call("clerk", "relief.AwardService/ListAwardTraces", {"award_id": award}):
            count += 1
            tiers, again = recompute(version["trace"])
            # An award goes on as what it is, where another tier would fit too.
            if programme not in tiers or again != version["amount_fen"]:
                yield f"award {award}.{version['version']}: {programme} {version['amount_fen']}, but the trace gives {tiers} {again}"
    if count < 100:
        yield f"only {count} traces"
