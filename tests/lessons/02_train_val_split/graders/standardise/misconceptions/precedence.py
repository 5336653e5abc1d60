# diagnosis: precedence
# seen: parentheses forgotten


def standardise(train, val):
    m, s = train.mean(0), train.std(0)
    s[s == 0] = 1
    return train - m / s, val - m / s
