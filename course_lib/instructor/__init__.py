"""The instructor's half: building, proving graders, grading, exporting. Never in a learner's bundle."""
