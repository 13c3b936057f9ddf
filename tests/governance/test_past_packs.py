"""The demonstration's past meetings have the packs that were published for them."""

import datetime as dt

import pytest
from django.core import mail
from django.core.management import call_command

from governance.models import AgendaItem, Meeting, Pack
from governance.packs.publish import _is_over
from jcb import dates, files, pdf
from tests.make import make_agenda_item, make_meeting, make_membership, make_person

needs_pdf = pytest.mark.skipif(not pdf.is_available(), reason="no PDF libraries")
LONDON = dates.LONDON


@pytest.fixture
def past(db, settings):
    settings.DEMONSTRATION = True
    person = make_person(role="secretariat", is_demonstration=True)
    meeting = make_meeting(
        starts_at=dt.datetime(2020, 8, 3, 10, tzinfo=LONDON), state=Meeting.State.HELD, quorate=True, invented=True
    )
    make_membership()
    make_agenda_item(meeting=meeting, title="Waits for therapy", invented=True)
    return meeting, person


@pytest.mark.django_db(transaction=True)
@needs_pdf
def test_a_past_meeting_gets_its_pack_as_at_the_day_it_went_out_once_and_no_mail_goes(past, capsys):
    meeting, secretary = past
    call_command("demonstration_packs")
    assert "1 packs published" in capsys.readouterr().out
    pack = Pack.objects.get()
    assert pack.published_at < meeting.papers_due_at < meeting.starts_at
    assert pack.by == secretary
    assert pack.document.as_at == dates.london_day(pack.published_at)
    assert files.path_of(pack.document.file).read_bytes().startswith(b"%PDF")
    meeting.refresh_from_db()
    assert meeting.state == Meeting.State.HELD
    assert AgendaItem.objects.get().number == 1
    assert {row.sent_at for row in pack.circulations.all()} == {pack.published_at}
    assert mail.outbox == []
    call_command("demonstration_packs")
    assert "Nothing to do" in capsys.readouterr().out
    assert Pack.objects.count() == 1


@pytest.mark.django_db
def test_nothing_is_published_for_real_meetings(past, capsys):
    meeting, _ = past
    meeting.invented = False
    meeting.save()
    call_command("demonstration_packs")
    assert "Nothing to do" in capsys.readouterr().out
    assert not Pack.objects.exists()


@pytest.mark.django_db
def test_a_meeting_that_was_held_is_over_from_its_start_and_a_cancelled_one_always():
    meeting = make_meeting(state=Meeting.State.HELD, quorate=True)
    hour = dt.timedelta(hours=1)
    assert _is_over(meeting, meeting.starts_at)
    assert not _is_over(meeting, meeting.starts_at - hour)
    meeting.state, meeting.quorate = Meeting.State.CANCELLED, None
    assert _is_over(meeting, meeting.starts_at - hour)
