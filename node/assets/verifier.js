// The verifier: WASM built from the same source as the server and the command line program. It has no
// imports, so it can neither read the network nor the page; bytes go in, a verdict comes out.

/** What a device lacks, or null: asked by feature, never by the name of a browser. */
export function lacking() {
  if (typeof WebAssembly !== "object" || typeof WebAssembly.instantiate !== "function") return "wasm";
  if (typeof TextEncoder !== "function" || typeof fetch !== "function") return "platform";
  return null;
}

/** Loads the verifier from `url`; rejects when the device does not let it run. */
export async function load(url, integrity) {
  const response = await fetch(url, { integrity });
  if (!response.ok) throw new Error(`verifier: ${response.status}`);
  const { instance } = await WebAssembly.instantiate(await response.arrayBuffer(), {});
  return new Verifier(instance.exports);
}

class Verifier {
  #wasm;

  constructor(exports) {
    this.#wasm = exports;
  }

  /**
   * Verifies a bundle (text) against a trust file (text). `options` is `{lang, remembered?, now?, file?}`,
   * `now` in seconds since 1970.
   * Gives `{verdict, story}`, or `{error}` when a file is broken.
   */
  verify(bundle, trust, options) {
    const [a, aLength] = this.#put(bundle);
    const [b, bLength] = this.#put(trust);
    const [c, cLength] = this.#put(JSON.stringify(options));
    const answer = this.#wasm.verify_bundle(a, aLength, b, bLength, c, cLength);
    const length = new DataView(this.#wasm.memory.buffer).getUint32(answer, true);
    const text = new TextDecoder().decode(new Uint8Array(this.#wasm.memory.buffer, answer + 4, length));
    this.#wasm.dealloc(answer, length + 4);
    this.#wasm.dealloc(a, aLength);
    this.#wasm.dealloc(b, bLength);
    this.#wasm.dealloc(c, cLength);
    return JSON.parse(text);
  }

  #put(text) {
    const bytes = new TextEncoder().encode(text);
    const at = this.#wasm.alloc(bytes.length);
    new Uint8Array(this.#wasm.memory.buffer, at, bytes.length).set(bytes);
    return [at, bytes.length];
  }
}
