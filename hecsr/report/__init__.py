"""The report of a study: one model, written as Markdown and as PDF."""
