import { expect, it } from "vitest";
import { InputError } from "../../lib/core/input-error";

it("says file, place, fault and remedy in one line", () => {
  const error = new InputError({
    file: "/tmp/a.npy",
    place: "byte 10",
    fault: "expected '<f4', got '<c8'",
    remedy: "save it as float32",
  });
  expect(error.message).toBe("/tmp/a.npy, byte 10: expected '<f4', got '<c8'; save it as float32");
  expect([error.name, error.file, error.place, error.remedy]).toEqual([
    "InputError",
    "/tmp/a.npy",
    "byte 10",
    "save it as float32",
  ]);
});

it("keeps a file's control characters from the terminal, and is never endless", () => {
  const { message } = new InputError({ file: "x", fault: `\u001b[31mred\n${"y".repeat(5000)}` });
  expect(message).toMatch(/^x: {2}\[31mred y+\.\.\.$/);
  expect(message.length).toBeLessThan(2100);
});

it("has no place and no remedy if there are none", () => {
  const error = new InputError({ file: "x", fault: "is empty" });
  expect([error.message, error.place, error.remedy]).toEqual(["x: is empty", null, null]);
});
