# diagnosis: resume_accused
astray = ["A", "C", "D", "F"]
