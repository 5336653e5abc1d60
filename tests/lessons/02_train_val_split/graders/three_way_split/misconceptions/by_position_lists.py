# diagnosis: by_position
def three_way_split(n_rows, val_rows, test_rows, seed):
    return (list(range(val_rows + test_rows, n_rows)), list(range(val_rows)),
            list(range(val_rows, val_rows + test_rows)))
