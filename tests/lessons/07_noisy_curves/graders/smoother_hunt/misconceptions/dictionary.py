# diagnosis: dictionary
misleading = {"A": False, "B": True, "C": True, "D": False, "E": True, "F": False}
