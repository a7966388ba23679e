"""A synthetic city: every person with age, household, daytime group, underlying disease and vaccination."""
