"""What engines share whose formulas hold constants anywhere."""
