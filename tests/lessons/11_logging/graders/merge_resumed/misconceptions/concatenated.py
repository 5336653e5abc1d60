# diagnosis: both_attempts_kept
def merge_resumed(attempts):
    return sorted((row for rows in attempts for row in rows), key=lambda row: row[1])
