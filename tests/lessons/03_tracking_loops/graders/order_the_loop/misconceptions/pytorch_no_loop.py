# track: pytorch
# diagnosis: missing_loop
# seen: the lines of one step, without the loop over the batches
order = ["D", "F", "E", "A", "C", "G"]
