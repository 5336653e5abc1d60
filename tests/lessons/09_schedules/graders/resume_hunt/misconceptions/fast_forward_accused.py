# diagnosis: resume_accused
astray = ["A", "D", "E", "F"]
