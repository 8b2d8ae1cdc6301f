"""A few residents whose registers know something, and a look-up server of their own, for what is shown and printed."""

from __future__ import annotations

from typing import Any

NUMBER, NAME = "350221194403150021", "陈阿金"
PHOTO = "photo-00000001"
RARE_NUMBER, RARE_NAME = "350212194405060015", "陈䶮㛃𠮷"


def person(name: str, number: str, **registers: Any) -> dict[str, Any]:
    known = {"birth": f"{number[6:10]}-{number[10:12]}-{number[12:14]}", "household": "350213007007", "alive": True}
    return {"name": name, "number": number, "registers": {"L01": known, **registers}}


def residents() -> list[dict[str, Any]]:
    pension = {"scheme": "resident", "state": "drawing", "monthly_fen": 23050, "certify_by": "2026-12-31"}
    paid = [{"month": month, "amount_fen": 23050, "paid_on": f"{month}-05"} for month in ("2026-10", "2026-09")]
    years = [{"year": year, "own_fen": 20000, "aided_fen": 7000} for year in (2026, 2003)]
    pension |= {"contributions": years}
    medical = {"pool": "350200", "scheme": "resident", "state": "paid", "year": 2026, "balance_fen": 1234}
    unlisted = dict(medical)
    medical |= {"contributions": [{"year": 2026, "paid_fen": 43000}]}
    medical["spendings"] = [{"on": "2026-10-12", "place": "马巷药店", "amount_fen": 3580}]
    plots = [{"plot": "000017-01", "area_m2": 1200, "subsidy_fen": 18000}]
    plots.append({"plot": "000017-02", "area_m2": 640, "subsidy_fen": 9600})
    land = {"plots": plots, "subsidies": [{"year": 2026, "amount_fen": 27600, "paid_on": "2026-06-20"}]}
    card = {"state": "active", "bank": "农商银行", "last4": "6821", "account_ref": "a-1", "account_matches": True}
    home = {"certificate": "XA0000001", "division": "350213007007", "area_m2": 120}
    relief = {"category": "low_income", "since": "2024-03", "valid_until": "2027-02-28"}
    face = {"photo_ref": PHOTO, "score": 930}
    book = {"kind": "household_book", "receipt_no": "3502130261109000021", "state": "ready", "since": "2026-11-20"}
    new = {"kind": "id_card", "receipt_no": "3502130261109000039", "state": "making", "since": "2026-11-10"}
    papers = {"papers": [{**book, "collect_at": "金海派出所"}, new]}
    rich = person(
        NAME,
        NUMBER,
        L32=papers,
        L02=face,
        L11=relief,
        L14={**pension, "payments": paid},
        L16=card,
        L17=medical,
        L23=land,
    )
    # Of her the registers keep what was paid and what she spent to themselves.
    rare = person(RARE_NAME, RARE_NUMBER, L14=pension, L17=unlisted, L22={"homes": [home]})
    rare["openings"] = [
        opening("2026-11-01", "350213007007", "后村小吃店"),
        opening("2026-11-20", "350213007008", "隔壁小吃店"),
        opening("2026-11-10", "350213004008", "远处小吃店"),
        {**opening("2026-11-22", "350213007007", "工厂"), "work": "factory"},
    ]
    return [rich, rare]


def opening(posted_on: str, division: str, employer: str) -> dict[str, Any]:
    known = {"work": "service", "monthly_fen": 320000, "wanted": 2, "phone": "05920000131"}
    return {**known, "posted_on": posted_on, "division": division, "employer": employer}
