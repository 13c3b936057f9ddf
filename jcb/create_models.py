"""A step of a migration that makes many tables at once."""

from django.db.migrations.operations import SeparateDatabaseAndState


class CreateModels(SeparateDatabaseAndState):
    """Several `CreateModel` in one step. After each single one Django renders all the models that it can reach anew,
    and ours reach each other: that took four fifths of a first migration."""

    def __init__(self, models):
        super().__init__(state_operations=models)

    def deconstruct(self):
        return self.__class__.__qualname__, [self.state_operations], {}

    def state_forwards(self, app_label, state):
        state.__dict__.pop("apps", None)  # as Django does where it can wait: rendered when somebody asks
        super().state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for model in self.state_operations:
            model.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for model in reversed(self.state_operations):
            model.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return "Create models " + ", ".join(model.name for model in self.state_operations)
