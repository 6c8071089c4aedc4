"""`/api`: the calls over HTTP, for the page, for Limbas, and for programs of others.

`routes` has the addresses and `models` what goes in and out; `openapi` describes both. `paging` and `search` choose
among the calls of the process's history, and `contact` takes a person's word for who it was.
"""
