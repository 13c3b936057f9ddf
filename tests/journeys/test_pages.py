"""Every main page, at every width."""

import pytest

READS_ONLY = True
NEW, OLD = "kensington-and-chelsea-2020", "westminster-2018"
EACH_DOCUMENT = [f"/plans/{plan}/documents/{kind}/" for plan in (NEW, OLD) for kind in ("plan", "action-plan")]
PAGES = {
    "/": ("member", "commissioner", "secretariat"),
    "/plans/": ("member",),
    f"/plans/{NEW}/": ("member",),
    f"/plans/{OLD}/": ("member",),
    "/plans/kensington-and-chelsea-2018/": ("member",),
    f"/plans/{NEW}/themes/": ("member",),
    f"/plans/{NEW}/3/": ("member",),
    f"/plans/{OLD}/5/": ("member",),
    f"/plans/{NEW}/3/1/": ("commissioner", "observer"),
    f"/plans/{NEW}/documents/": ("member",),
    "/needs/": ("member",),
    "/needs/indicators/autism-assessment-wait/": ("member",),
    "/needs/indicators/population-0-25/": ("member",),
    "/needs/check/": ("member",),
    "/needs/dashboard/": ("member",),
    "/needs/said/": ("member",),
    "/needs/findings/": ("member",),
    "/needs/gaps/": ("member",),
    "/needs/figures/table/": ("commissioner",),
    "/needs/indicators/autism-assessment-wait/figures/": ("commissioner",),
    "/needs/indicators/autism-assessment-wait/figures/add/": ("commissioner",),
    "/needs/said/9/": ("member",),
    "/needs/said/9/reply/": ("commissioner",),
    "/needs/heard/": ("member",),
    "/needs/heard/add/": ("secretariat",),
    "/board/you-said-we-did/": ("member",),
    f"/needs/thread/{NEW}/5/": ("member",),
    "/meetings/budgets/": ("member",),
    "/meetings/budgets/1/": ("member", "secretariat"),
    "/meetings/budgets/add/": ("secretariat",),
    "/meetings/budgets/1/years/2020/": ("secretariat",),
    "/appraisal/": ("secretariat",),
    "/appraisal/meetings/": ("secretariat",),
    "/deliverables/": ("commissioner",),
    "/round/": ("commissioner",),
    "/statuses/": ("member",),
    "/clock/": ("member",),
    "/help/": ("member",),
    "/accessibility/": ("member",),
    "/privacy/": ("member",),
    "/accounts/logout/": ("member",),
    "/accounts/sessions/": ("member",),
    "/mail/": ("secretariat",),
    "/accounts/second-step/": ("member",),
    **dict.fromkeys(EACH_DOCUMENT, ("member",)),
}


@pytest.mark.parametrize(("path", "part"), [(path, part) for path, parts in PAGES.items() for part in parts])
def test_no_page_breaks_wcag_or_scrolls_sideways_even_at_400_percent(visit, path, part):
    visitor = visit(part)
    visitor.go(path)
    visitor.look()
    visitor.page.set_viewport_size({"width": 320, "height": 256})
    visitor.fits(320)


def test_checks_themselves_find_what_is_wrong(visit):
    """The negative control of every `look` and `reach` in this folder."""
    visitor = visit("member")
    page = visitor.page
    visitor.go("/plans/")
    page.evaluate("() => { document.querySelector('h1').style.color = '#bbb' }")
    with pytest.raises(AssertionError, match="color-contrast"):
        visitor.look()
    visitor.go("/plans/")
    page.evaluate("() => { document.querySelector('main').style.width = '2000px' }")
    with pytest.raises(AssertionError, match=r"is 2\d{3} pixels wide"):
        visitor.look()
    visitor.go("/plans/")
    link = page.get_by_role("link", name="Westminster, April 2018")
    for words in ("outline: none", "box-shadow: none", "background: none"):
        name, value = words.split(": ")
        link.evaluate("(e, [name, value]) => e.style.setProperty(name, value, 'important')", [name, value])
    with pytest.raises(AssertionError, match="nothing marks it"):
        visitor.reach(link)
