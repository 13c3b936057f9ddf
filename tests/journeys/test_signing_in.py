"""Signing in in a real browser: with an app, with a passkey, and again after an hour of nothing."""

import re
import time

from playwright.sync_api import expect

from tests.jcb.test_second_step import code_of
from tests.make import PASSWORD

STEPS = "/accounts/second-step/"


def sign_in(visitor, *, path: str = "/accounts/login/") -> None:
    visitor.go(path)
    fill_in(visitor)


def fill_in(visitor) -> None:
    visitor.page.get_by_label("E-mail address").fill(visitor.board.cast["commissioner"]["email"])
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Continue").click()


def confirm(visitor) -> None:
    """The question that comes before something that lets people in."""
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    visitor.look()
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Confirm").click()


def heading(visitor):
    return expect(visitor.page.get_by_role("heading", level=1))


def test_a_passkey_is_added_and_signs_in_alone(visit):
    """On the name of this machine, since a browser makes no passkeys for a number."""
    visitor = visit()
    visitor.board = type(visitor.board)(
        visitor.board.url.replace("127.0.0.1", "localhost"),
        visitor.board.cast,
        visitor.board.environment,
        visitor.board.folder,
    )
    device = visitor.context.new_cdp_session(visitor.page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page = visitor.page

    sign_in(visitor)
    visitor.go(STEPS)
    page.get_by_role("link", name="Add a passkey").click()
    confirm(visitor)
    heading(visitor).to_have_text("Add a passkey")
    visitor.look()
    page.get_by_label("What to call it").fill("Work laptop")
    page.get_by_role("button", name="Add this passkey").click()
    heading(visitor).to_have_text("Recovery codes")
    visitor.look()

    visitor.go(STEPS)
    visitor.look()
    page.get_by_role("link", name="Look at your passkeys").click()
    expect(page.get_by_role("row", name="Work laptop")).to_contain_text("Not yet")
    visitor.look()

    visitor.go("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    heading(visitor).to_have_text("Sign in")
    visitor.look()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator(".jcb-who")).to_contain_text("Commissioner for play")

    # After the password a passkey does as the second step.
    visitor.go("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    fill_in(visitor)
    heading(visitor).to_have_text("Second step of signing in")
    visitor.look()
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.locator(".jcb-who")).to_contain_text("Commissioner for play")

    visitor.go(f"{STEPS}webauthn/")
    page.get_by_role("link", name="Take away Work laptop").click()
    heading(visitor).to_have_text(re.compile("Confirm that it is you|Take a passkey away"))
    if page.get_by_label("Password").count():
        confirm(visitor)
    visitor.look()
    page.get_by_role("button", name="Take it away").click()
    expect(page.get_by_text("The passkey no longer signs you in.")).to_be_visible()


def test_an_app_is_set_up_by_keyboard_and_asked_for_afterwards(visit):
    visitor = visit()
    page = visitor.page
    sign_in(visitor)
    visitor.go(STEPS)
    visitor.enter(page.get_by_role("link", name="Set up an app"))
    confirm(visitor)
    heading(visitor).to_have_text("Set up an authenticator app")
    visitor.look()
    picture = page.get_by_role("img", name="The key for your app")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0"), (
        "The policy lets the picture be drawn."
    )
    secret = page.locator(".jcb-key").inner_text()
    visitor.write(page.get_by_label("Code"), "000000")
    visitor.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_contain_text("That code is not right")
    visitor.look()
    assert page.locator(".jcb-key").inner_text() == secret, "A wrong code does not change the key."
    visitor.write(page.get_by_label("Code"), code_of(secret, at=time.time() - 30))
    visitor.press("Enter")
    heading(visitor).to_have_text("Recovery codes")

    visitor.go("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    fill_in(visitor)
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator(".jcb-who")).to_contain_text("Commissioner for play")

    visitor.go(f"{STEPS}totp/deactivate/")
    if page.get_by_label("Password").count():
        confirm(visitor)
    visitor.look()
    page.get_by_role("button", name="Take it away").click()
    expect(page.get_by_text("The app no longer signs you in.")).to_be_visible()


def test_the_page_of_sign_ins_ends_another_by_keyboard(visit):
    here, there = visit(), visit()
    for visitor in (here, there):
        sign_in(visitor)
    here.go("/accounts/sessions/")
    here.look()
    page = here.page
    expect(page.get_by_text("This one", exact=True)).to_have_count(1)
    here.enter(page.get_by_role("button", name="Sign out there").first)
    expect(page.get_by_text("That device is signed out.")).to_be_visible()
    there.page.goto(there.board.url + "/plans/")
    heading(there).to_have_text("Sign in")
