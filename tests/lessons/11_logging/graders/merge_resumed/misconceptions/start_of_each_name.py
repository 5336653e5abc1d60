# diagnosis: start_for_each_name
def merge_resumed(attempts):
    kept = []
    for rows in attempts:
        for name in {row[0] for row in rows}:
            start = min(row[1] for row in rows if row[0] == name)
            kept = [row for row in kept if row[0] != name or row[1] < start]
        kept = kept + list(rows)
    return sorted(kept, key=lambda row: row[1])
