# diagnosis: first_written_for_start
def merge_resumed(attempts):
    kept = []
    for rows in attempts:
        if rows:
            start = rows[0][1]
            kept = [row for row in kept if row[1] < start] + list(rows)
    return sorted(kept, key=lambda row: row[1])
