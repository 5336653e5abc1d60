"""Proving every check: a bank of right and wrong answers, and faults planted in the solutions."""
