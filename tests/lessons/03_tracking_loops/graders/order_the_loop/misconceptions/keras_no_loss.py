# track: keras
# diagnosis: missing_loss
# seen: the outputs are taken for what is differentiated
order = ["B", "D", "E", "A", "C", "G"]
