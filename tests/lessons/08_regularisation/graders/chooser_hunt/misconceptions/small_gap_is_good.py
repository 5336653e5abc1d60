# diagnosis: chooser_thought_harmless
# seen: a small gap is a sound run
misleading = ["A", "E"]
