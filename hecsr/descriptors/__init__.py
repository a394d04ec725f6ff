"""Physical descriptors of compositions, with units, equations and sources."""

from hecsr.descriptors.catalogue import GROUPS, catalogue, resolve
from hecsr.descriptors.descriptor import Descriptor, DescriptorTable
from hecsr.descriptors.table import describe, describe_where_known

__all__ = [
    "GROUPS",
    "Descriptor",
    "DescriptorTable",
    "catalogue",
    "describe",
    "describe_where_known",
    "resolve",
]
