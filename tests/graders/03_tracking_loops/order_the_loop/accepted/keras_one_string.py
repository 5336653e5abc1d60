# track: keras
order = "BDEFACG"
