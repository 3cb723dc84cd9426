"""Walks the task list with a client made from the OpenAPI document."""

import datetime
import sys

from task_client import Client
from task_client.api.task import append_task_event, append_to_task, get_task, search_task_events
from task_client.models import (
    NewTaskAssigned,
    NewTaskCreated,
    NewTaskScheduled,
    NewTaskStarted,
    NextTaskStarted,
    Problem,
    TaskAssigned,
    TaskEventType,
)

client = Client(base_url=sys.argv[1])


def append(event):
    stored = append_task_event.sync(client=client, body=event)
    assert not isinstance(stored, Problem), stored
    return stored


created = append(NewTaskCreated(event_type="CREATED", description="write it down"))
task_id = created.task_id
deadline = datetime.datetime(2026, 4, 21, tzinfo=datetime.timezone.utc)
append(NewTaskAssigned(task_id=task_id, event_type="ASSIGNED", assignee="ann"))
append(NewTaskScheduled(task_id=task_id, event_type="SCHEDULED", deadline=deadline))
append(NewTaskStarted(task_id=task_id, event_type="STARTED"))

task = get_task.sync(task_id, client=client)
assert task.state == [TaskEventType.STARTED], task
assert task.sequence == 4, task

refused = append_to_task.sync(task_id, client=client, body=NextTaskStarted(event_type="STARTED"))
assert isinstance(refused, Problem) and refused.status == 403, refused

page = search_task_events.sync(client=client, task_id=task_id, event_type=TaskEventType.ASSIGNED)
assert isinstance(page.items[0], TaskAssigned), page
assert page.items[0].assignee == "ann", page
print("walked")
