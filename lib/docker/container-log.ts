import { boundedText, longest } from "../core/bounded";
import type { EngineApi } from "./engine-api";

/** The last lines of a container's log, of both outputs. @param lines the maximum number of lines */
export async function endOfLog(engine: EngineApi, container: string, lines: number): Promise<string[]> {
  const path = `/containers/${encodeURIComponent(container)}/logs?stdout=1&stderr=1&tail=${lines}`;
  const said = await boundedText(await engine.stream("GET", path), longest.answer);
  return (
    said
      .split("\n")
      // Each frame has a header of eight bytes.
      .map((line) => line.replace(/[^\x20-\x7e]+/g, " ").trim())
      .filter((line) => line !== "")
  );
}
