"""What we know, below /needs/: indicators with their figures, and what the papers said of them."""

from django.urls import path

from needs import views
from needs.entering import views as entering
from needs.replies import views as replies

app_name = "needs"
urlpatterns = [
    path("", views.indicator_list, name="indicators"),
    path("indicators/<slug:key>/", views.indicator_detail, name="indicator"),
    path("indicators/<slug:key>/figures.csv", views.indicator_csv, name="indicator_csv"),
    path("indicators/<slug:key>/figures/", entering.figure_list, name="figures"),
    path("indicators/<slug:key>/figures/add/", entering.enter_figure, name="enter_figure"),
    path("figures/<int:pk>/", entering.correct_figure, name="correct_figure"),
    path("figures/<int:pk>/remove/", entering.remove_figure, name="remove_figure"),
    path("figures/table/", entering.enter_table, name="enter_table"),
    path("figures/table.csv", entering.table_template, name="table_template"),
    path("said/add/", replies.record_statement, name="record_statement"),
    path("said/<int:number>/", replies.statement, name="statement"),
    path("said/<int:number>/change/", replies.change_statement, name="change_statement"),
    path("said/<int:number>/reply/", replies.reply_to_statement, name="reply_to_statement"),
    path("said/<int:number>/publish/", replies.publish_statement, name="publish_statement"),
    path("said/<int:number>/withdraw/", replies.withdraw_statement, name="withdraw_statement"),
    path("heard/", replies.activities, name="activities"),
    path("heard/add/", replies.add_activity, name="add_activity"),
    path("heard/<int:pk>/", replies.change_activity, name="change_activity"),
    path("check/", views.check, name="check"),
]
