# diagnosis: first_attempt_wins
def merge_resumed(attempts):
    found = {}
    for rows in attempts:
        for name, step, value in rows:
            found.setdefault((name, step), (name, step, value))
    return sorted(found.values(), key=lambda row: row[1])
