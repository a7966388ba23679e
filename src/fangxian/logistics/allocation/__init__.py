"""Who gets what from where when there is not enough: transport at least cost, and fair shares."""
