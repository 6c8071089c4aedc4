"""Says who is calling: the other side's number, looked up among the contacts that Limbas holds.

`resolve` answers the event that opens a call: by the index in Redis (`shared.contacts`), else with the place that
`places` knows. `live_search` asks Limbas itself about those who are not in the index, and says more if it finds more.
"""
