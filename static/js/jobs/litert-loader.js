/**
 * Replaces `@litertjs/wasm-utils` (see `alias` in esbuild.mjs). The package's own loader adds a script element,
 * which our CSP blocks; here the glue code is a module of ours and knows the hashed file's address.
 * Only the variants without threads: threads need cross-origin isolation.
 */
import compatWasm from "@litertjs/core/wasm/litert_wasm_compat_internal.wasm";
import wasm from "@litertjs/core/wasm/litert_wasm_internal.wasm";

/** `name` is the file that LiteRT chose: the compat one if the browser lacks relaxed SIMD. */
export async function createWasmLib(Runtime, name) {
  const compat = name.includes("compat");
  const { default: factory } = compat
    ? await import("@litertjs/core/wasm/litert_wasm_compat_internal.js")
    : await import("@litertjs/core/wasm/litert_wasm_internal.js");
  // LiteRT logs the browser's accelerators on the error stream; only errors are useful.
  const printErr = (line) => { if (!/^(INFO|WARNING)\b/.test(line)) console.error(line); };
  const module = await factory({ locateFile: () => (compat ? compatWasm : wasm), print: () => {}, printErr });
  return new Runtime(module);
}
