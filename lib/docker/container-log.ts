import { boundedText, longest } from "../core/bounded";
import type { EngineApi } from "./engine-api";

/** What a container said last, on either output. @param lines how many at the most */
export async function endOfLog(engine: EngineApi, container: string, lines: number): Promise<string[]> {
  const path = `/containers/${encodeURIComponent(container)}/logs?stdout=1&stderr=1&tail=${lines}`;
  const said = await boundedText(await engine.stream("GET", path), longest.answer);
  return (
    said
      .split("\n")
      // Each part that was written at once has a head of eight bytes.
      .map((line) => line.replace(/[^\x20-\x7e]+/g, " ").trim())
      .filter((line) => line !== "")
  );
}
