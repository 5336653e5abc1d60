# diagnosis: resume_thought_harmless
astray = []
