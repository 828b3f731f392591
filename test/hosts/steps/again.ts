import { strict as assert } from "node:assert";
import type { Step } from "../step";

export const again: Step = {
  id: "again",
  title: "a second `npm start`: nothing changed",
  run(site) {
    assert.match(site.must("up"), /nothing changed/);
  },
};
