"""From a table to a first analysis file: what it shows, and what it does not."""

from hecsr.proposal.command import propose_file
from hecsr.proposal.propose import Proposal, propose

__all__ = ["Proposal", "propose", "propose_file"]
