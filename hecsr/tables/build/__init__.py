"""How the shipped element tables were made; needs the optional data libraries."""
