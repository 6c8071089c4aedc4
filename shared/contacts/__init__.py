"""The people and companies in Limbas by their numbers: read by the job that syncs them, asked by matcher.

`reading` makes contacts of Limbas' records, `index` keeps them by number in Redis.
"""
