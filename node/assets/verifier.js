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
   * Verifies a bundle or a file (text) against a trust file and a stored record (texts; empty for none). Options and
   * answer are those of `verify_bundle` in schema/src/wasm.rs.
   */
  verify(bundle, trust, record, options) {
    return this.#call("verify_bundle", [bundle, trust, record, JSON.stringify(options)]);
  }

  /** `{origin?, since?}`: the log that a trust file pins, and the size from which it is to prove its growth. */
  readRecord(trust, record) {
    return this.#call("read_record", [trust, record]);
  }

  #call(name, texts) {
    const put = texts.map((text) => this.#put(text));
    const answer = this.#wasm[name](...put.flat());
    const length = new DataView(this.#wasm.memory.buffer).getUint32(answer, true);
    const text = new TextDecoder().decode(new Uint8Array(this.#wasm.memory.buffer, answer + 4, length));
    this.#wasm.dealloc(answer, length + 4);
    for (const [at, size] of put) this.#wasm.dealloc(at, size);
    return JSON.parse(text);
  }

  #put(text) {
    const bytes = new TextEncoder().encode(text);
    const at = this.#wasm.alloc(bytes.length);
    new Uint8Array(this.#wasm.memory.buffer, at, bytes.length).set(bytes);
    return [at, bytes.length];
  }
}
