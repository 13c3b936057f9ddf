"""What we know, below /needs/: indicators with their figures, and what the papers said of them."""

from django.urls import path

from needs import views

app_name = "needs"
urlpatterns = [
    path("", views.indicator_list, name="indicators"),
    path("indicators/<slug:key>/", views.indicator_detail, name="indicator"),
    path("indicators/<slug:key>/figures.csv", views.indicator_csv, name="indicator_csv"),
    path("check/", views.check, name="check"),
]
