"""The columns of a testing round joined: an area of two sites goes to the nearer, lanes follow the people."""

from __future__ import annotations

import numpy as np
from test_testing_round import a_round

from fangxian.logistics.testing_round.columns import Pattern
from fangxian.logistics.testing_round.generate import joined
from fangxian.logistics.testing_round.ground import ground_of, plan_of
from fangxian.logistics.testing_round.schemes import scheme_choices


def test_an_area_of_two_sites_goes_to_the_nearer_and_people_open_lanes():
    """Area 1 stands in both columns, 15 minutes from site 0 and 2 from site 1, which alone keeps it."""
    walks = [(0, 0, 2.0), (1, 0, 15.0), (1, 1, 2.0), (2, 1, 3.0)]
    problem = a_round([400, 900, 700], walks, sites=3, speed=(500.0, 300.0), drive=np.full((3, 2), 0.5))
    choice = scheme_choices(problem)
    ground, near = ground_of(problem, choice)
    columns = [
        Pattern(0, 1, 1, np.array([0, 1]), np.array([0, 0]), 1.0),
        Pattern(1, 0, 1, np.array([2, 3]), np.array([1, 0]), 1.0),
    ]
    for chosen in (columns, columns[::-1]):
        plan = plan_of(problem, choice, near, joined(ground, chosen))
        assert plan.share.sum(axis=1).tolist() == [1, 0, 1, 1]
        assert plan.share[2, 1] == 1 and plan.share[3, 0] == 1
        lane = problem.rules.lane_people
        assert plan.lanes.tolist() == [int(np.ceil(400 / lane)), int(np.ceil(1600 / lane)), 0]
        assert plan.lab.tolist() == [1, 0, -1]


def test_a_site_whose_areas_all_go_elsewhere_stays_shut():
    problem = a_round([400], [(0, 0, 9.0), (0, 1, 2.0)])
    choice = scheme_choices(problem)
    both = [Pattern(site, 0, 1, np.array([site]), np.array([0]), 1.0) for site in (0, 1)]
    ground, walks = ground_of(problem, choice)
    plan = plan_of(problem, choice, walks, joined(ground, both))
    assert plan.share.sum(axis=1).tolist() == [0, 1]
    assert plan.lanes.tolist()[0] == 0 and plan.lab.tolist() == [-1, 0]
