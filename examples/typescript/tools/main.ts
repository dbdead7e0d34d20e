/**
 * A research agent whose search engine and language model stay in your process, with their keys.
 *
 *     export SEARCH_API_KEY=...                # any text: both services are stand-ins
 *     npx tsx tools/main.ts "ocean currents"
 *
 * The tasks run in sandboxes that have neither network nor environment: what they may do is call the
 * two functions made by tool(), which run here.
 */
import { inSandbox, type ToolError, task, tool } from "@capsule/sdk";
import { z } from "zod";

const PAGES = [
  "Ocean currents carry heat from the equator towards the poles.",
  "The Gulf Stream is one of the strongest ocean currents.",
  "Sourdough needs flour, water, salt and patience.",
];

/** Stands in for a search engine with an account. */
const searchApi = tool(
  {
    name: "searchApi",
    timeout: "10s",
    args: [z.string().max(200), z.number().int().optional()],
  },
  (query, limit = 5) => {
    if (!process.env.SEARCH_API_KEY) {
      throw new Error("set SEARCH_API_KEY to use the search engine");
    }
    const words = query.toLowerCase().split(/\s+/);
    const found = PAGES.filter((page) => words.some((word) => page.toLowerCase().includes(word)));
    return found.slice(0, limit);
  },
);

/** Stands in for a language model. */
const askModel = tool({ name: "askModel", args: [z.string(), z.string()] }, async (prompt, text) =>
  text ? `${prompt} ${text}` : "Nothing was found.",
);

const searchWeb = task(
  { name: "searchWeb", timeout: "1m", tools: [searchApi] },
  async (query: string) => {
    try {
      const results = await searchApi(query, 2);
      return { results, keyInHere: "SEARCH_API_KEY" in process.env };
    } catch (error) {
      const { className, message } = error as ToolError;
      return { results: [], problem: `${className}: ${message}` };
    }
  },
);

const summarize = task(
  { name: "summarize", timeout: "1m", tools: [askModel] },
  // all at once: the model's answers are awaited together
  (results: string[]) => Promise.all(results.map((text) => askModel("In short:", text))),
);

async function researchAgent(topic: string): Promise<void> {
  const found = await searchWeb(topic);
  if (found.problem !== undefined) {
    console.log(`The search failed. ${found.problem}`);
    return;
  }
  console.log("The sandbox saw the key:", found.keyInHere);
  for (const line of await summarize(found.results)) {
    console.log(line);
  }
}

if (!inSandbox) {
  await researchAgent(process.argv.slice(2).join(" ") || "ocean currents");
}
