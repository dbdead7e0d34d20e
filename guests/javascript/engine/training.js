// What tasks are like: a program that trace.c runs, so that what its like uses lies together in the snapshot. It prints
// a comment, because what trace.c writes is C.
import { task } from "@capsule/sdk";

class Point {
  #scale = 2;
  constructor(x, y) {
    this.x = x;
    this.y = y;
  }
  get length() {
    return Math.hypot(this.x, this.y) * this.#scale;
  }
}

function* numbers(limit) {
  for (let number = 0; number < limit; number++) {
    yield number;
  }
}

const later = (value) => new Promise((resolve) => queueMicrotask(() => resolve(value)));

function text() {
  const words = "The quick  brown fox, jumps over the lazy dog".split(/\s+/).map((word) => word.replace(/[^a-z]/gi, ""));
  const counts = new Map();
  for (const word of words) {
    counts.set(word.toLowerCase(), (counts.get(word.toLowerCase()) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `${sorted.map(([word, count]) => `${word.padEnd(8)}${count}`).join("\n").trim()} ${words.includes("fox")}`.slice(0, 200);
}

function data() {
  const items = Array.from({ length: 20 }, (_, index) => ({ id: index, name: `item ${index}`, price: index * 1.5 }));
  const { total, ...rest } = items
    .filter(({ id }) => id % 2 === 0)
    .reduce((sum, { price }) => ({ ...sum, total: sum.total + price, count: sum.count + 1 }), { total: 0, count: 0 });
  const copy = JSON.parse(JSON.stringify({ items, total, rest, when: new Date(0) }, null, 2));
  return Object.fromEntries(Object.entries(copy).map(([key, value]) => [key, String(value).length]));
}

function failures() {
  try {
    null.missing;
  } catch (error) {
    return `${error.name}: ${error.message} ${error instanceof TypeError} ${error.stack.length}`;
  }
}

export const main = task({ name: "main", compute: "LOW", ram: "64MB", timeout: "10s" }, async (name = "world", options = {}) => {
  console.log("// measured with", name, options, [1, 2, 3], failures());
  const all = await Promise.all([later(1), later(2), Promise.resolve(3)]);
  const bytes = new TextEncoder().encode(text());
  return {
    all,
    text: new TextDecoder().decode(bytes),
    data: data(),
    sum: [...numbers(10)].reduce((sum, number) => sum + number, 0),
    length: new Point(3, 4).length,
    unique: [...new Set([3, 1, 2, 3])],
    random: Math.floor(Math.random() * 10),
    day: new Date(Date.now()).getDay(),
    number: Number.parseFloat("1.50").toFixed(2),
  };
});
