"""Does what is to be done now and then: reads the contacts from Limbas anew, and links calls whose contact came late.

`queue` is where jobs are put, `worker` takes them, `schedule` sees to it that the next one is due, and `sync` is what
they do.
"""
