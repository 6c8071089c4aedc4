"""Long runs of the real processes, in which everything falls over that can; and who checks that nothing was lost.

`announced` says what the simulated box's own lines mean, `watched` what one browser was told, and `checker` compares
both with what Limbas holds. These three know nothing of the code they check, not even its models.
"""
