"""Plans that follow each other in one run, as in the winter of 2022, to be held against what happened.

::

    phases     plans by their first day, one town, one luck
    exits      the packaged plans as they stood on a day, and other ways out
    readings   what a run shows of the figures that were published: peaks, levels, survey
"""
