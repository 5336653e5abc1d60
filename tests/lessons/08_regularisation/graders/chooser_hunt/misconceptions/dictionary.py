# diagnosis: dictionary
misleading = {"A": True, "B": False, "C": False, "D": True, "E": True, "F": False}
