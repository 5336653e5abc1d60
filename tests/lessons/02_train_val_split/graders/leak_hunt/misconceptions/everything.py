# diagnosis: stratifying_accused
leaks = list("ABCDEF")
