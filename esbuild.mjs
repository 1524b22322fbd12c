/**
 * Bundles the front end: `node esbuild.mjs` fills static/dist with hashed files, a manifest
 * ({"app.css": "app-ABC.css", ...}) and, beside every text file, its .br and .gz.
 *
 * An unchanged tree rebuilds nothing: static/dist/.stamp holds a hash of everything that is read here.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, relative } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import { build } from "esbuild";

process.chdir(import.meta.dirname);
const output = "static/dist";
const compressible = new Set([".js", ".css", ".svg", ".json", ".wasm", ".map"]);

/** Every file below `folder`, sorted; paths are relative to the repository. */
async function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
}

/** The files of one kind in `folder` itself: a figure's parts may lie in folders beside it and are no entries. */
async function filesIn(folder, extension) {
  return (await filesBelow(folder)).filter((file) => dirname(file) === folder && extname(file) === extension);
}

async function stampOf(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update("\0").update(await readFile(file));
  return hash.digest("hex");
}

/**
 * Browsers without light-dark() (Chrome before 123, Safari before 17.5) would lose every colour. For them
 * the light halves of the tokens are repeated; derived here, so that tokens.css stays the only truth.
 */
const lightFallback = {
  name: "light-fallback",
  setup(bundler) {
    bundler.onLoad({ filter: /css\/tokens\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const pair = /light-dark\(((?:[^(),]|\([^()]*\))+),((?:[^(),]|\([^()]*\))+)\)/g;
      const lines = css.split("\n").filter((line) => line.includes("light-dark(")).map((line) => line.replace(pair, (_, light) => light.trim()));
      return { contents: `${css}\n@supports not (color: light-dark(#fff, #000)) {\n:root {\n${lines.join("\n")}\n}\n}\n`, loader: "css" };
    });
  },
};

/** LiteRT's glue code is a plain script that leaves a global; as a module it exports it. */
const liteRtGlue = {
  name: "litert-glue",
  setup(bundler) {
    bundler.onLoad({ filter: /litert_wasm\w*_internal\.js$/ }, async ({ path }) => ({
      contents: `${await readFile(path, "utf8")}\nexport default ModuleFactory;\n`,
      loader: "js",
    }));
  },
};

async function bundle() {
  const entries = ["static/css/app.css", "static/css/pages.css", ...(await filesIn("static/css/figures", ".css")), "static/js/app.js", "static/js/editor.js", ...(await filesIn("static/figures", ".js"))];
  const pictures = await filesIn("static", ".svg");
  const { metafile } = await build({
    entryPoints: [...entries, ...pictures].map((file) => ({ in: file, out: entryName(file) })),
    absWorkingDir: import.meta.dirname,
    outdir: output,
    entryNames: "[dir]/[name]-[hash]",
    chunkNames: "chunks/[name]-[hash]",
    assetNames: "files/[name]-[hash]",
    publicPath: "/static", // where app/main.py mounts static/dist
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    legalComments: "none",
    target: ["chrome109", "firefox115", "safari16.4"],
    loader: { ".woff2": "file", ".wasm": "file", ".svg": "copy" },
    // The package's own loader adds a <script> without a nonce, which our CSP refuses.
    alias: { "@litertjs/wasm-utils": "./static/js/jobs/litert-loader.js" },
    external: ["fs", "path", "url", "node:*"],
    plugins: [lightFallback, liteRtGlue],
    metafile: true,
    logLevel: "warning",
  });
  return metafile;
}

/** "static/js/app.js" -> "app", "static/figures/a.js" -> "figures/a", "static/css/figures/a.css" -> "figures/a". */
function entryName(file) {
  return relative("static", file).replace(/^(js|css)\//, "").replace(/\.\w+$/, "");
}

function manifestOf(metafile) {
  const manifest = {};
  for (const [path, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
    // A copied picture has no entry point in the metafile; it has one input.
    const source = entryPoint ?? (path.endsWith(".svg") ? Object.keys(inputs)[0] : undefined);
    if (source?.startsWith("static/") && !path.includes("/chunks/")) manifest[entryName(source) + extname(path)] = relative(output, path);
  }
  return Object.fromEntries(Object.entries(manifest).sort());
}

/** The big WebAssembly files get a quicker setting: 1.5 s each instead of 20, for 5% more bytes. */
async function compress(file) {
  if (existsSync(`${file}.br`) && existsSync(`${file}.gz`)) return; // its name holds its hash
  const bytes = await readFile(file);
  const quality = bytes.length > 1_000_000 ? 9 : 11;
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    promisify(gzip)(bytes, { level: 9 }),
  ]);
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)]);
}

/** Yesterday's files go; newer ones stay, for pages that were open while this was built. */
async function removeStale(metafile) {
  const wanted = new Set(Object.keys(metafile.outputs));
  const yesterday = Date.now() - 24 * 3600 * 1000;
  for (const file of await filesBelow(output)) {
    const original = file.replace(/\.(br|gz)$/, "");
    if (wanted.has(original) || [".stamp", "manifest.json"].includes(basename(original))) continue;
    if ((await stat(file)).mtimeMs < yesterday) await rm(file);
  }
}

async function main() {
  const sources = (await filesBelow("static")).filter((file) => !file.startsWith(output));
  const stamp = await stampOf([...sources, "esbuild.mjs", "package-lock.json"]);
  const stampFile = join(output, ".stamp");
  if (existsSync(stampFile) && (await readFile(stampFile, "utf8")) === stamp && existsSync(join(output, "manifest.json"))) return;

  await mkdir(output, { recursive: true });
  const metafile = await bundle();
  await Promise.all(Object.keys(metafile.outputs).filter((file) => compressible.has(extname(file))).map(compress));
  await writeFile(join(output, "manifest.json"), JSON.stringify(manifestOf(metafile), null, 1));
  await removeStale(metafile);
  await writeFile(stampFile, stamp);
}

await main();
