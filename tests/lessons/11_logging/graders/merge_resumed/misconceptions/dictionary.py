# diagnosis: abandoned_steps_kept
def merge_resumed(attempts):
    found = {}
    for rows in attempts:
        for name, step, value in rows:
            found[name, step] = value
    return sorted(((name, step, value) for (name, step), value in found.items()), key=lambda row: row[1])
