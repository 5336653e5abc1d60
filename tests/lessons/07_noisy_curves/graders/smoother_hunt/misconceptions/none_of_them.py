# diagnosis: smoother_thought_harmless
misleading = []
