"""Rosters of teams: who works when and where, by skill first, fairness second, stability third."""
