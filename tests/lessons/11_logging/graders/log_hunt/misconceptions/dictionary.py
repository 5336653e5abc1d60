# diagnosis: dictionary
misleading = {"A": True, "D": True, "E": True}
