"""Grading a class: pre-flight, a sandbox for each notebook, warm kernels, one writer, nothing lost."""
