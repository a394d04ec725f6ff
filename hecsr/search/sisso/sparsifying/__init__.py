"""The sparsifying operator: the best few of the features kept."""
