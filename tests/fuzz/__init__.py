"""What comes from outside, tried with what nobody would think of: each in `targets`, briefly in every test run, and as
long as one likes with `scripts/fuzz NAME --minutes N`. What was found is a test beside the module that was at fault."""
