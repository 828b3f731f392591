import { type EngineApi, EngineError, removeContainer } from "../../lib/docker/engine-api";

/** Removes a container from an engine that refuses so, in this order, and then removes it. */
async function removeAfter(...refusals: EngineError[]): Promise<number> {
  let asked = 0;
  const call = async () => {
    asked++;
    const refusal = refusals.shift();
    if (refusal) throw refusal;
  };
  await removeContainer({ call } as unknown as EngineApi, "made");
  return asked;
}

const inProgress = () => new EngineError(409, "removal of container made is already in progress");

test("a removal that a killed run began is waited for, until the container is gone", async () => {
  expect(await removeAfter(inProgress(), inProgress(), new EngineError(404, "No such container"))).toBe(3);
  expect(await removeAfter(inProgress())).toBe(2);
});

test("another refusal is reported at once", async () => {
  const paused = new EngineError(409, "You cannot remove a paused container");
  await expect(removeAfter(paused)).rejects.toBe(paused);
});
