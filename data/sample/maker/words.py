"""Word lists: made-up stems that no organisation in our reference registers uses, trades, people, places."""

from __future__ import annotations

from dataclasses import dataclass


def _words(text: str, between: str | None = None) -> list[str]:
    return text.split(between)


_HEADS = _words(
    "Alder Birk Brann Cald Carn Crim Dunn Eller Fenn Garr Gresk Harl Hask Ivel Keld Kirn Lind Mard Mell Nath Orm "
    "Oxle Pell Quern Rathe Rusk Scarr Skel Tarn Thrim Tolk Ulver Varr Vell Wath Wend Wither Wold Yarl Yew"
)
_TAILS = _words(
    "acre bourne brigg by cote croft dale fold garth gill holme hurst ingham ley low mere moor ridge royd scale set "
    "side stead thwaite tree wick worth"
)
# Real names among the combinations.
_REAL = {
    "Aldercote", "Alderley", "Aldermoor", "Birkby", "Birkdale", "Lindholme", "Lindley", "Skelcroft", "Skellow",
    "Birkacre", "Ellerby", "Ellerholme", "Calderdale", "Tarnside", "Skelmere", "Ulverscroft", "Alderhurst",
}  # fmt: skip
STEMS = [stem for head in _HEADS for tail in _TAILS if (stem := head + tail) not in _REAL]

FIRST_NAMES = _words(
    "Ada Bertram Clement Dilys Enid Fergal Gwen Hester Idris Josie Kit Lorna Merle Nesta Olwen Perce Quentin Rhoda "
    "Silas Thora Una Verity Wilf Yolande Zach"
)
STREETS = _words(
    "Tannery Way|Old Ropewalk|Canal Wharf|Station Approach|Foundry Lane|Weavers Court|Chapel Brow|Enterprise Park|"
    "Bobbin Mill|Market Place|Docklands Avenue|Beacon House|Exchange Buildings|Orchard Works|Sidings Yard",
    "|",
)


@dataclass(frozen=True)
class Trade:
    """A line of business: SIC 2007 class, words for names, what ledgers call it, who buys it, usual size."""

    sic: str
    words: tuple[str, ...]
    category: str
    bought: tuple[str, ...]
    buyers: str  # initials of: city, county, police, college, housing, hospital
    size: int


def _trade(sic: str, words: str, category: str, bought: str, buyers: str, size: int) -> Trade:
    return Trade(sic, tuple(words.split("|")), category, tuple(bought.split("|")), buyers, size)


_ALL = "city county police college housing hospital"
PUBLIC = _trade("", "", "Payments to public bodies", "Service level agreement|Joint funding|Recharge", _ALL, 6)
VOLUNTARY = _trade("", "", "Voluntary sector", "Grant|Commissioned service", _ALL, 3)
TRADES = [
    _trade("41201 - Construction of commercial buildings", "Construction|Building Contractors|Developments",
           "Capital works", "New build stage payment|Refurbishment|Retention release", _ALL, 30),
    _trade("41202 - Construction of domestic buildings", "Homes Construction|House Builders|Partnership Homes",
           "Capital works", "Affordable homes stage payment|Kitchens and bathrooms", "city housing", 26),
    _trade("42110 - Construction of roads and motorways", "Highways|Surfacing|Civil Engineering",
           "Highways", "Carriageway resurfacing|Footway repairs|Winter gritting", "city county", 28),
    _trade("43210 - Electrical installation", "Electrical|Electrical Contractors|Electrics",
           "Repairs and maintenance", "Rewiring|Periodic testing|Emergency lighting", _ALL, 6),
    _trade("43220 - Plumbing, heat and air-conditioning installation", "Heating|Plumbing and Heating|Mechanical",
           "Repairs and maintenance", "Boiler replacement|Gas servicing|Ventilation works", _ALL, 7),
    _trade("43341 - Painting", "Decorators|Painting Contractors", "Repairs and maintenance",
           "Cyclical decoration|Internal redecoration", "city college housing hospital", 2),
    _trade("43910 - Roofing activities", "Roofing|Roofing Contractors", "Repairs and maintenance",
           "Re-roofing|Gutter clearance", "city county housing college", 4),
    _trade("43999 - Other specialised construction activities n.e.c.", "Scaffolding|Joinery|Demolition",
           "Repairs and maintenance", "Scaffold hire|Fire doors|Site clearance", _ALL, 4),
    _trade("38110 - Collection of non-hazardous waste", "Waste|Recycling|Environmental Services",
           "Waste disposal", "Trade waste collection|Recycling gate fees|Skip hire", _ALL, 16),
    _trade("81210 - General cleaning of buildings", "Cleaning|Cleaning Services|Facilities",
           "Cleaning", "Contract cleaning|Window cleaning|Deep clean", _ALL, 6),
    _trade("81300 - Landscape service activities", "Landscapes|Grounds Maintenance|Tree Care",
           "Grounds maintenance", "Grass cutting|Tree works", "city county college housing", 3),
    _trade("80100 - Private security activities", "Security|Guarding", "Security",
           "Static guarding|Key holding", _ALL, 5),
    _trade("56290 - Other food services", "Catering|Catering Services|Kitchens",
           "Catering", "School meals|Staff restaurant|Hospitality", "city county college hospital", 8),
    _trade("46390 - Non-specialised wholesale of food, beverages and tobacco", "Foods|Fresh Produce|Foodservice",
           "Provisions", "Provisions|Fruit and vegetables|Milk and dairy", "county college hospital", 6),
    _trade("10710 - Manufacture of bread; manufacture of fresh pastry goods and cakes", "Bakery|Bakers",
           "Provisions", "Bread and morning goods", "county college hospital", 2),
    _trade("87100 - Residential nursing care facilities", "Nursing Homes|Nursing Care|Care Homes",
           "Adult residential care", "Nursing placements|Residential placements", "county hospital", 24),
    _trade("87300 - Residential care activities for the elderly and disabled", "Residential Care|Retirement Care",
           "Adult residential care", "Residential placements|Respite care", "county", 20),
    _trade("88100 - Social work activities without accommodation for the elderly and disabled",
           "Homecare|Supported Living|Care at Home", "Home care", "Domiciliary care|Supported living",
           "county hospital", 18),
    _trade("87900 - Other residential care activities n.e.c.", "Childrens Homes|Fostering|Children Services",
           "Childrens placements", "Agency fostering|Residential placement", "county", 16),
    _trade("88910 - Child day-care activities", "Nursery|Day Nurseries|Childcare", "Early years",
           "Two year old offer|Nursery education funding", "county", 3),
    _trade("85590 - Other education n.e.c.", "Training|Skills|Learning", "Training",
           "Staff training|Apprenticeship delivery|Course fees", _ALL, 4),
    _trade("85310 - General secondary education", "Specialist Education|Learning Centres",
           "Special education", "Out of area placement|SEN placement", "county", 14),
    _trade("49390 - Other passenger land transport", "Coaches|Bus Services|Minibuses", "Transport",
           "Home to school transport|Supported bus service", "county college hospital", 12),
    _trade("49320 - Taxi operation", "Taxis|Private Hire|Cars", "Transport",
           "Taxi contract|Passenger journeys", "county police hospital", 3),
    _trade("45200 - Maintenance and repair of motor vehicles", "Garages|Vehicle Services|Autocare",
           "Fleet", "Vehicle servicing|Tyres|Body repairs", "city county police hospital", 4),
    _trade("77110 - Renting and leasing of cars and light motor vehicles", "Leasing|Vehicle Hire|Contract Hire",
           "Fleet", "Vehicle lease|Short term hire", "city county police housing", 6),
    _trade("46460 - Wholesale of pharmaceutical goods", "Pharma|Pharmaceuticals|Healthcare Supplies",
           "Drugs", "Drugs|Infusions|Vaccines", "hospital", 26),
    _trade("32500 - Manufacture of medical and dental instruments and supplies", "Medical|Surgical|Orthopaedics",
           "Medical and surgical", "Theatre consumables|Implants|Equipment service", "hospital", 18),
    _trade("86900 - Other human health activities", "Diagnostics|Therapies|Clinical Services",
           "Healthcare from others", "Imaging sessions|Pathology tests|Health checks", "county police hospital", 9),
    _trade("96010 - Washing and (dry-)cleaning of textile and fur products", "Linen|Laundries",
           "Laundry", "Linen hire and laundry", "hospital police college", 4),
    _trade("62020 - Information technology consultancy activities", "IT Solutions|Technology|Systems",
           "IT", "Managed service|Licences and support|Network refresh", _ALL, 14),
    _trade("62012 - Business and domestic software development", "Software|Digital|Data Systems", "IT",
           "Software licence|Annual support|Case management system", _ALL, 8),
    _trade("61900 - Other telecommunications activities", "Telecoms|Networks|Communications", "Telephony",
           "Line rental|Airtime|Mobile data", _ALL, 7),
    _trade("35140 - Trade of electricity", "Power|Energy Supply|Electricity", "Energy",
           "Half hourly supply|Street lighting supply", _ALL, 20),
    _trade("35230 - Trade of gas through mains", "Gas|Gas Supply", "Energy", "Gas supply", _ALL, 10),
    _trade("78200 - Temporary employment agency activities", "Recruitment|Staffing|Resourcing",
           "Agency staff", "Agency workers|Temporary cover", _ALL, 12),
    _trade("69102 - Solicitors", "Solicitors|Legal|Law", "Legal fees", "Legal services|Disbursements", _ALL, 4),
    _trade("69201 - Accounting and auditing activities", "Accountants|Audit|Chartered Accountants",
           "Audit and accountancy", "Internal audit|VAT advice", _ALL, 3),
    _trade("70229 - Management consultancy activities other than financial management",
           "Consulting|Advisory|Associates", "Consultancy", "Programme support|Options appraisal", _ALL, 5),
    _trade("71111 - Architectural activities", "Architects|Design Studio|Architecture", "Professional fees",
           "Design fees|Contract administration", "city county college housing hospital", 3),
    _trade("71122 - Engineering related scientific and technical consulting activities",
           "Engineering|Consulting Engineers|Surveys", "Professional fees", "Structural survey|Transport modelling",
           "city county college housing hospital", 5),
    _trade("71200 - Technical testing and analysis", "Forensics|Laboratories|Testing", "Forensic and testing",
           "Forensic analysis|Water hygiene testing|Asbestos survey", "police county housing hospital", 5),
    _trade("14120 - Manufacture of workwear", "Workwear|Uniforms|Protective Clothing", "Uniform",
           "Uniform|Protective equipment", "police hospital county", 3),
    _trade("18129 - Printing n.e.c.", "Print|Printers|Design and Print", "Printing",
           "Printing|Mailing", _ALL, 2),
    _trade("31010 - Manufacture of office and shop furniture", "Furniture|Interiors|Office Supplies",
           "Furniture and stationery", "Desks and chairs|Stationery", _ALL, 3),
    _trade("58110 - Book publishing", "Publishing|Books|Library Supplies", "Books",
           "Library books|Subscriptions|Course materials", "county college", 3),
    _trade("68320 - Management of real estate on a fee or contract basis", "Property|Estates|Property Services",
           "Premises", "Rent|Service charge", _ALL, 6),
    _trade("65120 - Non-life insurance", "Insurance|Risk", "Insurance", "Premium|Claims handling", _ALL, 6),
    _trade("46690 - Wholesale of other machinery and equipment", "Equipment|Plant|Supplies", "Equipment",
           "Plant hire|Tools and materials|Spare parts", _ALL, 4),
]  # fmt: skip
