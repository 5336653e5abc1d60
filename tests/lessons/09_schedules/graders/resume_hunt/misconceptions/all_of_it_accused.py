# diagnosis: resume_accused
astray = ["A", "B", "D", "F"]
