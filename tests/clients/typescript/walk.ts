// Walks the task list with types made from the OpenAPI document.

import createClient from "openapi-fetch";
import type { components, paths } from "./api";

type NewTaskEvent = components["schemas"]["NewTaskEvent"];
type EventType = components["schemas"]["TaskEventType"];

declare const process: { argv: string[]; exitCode: number };
declare const console: { log(text: string): void };

const baseUrl = process.argv[2] ?? "";
const client = createClient<paths>({ baseUrl });

function expect(what: string, actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`${what}: ${JSON.stringify(actual)} and not ${JSON.stringify(expected)}`);
  }
}

async function append(body: NewTaskEvent, expected: number | null) {
  const headers = expected === null ? {} : { "If-Match": `"${expected}"` };
  const { data, error, response } = await client.POST("/api/v1/task_event", {
    body,
    params: { header: headers },
  });
  if (error !== undefined) {
    throw new Error(`${response.status} ${error.detail}`);
  }
  if (Array.isArray(data)) {
    throw new Error("one event was asked for");
  }
  return data;
}

async function walk(): Promise<void> {
  const created = await append({ eventType: "CREATED", description: "write it down" }, null);
  const taskId = created.taskId;
  const deadline = "2026-04-21T00:00:00Z";
  const steps: [NewTaskEvent, EventType[]][] = [
    [{ taskId, eventType: "ASSIGNED", assignee: "ann" }, ["ASSIGNED", "CREATED"]],
    [{ taskId, eventType: "SCHEDULED", deadline }, ["ASSIGNED", "CREATED", "SCHEDULED"]],
    [{ taskId, eventType: "STARTED" }, ["STARTED"]],
    [{ taskId, eventType: "REASSIGNED", assignee: "bob" }, ["STARTED"]],
    [{ taskId, eventType: "COMPLETED" }, ["ENDED"]],
  ];
  let sequence = 1;
  for (const [event, state] of steps) {
    const stored = await append(event, sequence);
    expect("the event", stored.eventType, event.eventType);
    const path = { id: taskId };
    const { data } = await client.GET("/api/v1/task/{id}", { params: { path } });
    expect("the state", data?.state, state);
    sequence = data?.sequence ?? 0;
  }

  const { data: history } = await client.GET("/api/v1/task/{id}/history", {
    params: { path: { id: taskId } },
  });
  const types = Array.isArray(history) ? history.map((event) => event.eventType) : [];
  const walked: EventType[] = ["CREATED", ...steps.map(([event]) => event.eventType), "ENDED"];
  expect("the history", types, walked);

  const { error, response } = await client.POST("/api/v1/task/{id}/task_event", {
    params: { path: { id: taskId } },
    body: { eventType: "STARTED" },
  });
  expect("an illegal event", [response.status, error?.code], [403, 403]);

  const { data: page } = await client.GET("/api/v1/task_event", {
    params: { query: { task_id: taskId, event_type: "ASSIGNED" } },
  });
  const assigned = page?.items[0];
  // One that cannot be read has no fields of its own; told apart by their type, the others have.
  if (!assigned || "unreadable" in assigned || assigned.eventType !== "ASSIGNED") {
    throw new Error("the search found another event");
  }
  expect("the assignee", assigned.assignee, "ann");

  const { data: rules } = await client.GET("/api/v1/machine/task");
  expect("the rules", rules?.events.length, 10);
}

walk().then(
  () => console.log("walked"),
  (error: unknown) => {
    console.log(String(error));
    process.exitCode = 1;
  },
);
