"""The report: words, figures and provenance on one page; several runs side by side."""
