# track: keras
order = list("bdefacg")
