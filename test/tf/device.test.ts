import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bfloat16Lack } from "../../lib/tf/device";

describe("what a device lacks for bfloat16", () => {
  const processorLack = (cpuinfo: string): string | null => bfloat16Lack({ cpuinfo });
  const gpuLack = (capability: string): string | null => bfloat16Lack({ capability });
  const cpuinfo = (flags: string): string => `processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: ${flags}\nbugs\t\t:\n`;

  test("is read from a processor's flags, as whole words", () => {
    expect(processorLack(cpuinfo("fpu avx512f avx512_bf16 amx_tile"))).toBeNull();
    expect(processorLack(cpuinfo("fpu amx_bf16"))).toBeNull();
    expect(processorLack(cpuinfo("fpu avx2 not_avx512_bf16"))).toMatch(/avx512_bf16, amx_bf16/);
    expect(processorLack("")).toMatch(/avx512_bf16/);
  });

  test("is read from a GPU's compute capability", () => {
    expect([gpuLack("8.0\n"), gpuLack("9.0"), gpuLack("10.0")]).toEqual([null, null, null]);
    expect(gpuLack("7.5\n")).toMatch(/8\.0.*7\.5/);
    expect(gpuLack("")).not.toBeNull();
  });

  test("of this machine is that of its processor, where no GPU is used", () => {
    expect(bfloat16Lack()).toBe(processorLack(readFileSync("/proc/cpuinfo", "utf8")));
  });
});
