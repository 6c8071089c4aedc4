"""Says who is calling: the other side's number, looked up among the contacts that Limbas holds.

`contacts` reads them from Limbas, `index` keeps them by number in Redis for all matchers, `resolve` answers an event.
"""
