# diagnosis: smoother_thought_harmless
misleading = ["C", "E"]
