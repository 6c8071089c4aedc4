"""Brings every call into Limbas: one record each, at its newest state, linked to the contact that it is surely from.

`record` says what a call's record should be, `ledger` keeps the newest that is known of each call and who works on it,
`reconcile` makes Limbas agree.
"""
