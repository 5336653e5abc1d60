# diagnosis: chooser_thought_harmless
misleading = ["A", "D"]
