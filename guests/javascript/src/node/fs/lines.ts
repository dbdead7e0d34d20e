/** The lines of a stream of text, without their ends. */
export default async function* lines(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (rest + String(chunk)).split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop() as string;
    yield* parts;
  }
  if (rest !== "") {
    yield rest.replace(/\r$/, "");
  }
}
