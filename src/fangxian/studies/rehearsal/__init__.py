"""A plan tried in a town of every person in it: from plan, disease and town to runs, tables and a manifest.

::

    town, city_town              the town: people, contacts, ages
    from_disease, calibration    the disease as the simulator reads it
    in_force, from_plan          effects in force, measures of a day
    observables, controller      what is reported, levels switched by it
    play                         one run
    costs, tables                what it cost, what it leaves
    stage, executors, ensemble   many runs, here or on a cluster
    reports                      what the city would have reported, form by form
    manifest                     a folder from which the runs can be repeated
"""
