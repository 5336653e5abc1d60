"""What an instructor runs: grading, feedback, regrading, export, reports."""
