"""A tiny allocation worked by hand, as tables: three clinics, two warehouses, one medicine."""

from __future__ import annotations

from pathlib import Path

SMALL = {
    "plan": "date,horizon_days,replan_days,note\n2022-12-07,10,7,模拟数据\n",
    "places": "place,parent\n县,\n甲,县\n乙,县\n丙,县\n",
    "roads": "from,to,hours,km\n县,甲,0.1,1\n县,乙,0.1,2\n县,丙,1,40\n乙,丙,1,27\n丙,甲,2,40\n",
    "items": "item,unit,litres,floor_days\nantiviral,box,0.5,2\n",
    "warehouses": "warehouse,level,place,serves,vehicles,vehicle_litres\n"
    "near,county,县,,1,100\nfar,township,丙,县,1,100\n",
    "batches": "warehouse,item,batch,quantity,unit,expires\n"
    "near,antiviral,n1,10,box,2023-06-01\nfar,antiviral,f1,10,box,2023-06-01\n",
    "points": "point,kind,place,red,yellow,green\nA,hospital,甲,50,0,0\nB,village_clinic,乙,0,0,900\n"
    "C,village_clinic,丙,0,0,500\n",
    "needs": "point,item,unit,on_hand,q50\n"
    "A,antiviral,box,0,10\nB,antiviral,box,3,20\nC,antiviral,box,0,10\n",
}
"""Weights are 8, 3, 1. Used a day: 1, 2, 1; claims 8, 1, 1, on average 2.75. Floors of 2 days: A 2·1·8/2.75 =
5.8, so 6; B 1.5, so 1, and it holds 3; C 0.7, so 1. The 20 boxes: 6 + 1 to the floors, 4 more to A, whose
people are red, and the last 9 to B or C, whose people count alike: to C, where the far warehouse stands."""


def write_tables(folder: Path, **changed: str) -> Path:
    """Write the tables of the small problem, with some replaced; an empty text leaves a table out."""
    for name, text in {**SMALL, **changed}.items():
        if text:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder
