// Walks a machine in XState: node xstate.cjs machine.json walk.json
// It runs where xstate is installed, which `require` looks for from the working directory.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { createMachine, transition } = createRequire(process.cwd() + "/")("xstate");

const [config, walk] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")));
const machine = createMachine(config);
const wrong = [];

for (const { state, names, steps } of walk) {
  const here = machine.resolveState({ value: `s${state}` });
  const meta = here.getMeta()[`machine.s${state}`];
  if (JSON.stringify(meta.state) !== JSON.stringify(names)) {
    wrong.push(`s${state} is ${meta.state}, not ${names}`);
  }
  for (const { event, to } of steps) {
    const legal = here.can({ type: event });
    const [next] = transition(machine, here, { type: event });
    const wanted = to === null ? `s${state}` : `s${to}`;
    if (legal !== (to !== null) || next.value !== wanted) {
      wrong.push(`s${state} ${event}: legal ${legal}, to ${next.value}; expected ${to}`);
    }
  }
}
console.log(wrong.join("\n"));
process.exit(wrong.length > 0 ? 1 : 0);
