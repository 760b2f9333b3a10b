"""The feeds of this service: what is read from whom."""

from __future__ import annotations

from delivery_shared.contracts import Contract, identity, project, template
from delivery_shared.projection import Handler, Projection
from sqlalchemy import Engine

from notify_svc import copies, reminders

FEED_NAME = "notify"

SOURCES: dict[str, dict[type[Contract], Handler]] = {
    "template": {template.MessageTemplateDefined: copies.when_message_template_defined},
    "identity": {
        identity.PartyRegistered: copies.when_party_registered,
        identity.UserSaved: copies.when_user_saved,
        identity.UserDeleted: copies.when_user_deleted,
    },
    "project": {
        project.ProjectStarted: copies.when_project_started,
        project.ProviderSet: copies.when_provider_set,
        project.RoleFilled: copies.when_role_filled,
        project.AssigneeChanged: copies.when_assignee_changed,
        project.ProjectRestarted: copies.when_project_restarted,
        project.ProjectCompleted: copies.when_project_ended,
        project.ProjectCancelled: copies.when_project_ended,
        project.NodeEntered: reminders.when_node_entered,
        project.NodeRejected: reminders.when_node_rejected,
        project.NodeCompleted: reminders.when_node_completed,
    },
}


def feeds(engine: Engine) -> list[Projection]:
    """One feed per source. They park: a reminder that cannot be sent yet waits with the later facts of its project,
    while all other projects go on."""
    return [
        Projection(name=FEED_NAME, source=source, engine=engine, handlers=handlers, parks=True)
        for source, handlers in SOURCES.items()
    ]
