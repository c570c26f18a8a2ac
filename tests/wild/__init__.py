"""Float model files that somebody else made, all the way; and networks that look like them."""
