"""Several plans on the same luck: what each leads to, and what one changes beside another, with intervals."""
