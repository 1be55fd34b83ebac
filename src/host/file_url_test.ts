import { strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { fileUrlOf, pathOfFileUrl } from "./file_url.ts";
import { OS } from "./os.ts";

Deno.test("fileUrlOf() writes a path as its system's URL", () => {
  const cases = [
    ["linux", "/a b/ü#?%20.txt", "file:///a%20b/%C3%BC%23%3F%2520.txt"],
    ["linux", "/a\\b/c:d", "file:///a%5Cb/c:d"],
    ["darwin", "/Users/ada/My App", "file:///Users/ada/My%20App"],
    [
      "windows",
      "C:\\Users\\My App\\100%#.txt",
      "file:///C:/Users/My%20App/100%25%23.txt",
    ],
    ["windows", "c:/a", "file:///c:/a"],
    ["windows", "\\\\server\\share\\a b", "file://server/share/a%20b"],
  ] as const;
  for (const [os, path, url] of cases) {
    strictEqual(fileUrlOf(os, path), url);
    strictEqual(new URL(url).href, url);
    if (os === OS) strictEqual(fileURLToPath(url), path);
  }
});

Deno.test("pathOfFileUrl() takes drives, shares and what is relative", () => {
  const cases = [
    ["linux", "file:///a%20b/c", "/a b/c"],
    ["linux", "file://localhost/a", "/a"],
    ["linux", "file://a/b", "/here/a/b"],
    ["linux", "file:a", "/here/a"],
    // A folder whose name is a letter and a colon.
    ["linux", "file:///C:/a", "/C:/a"],
    ["linux", "file:///100%", "/100%"],
    ["windows", "file:///C:/a%20b/c", "C:\\a b\\c"],
    ["windows", "file://C:/a", "C:\\a"],
    ["windows", "file:c:\\a", "c:\\a"],
    ["windows", "file://localhost/C:/a", "C:\\a"],
    ["windows", "file:////server/share/a", "\\\\server\\share\\a"],
    ["windows", "file://a/b", "D:\\here\\a\\b"],
    ["windows", "file://./a", "D:\\here\\.\\a"],
    ["windows", "file:///a", "\\a"],
  ] as const;
  for (const [os, url, path] of cases) {
    const folder = os === "windows" ? "D:\\here\\" : "/here";
    strictEqual(pathOfFileUrl(url, { os, folder }), path, url);
  }
});

Deno.test("a path comes back from its URL", () => {
  for (const path of ["/a b/ü#?%20.txt", "/a\\b", "/a%2Fb"]) {
    const options = { os: "linux", folder: "/" } as const;
    strictEqual(pathOfFileUrl(fileUrlOf("linux", path), options), path);
  }
  const options = { os: "windows", folder: "C:\\" } as const;
  strictEqual(
    pathOfFileUrl(fileUrlOf("windows", "C:\\a b\\c"), options),
    "C:\\a b\\c",
  );
});

Deno.test("fileUrlOf() names a module as the runtime does, whatever its path", {
  ignore: OS === "windows",
}, async () => {
  const signs = Array.from(
    { length: 94 },
    (_, i) => String.fromCharCode(33 + i),
  )
    .filter((it) => it !== "/").join("");
  const folder = await Deno.makeTempDir();
  try {
    for (const name of [`${signs} é`, "C|", "a\tb\nc"]) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path);
      await Deno.writeTextFile(
        `${path}/a.js`,
        "export default import.meta.url",
      );
      const url = fileUrlOf(OS, `${path}/a.js`);
      const module: { readonly default: string } = await import(url);
      strictEqual(module.default, url);
      strictEqual(fileURLToPath(url), `${path}/a.js`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
