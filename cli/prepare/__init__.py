"""What the containers find when they start: the secret that signs tokens, and a login at Redis for each of them."""
