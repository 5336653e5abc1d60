# diagnosis: dictionary
misleading = {"A": True, "C": True, "F": True}
