"""``fangxian allocate``: tables in, shipments and reasons out; every bad input has its remedy."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from fangxian.base.errors import InvalidInput
from fangxian.console.cli.allocate import allocate
from small_supplies import SMALL, write_tables


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table that was written."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_problem_worked_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    allocate(write_tables(tmp_path), out=tmp_path / "out", json_=True)
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    (item,) = printed["items"]
    assert item["sent"] == 20 and item["plan"]["expected_shortage"] == {"red": 0, "yellow": 0, "green": 17}
    assert printed["gap"] == 0 and item["bounds_hold_for"] == "all plans"
    assert printed["note"] == "模拟数据" and printed["words"]["zh"].startswith("【模拟数据】")
    shipments = rows(tmp_path / "out" / "shipments.csv")
    assert [(line["warehouse"], line["batch"], line["point"], line["quantity"]) for line in shipments] == [
        ("near", "n1", "A", "10"),
        ("far", "f1", "C", "10"),
    ]
    told = {row["point"]: row for row in rows(tmp_path / "out" / "explanations.csv")}
    assert [told[point]["received"] for point in "ABC"] == ["10", "0", "10"]
    assert [told["A"][part] for part in ("to_floor", "above_floor")] == ["6", "4"]
    assert [told["C"][part] for part in ("to_floor", "above_floor")] == ["1", "9"]
    assert (told["A"]["limit"], told["B"]["limit"]) == ("enough", "stock")
    assert told["B"]["one_more_here_green"] == told["B"]["one_more_in_stock"] == "1.0"
    assert "补到生存底线 6，减少预计短缺 4" in told["A"]["words_zh"]


def test_without_transport_only_floors_are_served(tmp_path: Path) -> None:
    """No litre-km: A's floor of 6 still comes over its kilometre, C's 10 travel none; A's other 4 stay."""
    allocate(write_tables(tmp_path), out=tmp_path / "out", most_litre_km=0)
    told = {row["point"]: row for row in rows(tmp_path / "out" / "explanations.csv")}
    assert [told[point]["received"] for point in "ABC"] == ["6", "0", "10"]
    assert told["A"]["limit"] == "transport"


def test_what_is_on_the_road_counts_if_it_arrives_in_time(tmp_path: Path) -> None:
    """Eight boxes come to A within the horizon: A gets two more, B the rest; eighty come too late."""
    on_road = "shipment,point,item,quantity,unit,arrives\ns1,A,antiviral,8,box,2022-12-09\n"
    write_tables(tmp_path, on_road=on_road + "s2,B,antiviral,80,box,2022-12-30\n")
    allocate(tmp_path, out=tmp_path / "out")
    told = {row["point"]: row for row in rows(tmp_path / "out" / "explanations.csv")}
    assert [(told[point]["coming"], told[point]["received"]) for point in "ABC"] == [
        ("8", "2"),
        ("0", "8"),
        ("0", "10"),
    ]


def test_hours_are_those_of_the_fastest_way_and_km_those_of_the_shortest(tmp_path: Path) -> None:
    """To A 0.2 h over 30 km, or 1 h over 5 km by B: the box keeps 0.3 h, so it may come, and 5 km count."""
    roads = "from,to,hours,km\n县,甲,0.2,30\n县,乙,0.5,2\n乙,甲,0.5,3\n县,丙,1,40\n"
    items = "item,unit,litres,floor_days,longest_hours\nantiviral,box,0.5,2,0.3\n"
    allocate(write_tables(tmp_path, roads=roads, items=items), out=tmp_path / "out")
    lines = {line["point"]: line for line in rows(tmp_path / "out" / "shipments.csv")}
    assert (lines["A"]["warehouse"], lines["A"]["hours"], lines["A"]["km"]) == ("near", "0.2", "5.0")


def test_a_run_leaves_no_table_of_an_earlier_one(tmp_path: Path) -> None:
    """First a plan with reasons, then promises that collide: nothing told of the first may stay."""
    allocate(write_tables(tmp_path), out=tmp_path / "out")
    assert (tmp_path / "out" / "explanations.csv").exists()
    needs = SMALL["needs"].replace("q50", "guaranteed,q50").replace(",0,10\nB", ",0,99,10\nB")
    write_tables(tmp_path, needs=needs.replace("3,20", "3,,20").replace("0,10\n", "0,,10\n"))
    allocate(tmp_path, out=tmp_path / "out")
    assert not (tmp_path / "out" / "explanations.csv").exists()
    assert rows(tmp_path / "out" / "shipments.csv") == []


def test_the_sentences_say_what_one_more_unit_would_change(tmp_path: Path) -> None:
    allocate(write_tables(tmp_path), out=tmp_path / "out")
    told = {row["point"]: row["words_zh"] for row in rows(tmp_path / "out" / "explanations.csv")}
    assert told["A"] == (
        "A：antiviral发 10 box（补到生存底线 6，减少预计短缺 4），够用天数由 0.0 增至 10.0，"
        "预计少缺红色人群 10。"
        "不再多发的原因：预测的需求已满足。再多 1 box，预计也不会少缺。"
    )
    assert told["B"] == (
        "B：antiviral这次不发，够用天数 1.5。不再多发的原因：能到这里的库存已发完。"
        "这里若再多 1 box，预计再少缺绿色人群 1；能到这里的仓库若再多 1 box，可以发到这里"
        "（按红黄绿的权重合计少缺 1.00）。"
    )


def test_reserve_stays_and_is_named_as_the_limit(tmp_path: Path) -> None:
    write_tables(tmp_path, reserves="warehouse,item,quantity,unit\nnear,antiviral,6,box\n")
    allocate(tmp_path, out=tmp_path / "out")
    told = {row["point"]: row for row in rows(tmp_path / "out" / "explanations.csv")}
    assert [told[point]["received"] for point in "ABC"] == ["10", "0", "4"]
    assert [told[point]["limit"] for point in "ABC"] == ["enough", "reserve", "reserve"]


def test_what_is_promised_in_vain_is_told_with_the_cheapest_way_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A and B are promised 7 each; near may send 10 less a reserve of 2. C's 5 come from far by."""
    needs = SMALL["needs"].replace("q50", "guaranteed,q50")
    needs = (
        needs.replace("box,0,10\nB", "box,0,7,10\nB").replace("3,20", "3,7,20").replace("0,10\n", "0,5,10\n")
    )
    write_tables(
        tmp_path,
        needs=needs,
        reserves="warehouse,item,quantity,unit\nnear,antiviral,2,box\n",
        warehouses=SMALL["warehouses"].replace("丙,县", "丙,丙"),
    )
    allocate(tmp_path, json_=True)
    printed = json.loads(capfd.readouterr().out)
    (collision,) = printed["collisions"]
    assert not printed["possible"] and printed["items"] == []
    assert [demand["point"] for demand in collision["demands"]] == ["A", "B"]
    assert collision["shortfall"] == 6
    assert [(way["kind"], way["units"]) for way in collision["relaxations"]] == [("service_area", 6)]
    assert collision["words"]["en"] == (
        "A must be sent 7 of antiviral, B must be sent 7 of antiviral; but near has only 8 of antiviral "
        "(besides a reserve of 2): 6 short. The cheapest way out: let far send 6 box beyond its area."
    )
    allocate(tmp_path, lang="zh")
    assert "代价最小的办法：允许仓库 far 跨区供应 6 box。" in capfd.readouterr().out


def test_vehicles_can_be_what_collides(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half a litre each: vehicles of 3 litres carry 6 boxes, and 9 are promised."""
    needs = SMALL["needs"].replace("q50", "guaranteed,q50")
    needs = (
        needs.replace("box,0,10\nB", "box,0,9,10\nB").replace("3,20", "3,,20").replace("0,10\n", "0,,10\n")
    )
    warehouses = SMALL["warehouses"].replace("near,county,县,,1,100", "near,county,县,,1,3")
    write_tables(tmp_path, needs=needs, warehouses=warehouses.replace("丙,县", "丙,丙"))
    allocate(tmp_path, lang="en")
    said = capsys.readouterr().out
    assert "A must be sent 9 of antiviral; but the vehicles of near carry only 3 litres: 3 short" in said
    assert "The cheapest way out: more vehicles for 3 box at near." in said


FAULTS = [
    ("points", "乙,0,0,900", "丁,0,0,900", "points.csv, row 3, column place: There is no '丁'. Correct it"),
    ("batches", "n1,10", "n1,-10", "batches.csv, row 2, column quantity: -10 is out of range."),
    (
        "batches",
        "n1,10,box,2023-06-01",
        "n1,10,box,2022-12-06",
        "row 2, column expires: It expired on 2022-12-06.",
    ),
    (
        "batches",
        "far,antiviral,f1",
        "near,antiviral,n1",
        "row 3, column warehouse,item,batch: This row stands here",
    ),
    ("batches", "n1,10,box", "n1,10,piece", "row 2, column unit: The unit 'piece' is not that of antiviral"),
    (
        "warehouses",
        "near,county,县,,1,100",
        "near,county,县,,0,100",
        "row 2, column vehicles: The warehouse 'near'",
    ),
    (
        "roads",
        "县,甲,0.1,1\n",
        "县,甲,0.1,1000\n",
        "roads.csv, row 2, column hours,km: The speed would be 10000 km/h.",
    ),
    ("roads", "县,甲,0.1,1\n", "", "points.csv, row 2, column place: No road leads to 'A'"),
    ("needs", "q50\n", "median\n", "needs.csv, row 1: It lacks the columns q50"),
    ("needs", "antiviral,box,3,20", "mask,box,3,20", "needs.csv, row 3, column item: There is no 'mask'."),
    ("plan", "2022-12-07", "today", "plan.csv, row 2, column date: 'today' is not a date."),
    ("items", "box,0.5,2", "box,0,2", "items.csv, row 2, column litres: 0 is out of range."),
]


@pytest.mark.parametrize(("table", "old", "new", "message"), FAULTS)
def test_a_fault_is_named_by_file_row_and_column(
    tmp_path: Path, table: str, old: str, new: str, message: str
) -> None:
    assert old in SMALL[table]
    text = SMALL[table].replace(old, new)
    if table == "roads":
        text = text.replace("丙,甲,2,40\n", "")
    with pytest.raises(InvalidInput) as caught:
        allocate(write_tables(tmp_path, **{table: text}))
    assert message in str(caught.value)


def test_tables_that_contradict_each_other(tmp_path: Path) -> None:
    """A reserve above the stock, a shipment for nobody, one from the past, weights upside down."""
    write_tables(
        tmp_path,
        plan="date,red_weight,yellow_weight\n2022-12-07,1,3\n2022-12-08,,\n",
        reserves="warehouse,item,quantity,unit\nfar,antiviral,11,box\n",
        on_road="shipment,point,item,quantity,unit,arrives\ns1,A,antiviral,8,box,2022-12-01\n",
        needs="point,item,unit,on_hand,q50,q90\nB,antiviral,box,3,20,10\n",
    )
    with pytest.raises(InvalidInput) as caught:
        allocate(tmp_path)
    said = str(caught.value)
    assert (
        "plan.csv, row 2, column red_weight: Weights must not rise from red to green: 1.0, 3.0, 1.0." in said
    )
    assert "plan.csv, row 3: The plan has one row; there are 2." in said
    assert "reserves.csv, row 2, column quantity: The reserve of 11 is more than the stock." in said
    assert "on_road.csv, row 2, column arrives: It was to arrive on 2022-12-01" in said
    assert "on_road.csv, row 2, column item: needs.csv has no row for 'antiviral' at this point." in said
    assert "needs.csv, row 2, column q90: The quantiles fall from left to right: 20 > 10." in said


def test_cold_goods_need_cold_vehicles(tmp_path: Path) -> None:
    items = "item,unit,litres,floor_days,cold\nantiviral,box,0.5,2,yes\n"
    with pytest.raises(InvalidInput, match="row 2, column item: 'antiviral' travels cold"):
        allocate(write_tables(tmp_path, items=items))


def test_options_that_cannot_be(tmp_path: Path) -> None:
    write_tables(tmp_path)
    with pytest.raises(InvalidInput, match="no language fr"):
        allocate(tmp_path, lang="fr")
    with pytest.raises(InvalidInput, match="above 0 s"):
        allocate(tmp_path, seconds=0)
    with pytest.raises(InvalidInput, match="limit of transport must be at least 0"):
        allocate(tmp_path, most_litre_km=-1)
    with pytest.raises(InvalidInput, match="Cannot write to"):
        allocate(tmp_path, out=tmp_path / "plan.csv" / "out")
