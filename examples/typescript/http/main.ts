/**
 * A task that reads from one web service, and can reach no other.
 *
 *     npx tsx examples/typescript/http/main.ts
 *
 * Two servers stand for the world, both started here: a shop, whose address the task is granted, and a machine inside
 * the network, which it is not. The shop is not to be trusted: one of its links leads to the inside.
 */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { task } from "@capsule/sdk";

interface Page {
  products: string[];
  next: number | null;
}

// no allowedHosts: whoever calls it says which shop is meant
const listProducts = task({ name: "list_products", timeout: "30s" }, async (shop: string) => {
  const products: string[] = [];
  for (let page: number | null = 1; page !== null; ) {
    const answer = await fetch(`${shop}/products?page=${page}`);
    const found = (await answer.json()) as Page;
    products.push(...found.products);
    page = found.next;
  }
  return products;
});

const readAdvert = task({ name: "read_advert", timeout: "30s" }, async (shop: string) => {
  try {
    const answer = await fetch(`${shop}/advert`); // follows redirections
    return await answer.text();
  } catch (error) {
    return `refused: ${((error as Error).cause as Error).message}`;
  }
});

const PAGES: Record<string, Page> = {
  "/products?page=1": { products: ["lamp", "chair"], next: 2 },
  "/products?page=2": { products: ["table"], next: null },
};

async function serve(listener: RequestListener): Promise<{ server: Server; address: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function demo(): Promise<void> {
  const inside = await serve((_, answer) => answer.end("all the passwords"));
  const shop = await serve((request, answer) => {
    if (request.url === "/advert") {
      answer.writeHead(302, { Location: `http://${inside.address}/passwords` }).end();
    } else {
      answer.setHeader("Content-Type", "application/json").end(JSON.stringify(PAGES[request.url ?? ""]));
    }
  });
  const granted = { allowedHosts: [shop.address] };

  const products = await listProducts.using(granted)(`http://${shop.address}`);
  console.log("Products:", products.join(", "));

  const envelope = await readAdvert.using(granted).envelope(`http://${shop.address}`);
  console.log("Advert:", envelope.result);
  for (const request of envelope.execution.host_requests) {
    console.log(`  ${request.method} ${request.url} -> ${request.status ?? "not sent"}`);
  }
  shop.server.close();
  inside.server.close();
}

await demo();
