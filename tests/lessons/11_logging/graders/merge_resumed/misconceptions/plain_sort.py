# diagnosis: sorted_by_name
def merge_resumed(attempts):
    kept = []
    for rows in attempts:
        if rows:
            start = min(row[1] for row in rows)
            kept = [row for row in kept if row[1] < start] + list(rows)
    return sorted(kept)
