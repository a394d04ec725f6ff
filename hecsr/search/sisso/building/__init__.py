"""Features built from descriptors: what is lawful, its values, what equals what."""
