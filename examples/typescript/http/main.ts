/**
 * A task that reads from one web service, and can reach no other.
 *
 *     npx tsx http/main.ts
 *
 * Two servers stand for the world, both started here: a shop, whose address the task is granted, and
 * a machine inside the network, which it is not. The shop is not to be trusted: one of its links
 * leads to the inside.
 */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { inSandbox, task } from "@capsule/sdk";

interface Page {
  products: string[];
  next: number | null;
}

// no allowedHosts: whoever calls it says which shop is meant
const listProducts = task({ name: "listProducts", timeout: "30s" }, async (shop: string) => {
  const products: string[] = [];
  let page: number | null = 1;
  while (page !== null) {
    const answer = await fetch(`${shop}/products?page=${page}`);
    const found = (await answer.json()) as Page;
    products.push(...found.products);
    page = found.next;
  }
  return products;
});

const readAdvert = task({ name: "readAdvert", timeout: "30s" }, async (shop: string) => {
  try {
    const answer = await fetch(`${shop}/advert`); // follows redirections
    return await answer.text();
  } catch (error) {
    return `refused: ${(error as Error & { cause?: Error }).cause?.message}`;
  }
});

const PAGES: Record<string, Page> = {
  1: { products: ["lamp", "chair"], next: 2 },
  2: { products: ["table"], next: null },
};

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).unref();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function demo(): Promise<void> {
  const inside = await serve((_, answer) => answer.end("all the passwords"));
  const shop = await serve((request, answer) => {
    if (request.url === "/advert") {
      answer.writeHead(302, { Location: `http://${inside}/passwords` }).end();
    } else {
      answer.end(JSON.stringify(PAGES[request.url?.split("=")[1] ?? ""]));
    }
  });
  const granted = { allowedHosts: [shop] };

  console.log("Products:", (await listProducts.using(granted)(`http://${shop}`)).join(", "));

  const { result, execution } = await readAdvert.using(granted).envelope(`http://${shop}`);
  console.log("Advert:", result);
  for (const { method, url, status } of execution.host_requests) {
    console.log(`  ${method} ${url} -> ${status ?? "not sent"}`);
  }
}

if (!inSandbox) {
  await demo();
}
