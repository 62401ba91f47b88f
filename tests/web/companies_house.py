"""Made-up companies behind the addresses and in the form of Companies House's service."""

from typing import Any

from faulty_server import Act, FaultyServer, answers, needs_key

ABSENT = answers({"errors": [{"type": "ch:service", "error": "company-profile-not-found"}]}, code=404)
NONE = answers({"errors": [{"type": "ch:service", "error": "company-psc-not-found"}]}, code=404)


def profile(number: str, **more: Any) -> dict[str, Any]:
    return {
        "company_number": number, "company_name": f"MADE UP {number} LTD", "company_status": "active", "type": "ltd",
        "date_of_creation": "2001-02-03", "accounts": {"last_accounts": {"type": "small", "made_up_to": "2025-03-31"}},
        "etag": "x", "links": {"self": f"/company/{number}"}, **more,
    }  # fmt: skip


def page(*items: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"items": list(items), "total_results": len(items) if total is None else total, "start_index": 0}


def person(country: str, **more: Any) -> dict[str, Any]:
    return {"name": "Somebody PRIVATE", "country_of_residence": country, "date_of_birth": {"year": 1970}, **more}


def parent(country: str, **more: Any) -> dict[str, Any]:
    return {"name": "PARENT CO", "identification": {"country_registered": country, "legal_form": "Company"}, **more}


def serve(
    server: FaultyServer, number: str, *acts: Act, officers: Act | None = None, controllers: Act | None = None
) -> None:
    """Put a company on the server; `acts` come before its good answer."""
    base = f"/company/{number}"
    server.acts[base] = [*acts, needs_key(answers(profile(number)))]
    server.acts[f"{base}/officers"] = [needs_key(officers or answers(page(person("England"))))]
    server.acts[f"{base}/persons-with-significant-control"] = [needs_key(controllers or NONE)]
