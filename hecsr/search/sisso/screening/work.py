"""What screenings did, for the record."""

from dataclasses import dataclass


@dataclass
class Work:
    """Counts of the screenings so far.

    Attributes
    ----------
    nominal
        Features of the space as SISSO counts them, per screening.
    scanned
        Features scored by matrix products, over all screenings.
    exact
        Recipes scored one by one.
    flops
        Operations of the matrix products.
    passes
        Screenings.
    """

    nominal: int = 0
    scanned: int = 0
    exact: int = 0
    flops: int = 0
    passes: int = 0

    @property
    def evaluated(self) -> int:
        """Features scored in a screening, on average; the best ones twice."""
        return round((self.scanned + self.exact) / max(self.passes, 1))
