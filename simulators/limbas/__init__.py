"""A Limbas server's `main_soap.php`, as real servers were recorded to behave, with a small sample business in it.

`python -m simulators.limbas --help` runs it as a process of its own; `server.LimbasSimulator` inside another one.
`control` lists what `/_simulator/…` can be asked, `faults` what can go wrong.
"""
