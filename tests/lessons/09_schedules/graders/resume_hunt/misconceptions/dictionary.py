# diagnosis: dictionary
astray = {"A": True, "D": True, "F": True}
