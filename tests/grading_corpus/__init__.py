"""Difficult submissions: accidents and attacks, each with what must come of it."""
