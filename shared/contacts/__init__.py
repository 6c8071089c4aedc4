"""The people and companies in Limbas by their numbers: read by the job that syncs them, asked by matcher.

`reading` makes contacts of Limbas' records, and `main_numbers` says which numbers are a company's. `index` keeps them
in Redis, `packing` how small; `lookup` is the one question that finds pins, contacts and the phonebook.
"""
