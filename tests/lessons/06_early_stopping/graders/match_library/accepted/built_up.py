# seen: built up key by key
matches = {}
for letter, patience in (("A", max(0, 1)), ("B", 3), ("C", 3 + 1), ("D", 2)):
    matches[letter] = {"min_delta": 0.05 if letter in "BD" else 0.0, "patience": patience}
