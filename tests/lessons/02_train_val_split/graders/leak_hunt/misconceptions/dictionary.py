# diagnosis: dictionary
# seen: a verdict for each letter
leaks = {"A": False, "B": True, "C": True, "D": False, "E": False, "F": True}
