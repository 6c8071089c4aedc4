"""How fast the parts are, beside what one would use instead, in the same run. `scripts/bench` runs them."""
