# diagnosis: accuracy


def cross_entropy_from_logits(logits, targets):
    return float((logits.argmax(1) == targets).mean())
