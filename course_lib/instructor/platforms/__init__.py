"""What learning platforms hand out and take: downloads of submissions, rosters, and uploads of feedback."""
