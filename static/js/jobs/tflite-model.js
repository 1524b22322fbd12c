/** A student's trained network, run in this browser: TFLite through LiteRT's WebAssembly, one example at a time. */
import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";

let runtime = null;

/** The runtime, once for all models. One that could not be loaded, as the network was lost, is tried again by who needs it next. */
function startRuntime() {
  runtime ??= loadLiteRt("litert").catch((error) => {
    runtime = null;
    throw error;
  });
  return runtime;
}

/** Load the model at `url`. Throws if the file is missing or the browser lacks WebAssembly SIMD. */
export async function loadModel(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  const [bytes] = await Promise.all([answer.arrayBuffer(), startRuntime()]);
  const model = await loadAndCompile(new Uint8Array(bytes), { accelerator: "wasm" });
  const [input] = model.getInputDetails();
  const shapes = model.getOutputDetails().map((output) => [...output.shape]);
  return {
    shape: [...input.shape],
    /** Float32Array in; out, for each output, its shape and a Float32Array (a copy: LiteRT frees its own). TFLite orders them as it likes. */
    async predictAll(values) {
      const tensor = new Tensor(values, [...input.shape]);
      const outputs = await model.run(tensor);
      const results = outputs.map((output, index) => ({ shape: shapes[index], values: Float32Array.from(output.toTypedArray()) }));
      for (const each of [tensor, ...outputs]) each.delete();
      return results;
    },
    async predict(values) { return (await this.predictAll(values))[0].values; },
  };
}
