"""Sessions and accounts of staff, and what an auditor reads."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Query

from backoffice.api import models_identity as models
from backoffice.api.by_name import MAX_PAGE, AfterName, PageLimit, page_of
from backoffice.api.description import failures
from backoffice.api.desk import Address, Desk, StaffWho, Version
from backoffice.identity import accounts, login, sessions
from backoffice.identity.journal import audit_page


def install(app: FastAPI, desk: Desk) -> None:
    _sessions(app, desk)
    _accounts(app, desk)
    _audit(app, desk)


def _sessions(app: FastAPI, desk: Desk) -> None:
    office, door = desk.office, login.Door(desk.office)

    @app.post(
        "/public/v1/staff-sessions",
        status_code=201,
        response_model=models.NewSession,
        responses=failures("login_wrong", "too_many_attempts"),
    )
    def log_in(body: models.LogIn, address: Address) -> dict[str, Any]:
        """Password and one-time code against a session."""
        session = door.log_in(address, body.login, body.password, body.code)
        return {name: getattr(session, name) for name in ("session_id", "token")}

    @app.post(
        "/public/v1/staff-first-logins",
        status_code=201,
        response_model=models.CodeGenerator,
        responses=failures("login_wrong", "password_weak", "too_many_attempts"),
    )
    def first_log_in(body: models.FirstLogIn, address: Address) -> dict[str, Any]:
        """The first password against an own password and a code generator, which nobody else ever sees."""
        return {"otpauth": door.first_log_in(address, body.login, body.password, body.new)}

    @app.get("/staff/v1/me", response_model=models.Me, responses=failures())
    def me(who: StaffWho) -> dict[str, Any]:
        """Who the server takes the caller for."""
        told = {name: getattr(who, name) for name in ("login", "town", "department", "session_id")}
        return {**told, "roles": sorted(who.roles)}

    @app.get("/staff/v1/sessions", response_model=models.Sessions, responses=failures())
    def list_sessions(who: StaffWho) -> dict[str, Any]:
        """The caller's own open sessions."""
        names = ("session_id", "started_at", "used_at")
        rows = sessions.open_sessions(office, who.login)
        return {"sessions": [{name: getattr(row, name) for name in names} for row in rows]}

    @app.delete("/staff/v1/sessions/{session_id}", status_code=204, responses=failures("not_found"))
    def end_session(session_id: models.SessionId, who: StaffWho) -> None:
        """Log out: end one of the caller's own sessions."""
        login.log_out(office, who, session_id)

    @app.put(
        "/staff/v1/password",
        status_code=204,
        responses=failures("login_wrong", "password_weak", "too_many_attempts"),
    )
    def change_password(body: models.NewPassword, who: StaffWho) -> None:
        """All other sessions end."""
        login.change_password(office, who, body.old, body.new, body.code)


def _accounts(app: FastAPI, desk: Desk) -> None:
    office = desk.office

    @app.get("/staff/v1/accounts", response_model=models.Accounts, responses=failures())
    def list_accounts(who: StaffWho, after: AfterName = "", limit: PageLimit = MAX_PAGE) -> dict[str, Any]:
        """Admin: the accounts of the own town, or of the district, by login."""
        who.need("admin")
        return page_of("accounts", "login", accounts.list_accounts(office, who, after, limit + 1), limit)

    @app.post(
        "/staff/v1/accounts",
        status_code=201,
        response_model=models.FirstLogin,
        responses=failures("login_form", "login_taken", "role_unknown", "role_conflict", "town_unknown"),
    )
    def add_account(body: models.NewAccount, who: StaffWho) -> dict[str, Any]:
        """Admin: the first password is shown once. Roles that reach beyond a town are the district's to give."""
        who.need("admin")
        return _shown(accounts.add_account(office, body.login, body.roles, body.town, body.department, who))

    changing = failures("not_found", "own_account")
    switching = failures("not_found", "own_account", "account_state")

    @app.put(
        "/staff/v1/accounts/{login_name}/roles",
        response_model=models.Changed,
        responses=failures("not_found", "own_account", "role_unknown", "role_conflict"),
    )
    def set_roles(login_name: models.Login, body: models.Roles, version: Version, who: StaffWho) -> dict[str, Any]:
        """Admin: open sessions of that person end."""
        who.need("admin")
        return {"row_version": accounts.set_roles(office, login_name, body.roles, version, who)}

    @app.put("/staff/v1/accounts/{login_name}/state", response_model=models.Changed, responses=switching)
    def set_state(login_name: models.Login, body: models.Suspension, version: Version, who: StaffWho) -> dict[str, Any]:
        """Admin: stop an account, or undo that; open sessions end. Nobody but its person starts a new one."""
        who.need("admin")
        return {"row_version": accounts.set_state(office, login_name, body.suspended, version, who)}

    @app.post("/staff/v1/accounts/{login_name}/renewal", response_model=models.FirstLogin, responses=changing)
    def renew_account(login_name: models.Login, version: Version, who: StaffWho) -> dict[str, Any]:
        """Admin: another first login for somebody who lost password or code generator."""
        who.need("admin")
        return _shown(accounts.renew_account(office, login_name, version, who))


def _audit(app: FastAPI, desk: Desk) -> None:
    @app.get("/staff/v1/audit", response_model=models.AuditPage, responses=failures("town_unknown"))
    def read_audit(
        who: StaffWho,
        town: Annotated[str, Query(pattern=r"^[0-9]{9}$", description="Town, or the district's own chain")],
        after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Link number; 0: from the beginning")] = 0,
    ) -> dict[str, Any]:
        """Auditor: links of one chain in order, a hundred at a time."""
        who.need("auditor")
        who.need_scope(town)
        return audit_page(desk.office, town, after)


def _shown(first: accounts.FirstLogin) -> dict[str, str]:
    return {"login": first.login, "password": first.password, "good_until": first.good_until}
