"""Twenty items of epidemic supplies with working values, for made-up problems (模拟数据).

Volumes, shelf lives and rates of use are orders of magnitude, chosen so that problems are realistic in size
and shape; no plan is to be made from them.
"""

from __future__ import annotations

from typing import NamedTuple


class CatalogueItem(NamedTuple):
    """An item: its unit, volume, use and shelf life.

    ``weekly_per_1000`` is what a thousand people of the green tier use in an ordinary week of an epidemic;
    ``red`` and ``yellow`` say how many times more a person of these tiers does. ``hospitals_only`` keeps it
    out of village clinics and pharmacies.
    """

    code: str
    unit: str
    litres: float
    floor_days: float
    weekly_per_1000: float
    red: float
    yellow: float
    shelf_days: int
    cold: bool = False
    longest_hours: float = 24.0
    least_shipment: int = 1
    hospitals_only: bool = False


CATALOGUE = (
    CatalogueItem("antiviral", "course", 0.2, 4, 0.5, 60, 25, 540),
    CatalogueItem("antipyretic", "box", 0.1, 3, 25, 4, 2, 720, least_shipment=5),
    CatalogueItem("antigen_test", "test", 0.05, 3, 90, 5, 3, 365, least_shipment=10),
    CatalogueItem("oximeter", "piece", 0.3, 2, 0.4, 40, 15, 1800),
    CatalogueItem("mask_n95", "piece", 0.06, 3, 60, 4, 2, 1095, least_shipment=10),
    CatalogueItem("mask_surgical", "piece", 0.02, 3, 300, 3, 2, 1095, least_shipment=20),
    CatalogueItem("gown", "piece", 1.2, 3, 8, 6, 3, 1460, least_shipment=2),
    CatalogueItem("gloves", "pair", 0.03, 3, 60, 4, 2, 1460, least_shipment=10),
    CatalogueItem("disinfectant", "litre", 1.1, 3, 15, 2, 1.5, 365, least_shipment=2),
    CatalogueItem("cough_syrup", "bottle", 0.2, 3, 18, 4, 2, 720, least_shipment=2),
    CatalogueItem("rehydration_salts", "sachet", 0.02, 3, 12, 6, 3, 1095, least_shipment=5),
    CatalogueItem("herbal_granules", "box", 0.4, 3, 20, 4, 2, 720, least_shipment=2),
    CatalogueItem("influenza_vaccine", "dose", 0.03, 2, 3, 12, 8, 180, cold=True, longest_hours=8),
    CatalogueItem("insulin", "pen", 0.05, 4, 1.5, 20, 10, 240, cold=True, longest_hours=8),
    CatalogueItem("antibiotic", "box", 0.1, 3, 6, 10, 5, 720),
    CatalogueItem("corticosteroid", "box", 0.05, 3, 1, 40, 15, 720),
    CatalogueItem("anticoagulant", "syringe", 0.06, 3, 0.8, 60, 20, 540, hospitals_only=True),
    CatalogueItem("oxygen", "cylinder", 45.0, 3, 0.15, 80, 25, 365, hospitals_only=True),
    CatalogueItem("thermometer", "piece", 0.1, 2, 3, 3, 2, 1800),
    CatalogueItem("infusion_fluid", "bag", 0.6, 3, 4, 30, 10, 540, hospitals_only=True),
)
