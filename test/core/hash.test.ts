import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { canonicalJson, fileSha256, hashOf, sha256 } from "../../lib/core/hash";
import { temporaryFolder } from "../temporary-folder";

describe("canonical JSON", () => {
  test("sorts keys at every depth and keeps the order of lists", () => {
    const value = { b: [3, { z: null, y: "é\n" }, 1], a: { d: true, c: -0.5 } };
    expect(canonicalJson(value)).toBe('{"a":{"c":-0.5,"d":true},"b":[3,{"y":"é\\n","z":null},1]}');
    expect(JSON.parse(canonicalJson(value))).toEqual(value);
  });

  test("sorts by code unit, whatever the locale and the order of insertion", () => {
    const keys = ["ä", "a", "B", "10", "9", "_"];
    const sorted = '{"10":0,"9":0,"B":0,"_":0,"a":0,"ä":0}';
    for (const order of [keys, keys.toReversed(), keys.toSorted()]) {
      expect(canonicalJson(Object.fromEntries(order.map((key) => [key, 0])))).toBe(sorted);
    }
  });

  test("leaves undefined members out, and zero has no sign", () => {
    expect(canonicalJson({ a: undefined, b: { c: undefined }, d: -0 })).toBe('{"b":{},"d":0}');
  });

  test.each<[string, unknown, string]>([
    ["NaN", { rate: Number.NaN }, "NaN has no JSON form"],
    ["an infinity", [Number.NEGATIVE_INFINITY], "-Infinity has no JSON form"],
    ["a function", { run: () => 1 }, "not plain data"],
    ["a typed array", { data: Float32Array.of(1, 2) }, "not plain data"],
    ["a buffer", Buffer.from("a"), "not plain data"],
    ["an array buffer", new ArrayBuffer(4), "not plain data"],
    ["undefined in a list", [1, undefined], "undefined is not plain data"],
    ["a bigint", 1n, "1 is not plain data"],
    ["a symbol", Symbol("s"), "not plain data"],
    ["a date", new Date(0), "not plain data"],
    ["a map", new Map([["a", 1]]), "not plain data"],
    ["a set", new Set([1]), "not plain data"],
  ])("refuses %s", (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
  });
});

describe("a hash", () => {
  test("is SHA-256 in hexadecimal, of text in UTF-8", () => {
    expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256("é")).toBe(sha256(Uint8Array.of(0xc3, 0xa9)));
  });

  test("of a file is that of its content, of several chunks too", async () => {
    const content = Buffer.alloc(2 ** 21 + 1, "abcdefg");
    const path = join(temporaryFolder(), "a.bin");
    writeFileSync(path, content);
    expect(await fileSha256(path)).toBe(sha256(content));
    await expect(fileSha256(`${path}.none`)).rejects.toThrow(/no such file/);
  });

  test("of a value never changes silently: keys of cached work depend on it", () => {
    expect(hashOf({ b: [1, null, "x"], a: { c: true } })).toBe(
      "6e9a95cde93e09a8349e23a819afccce5413231754048c132ede28c03def4641",
    );
    expect(hashOf({ a: { c: true }, b: [1, null, "x"] })).toBe(hashOf({ b: [1, null, "x"], a: { c: true } }));
    expect(hashOf(["1"])).not.toBe(hashOf([1]));
  });
});
