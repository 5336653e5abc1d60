# diagnosis: one_row_a_step
def merge_resumed(attempts):
    found = {row[1]: row for rows in attempts for row in rows}
    return [found[step] for step in sorted(found)]
