"""What happens around every request."""

from jcb import dates


def one_clock_reading(get_response):
    """Read the demonstration's clock at most once in a request; outside demonstration mode nothing is read."""

    def middleware(request):
        with dates.one_reading():
            return get_response(request)

    return middleware
