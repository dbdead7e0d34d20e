/**
 * A research agent that loses nothing: end it at any point, start it again, and it goes on from
 * there.
 *
 *     npx tsx workflow.ts "ocean currents"
 *
 * It asks a search engine and a language model, which cost money, and then you. End it while it
 * waits for your answer (Ctrl-C, kill -9, the power switch) and start it again: neither is asked
 * twice.
 *
 * The search engine and the language model are stand-ins, so that the example needs no account.
 */
import { createInterface } from "node:readline/promises";
import { inSandbox, step, task, tool, workflow } from "@capsule/sdk";
import { z } from "zod";

const PAGES = [
  "Ocean currents carry heat from the equator towards the poles.",
  "The Gulf Stream is one of the strongest ocean currents.",
  "Sourdough needs flour, water, salt and patience.",
];

/** Stands in for a search engine with an account. */
const searchEngine = tool({ name: "searchEngine", args: [z.string().max(200)] }, (query) => {
  console.log(`asking the search engine for "${query}"`);
  return PAGES.filter((page) => page.toLowerCase().includes(query.toLowerCase()));
});

/** Stands in for a language model. */
const languageModel = tool(
  { name: "languageModel", args: [z.string(), z.array(z.string())] },
  (prompt, texts) => {
    console.log(`asking the language model about ${texts.length} pages`);
    return texts.length > 0 ? `${prompt} ${texts.join(" ")}` : "Nothing was found.";
  },
);

const searchWeb = task(
  { name: "searchWeb", timeout: "1m", maxRetries: 3, tools: [searchEngine] },
  (query: string) => searchEngine(query),
);

const summarize = task(
  { name: "summarize", timeout: "1m", tools: [languageModel] },
  (pages: string[]) => languageModel("In short:", [...new Set(pages)].sort()),
);

async function askReader(summary: string): Promise<string> {
  console.log(summary);
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await reader.question("How good is that, 1 to 5? ");
  } finally {
    reader.close();
  }
}

async function researchAgent(topic: string) {
  const found = await searchWeb.map(topic.split(/\s+/)); // all words at once, each in a sandbox of its own
  const summary = await summarize(found.flat());
  const rating = await step("rating", askReader, summary); // a step of this process
  return { topic, summary, rating };
}

if (!inSandbox) {
  const topic = process.argv.slice(2).join(" ") || "ocean currents";
  // the name by which it is found again
  const result = await workflow(`research: ${topic}`, () => researchAgent(topic));
  console.log(`${result.topic}: rated ${result.rating}`);
}
