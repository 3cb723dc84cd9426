"""Walks a machine in python-statemachine: scxml.py machine.scxml walk.json"""

import json
import sys

from statemachine.io.scxml.processor import SCXMLProcessor

with open(sys.argv[1], encoding="utf-8") as file:
    document = file.read()
with open(sys.argv[2], encoding="utf-8") as file:
    walk = json.load(file)


def start():
    processor = SCXMLProcessor()
    processor.parse_scxml("machine", document)
    return processor.start()


def states(chart):
    return [str(state) for state in chart.configuration_values]


chart = start()
wrong = [] if states(chart) == ["s0"] else [f"begins in {states(chart)}"]
for state in walk:
    here = f"s{state['state']}"
    for step in state["steps"]:
        # It does not go on after a final state.
        if chart.is_terminated:
            chart = start()
        chart.current_state_value = here
        legal = step["event"] in [event.id for event in chart.allowed_events]
        chart.send(step["event"])
        to = step["to"]
        wanted = [here if to is None else f"s{to}"]
        if legal != (to is not None) or states(chart) != wanted:
            wrong.append(f"{here} {step['event']}: legal {legal}, to {states(chart)}; expected {to}")
print("\n".join(wrong))
sys.exit(1 if wrong else 0)
