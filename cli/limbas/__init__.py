"""`callmonitor limbas`: the extension that shows the calls in Limbas."""
