from decimal import Decimal as D


def cross_entropy_from_logits(logits, targets):
    tot = D(0)
    for z, t in zip(logits, targets):
        ez = [D(float(v)).exp() for v in z]
        tot += -(ez[int(t)] / sum(ez)).ln()
    return float(tot / len(logits))
