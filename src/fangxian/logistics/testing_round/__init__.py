"""A round of nucleic acid testing: where people are swabbed, how many share a tube, who tests it."""
