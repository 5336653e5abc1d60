# diagnosis: unknown_letter
# seen: the word before each letter
leaks = ["pipeline B", "pipeline C", "pipeline F"]
