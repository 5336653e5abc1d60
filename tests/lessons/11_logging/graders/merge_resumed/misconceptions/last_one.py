# diagnosis: only_the_last_attempt
def merge_resumed(attempts):
    return sorted(attempts[-1], key=lambda row: row[1])
