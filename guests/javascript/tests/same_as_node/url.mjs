import url from "node:url";

const inputs = ["http://EXAMPLE.com:80/a/../b?x=1&x=2#f", "https://user:p%40ss@münchen.de/ä?ö#ü", "file:///C:/a b", "mailto:a@b", "data:text/plain,hi", "http://[::1]:3000/", "http://1.2/", "http://0x7f.1/", "//x/y", "nope", "http://a b/", "http://x:99999/", "javascript:alert(1)", "blob:https://a.com/1", "http://xn--ls8h.la/", "http://ﬀ.com", "ws://a:80", "http://a.com/%zz?%zz"];
export const cases = {
  parts: () => inputs.map((input) => { try { const u = new URL(input); return [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash]; } catch (e) { return [e.name, e.code]; } }),
  relative: () => ["../x", "/y", "?q", "#h", "//other/z", "http:rel", ""].map((r) => new URL(r, "http://a.com/b/c/d?e#f").href),
  can: () => [URL.canParse("http://x"), URL.canParse("x"), URL.canParse("x", "http://y")],
  set: () => { const u = new URL("http://a.com/x"); u.port = "81"; u.protocol = "https"; u.hash = "é"; u.search = "a b"; u.pathname = "/ü"; u.username = "me"; u.host = "b.com:9"; u.searchParams.append("k", "v&"); return [u.href, JSON.stringify(u), String(u.searchParams)]; },
  params: () => { const p = new URLSearchParams("?a=1&b=%20+&a=3&c"); p.append("d", "é&="); p.delete("b"); p.sort(); return [p.toString(), p.getAll("a"), p.has("c"), p.has("a", "3"), [...p.keys()], p.size, p.get("zz")]; },
  paramsFrom: () => [new URLSearchParams({ a: 1, b: "x y" }), new URLSearchParams([["a", "b"], ["a", "c"]]), new URLSearchParams(new Map([["q", "1"]]))].map(String),
  legacy: () => ["http://user:pass@Host.com:8080/p/a/t/h?query=string#hash", "//x/y", "/a?b=c", "mailto:x@y.z", "x:1", "javascript:alert('x')"].map((u) => ({ ...url.parse(u) })),
  legacyQuery: () => url.parse("/a?b=c&b=d", true).query,
  format: () => [url.format({ protocol: "http", host: "a.com", pathname: "/x", query: { a: [1, 2] } }), url.format(new URL("http://u:p@測試.com/a#b"), { auth: false, unicode: true, fragment: false })],
  resolve: () => [url.resolve("/one/two/three", "four"), url.resolve("http://example.com/", "/one"), url.resolve("http://a.com/b", "../c")],
  files: () => [url.fileURLToPath("file:///a%20b/c"), url.pathToFileURL("/a b#?%é").href, url.pathToFileURL("/d/").href],
  badFile: () => url.fileURLToPath("http://x/y"),
  domains: () => [url.domainToASCII("español.com"), url.domainToUnicode("xn--espaol-zwa.com"), url.domainToASCII("xn--iñvalid.com")],
  options: () => ({ ...url.urlToHttpOptions(new URL("https://a:b@測試?abc#x")) }),
  invalid: () => new URL("http://"),
};
