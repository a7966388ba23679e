"""Event-driven simulation of an epidemic in a city of every person in it.

::

    records    the disease, protection, contacts        what no measure changes
    measures   DayMeasures                              what measures do on one day
    outcome    Flow, Stock, Reported, Outcome           what comes out, and what of it is known meanwhile
    city       prepare_city(population, contacts, age_groups, tier=None, pool_of_place=None) -> City
    run        simulate(city, disease, controller, days=..., seed=..., protection=..., tree=False) -> Outcome
"""
