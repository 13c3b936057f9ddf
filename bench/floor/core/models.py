"""The least that a list of deliverables with their latest update needs."""

from django.contrib.auth.models import User
from django.db import models


class Organisation(models.Model):
    name = models.CharField(max_length=120)

    def __str__(self):
        return self.name


class Plan(models.Model):
    name = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, models.PROTECT)

    def __str__(self):
        return self.name


class Workstream(models.Model):
    plan = models.ForeignKey(Plan, models.CASCADE)
    name = models.CharField(max_length=200)
    order = models.IntegerField(default=0)

    def __str__(self):
        return self.name


class Deliverable(models.Model):
    plan = models.ForeignKey(Plan, models.CASCADE)
    workstream = models.ForeignKey(Workstream, models.CASCADE)
    reference = models.CharField(max_length=20)
    title = models.CharField(max_length=250)
    lead = models.ForeignKey(User, models.PROTECT)
    organisation = models.ForeignKey(Organisation, models.PROTECT)
    due = models.DateField()
    status = models.CharField(max_length=12, default="amber")
    order = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["plan", "order"], name="deliverable_plan_order")]

    def __str__(self):
        return self.title


class Progress(models.Model):
    deliverable = models.ForeignKey(Deliverable, models.CASCADE, db_index=False)
    author = models.ForeignKey(User, models.PROTECT)
    at = models.DateTimeField()
    status = models.CharField(max_length=12)
    note = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["deliverable", "-at", "-id"], name="progress_deliverable_at")]

    def __str__(self):
        return self.note
