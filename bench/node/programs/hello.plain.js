function main(name = "world") {
  return `Hello, ${name}!`;
}
