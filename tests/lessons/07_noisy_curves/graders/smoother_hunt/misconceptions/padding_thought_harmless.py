# diagnosis: smoother_thought_harmless
misleading = ["B", "E"]
