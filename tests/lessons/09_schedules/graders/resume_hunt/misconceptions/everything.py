# diagnosis: resume_accused
astray = list("ABCDEF")
