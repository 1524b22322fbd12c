/** A student's trained network, run in this browser: TFLite through LiteRT's WebAssembly, one example at a time. */
import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";

let runtime = null;

/** Load the model at `url`. Throws if the file is missing or the browser lacks WebAssembly SIMD. */
export async function loadModel(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  const [bytes] = await Promise.all([answer.arrayBuffer(), (runtime ??= loadLiteRt("litert"))]);
  const model = await loadAndCompile(new Uint8Array(bytes), { accelerator: "wasm" });
  const [input] = model.getInputDetails();
  return {
    shape: [...input.shape],
    /** Float32Array in, Float32Array out (a copy: LiteRT frees its own). */
    async predict(values) {
      const tensor = new Tensor(values, [...input.shape]);
      const outputs = await model.run(tensor);
      const result = Float32Array.from(outputs[0].toTypedArray());
      for (const each of [tensor, ...outputs]) each.delete();
      return result;
    },
  };
}
