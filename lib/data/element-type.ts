/** How a file stores one value. */
export interface ElementType {
  /** As the file says it, such as "<f4" or "BF16". */
  readonly code: string;
  /** "brain" is bfloat16: the upper half of a 32-bit float. */
  readonly kind: "float" | "brain" | "integer" | "unsigned";
  readonly bytes: 1 | 2 | 4 | 8;
  readonly bigEndian: boolean;
}

const widths: Readonly<Record<ElementType["kind"], readonly number[]>> = {
  float: [2, 4, 8],
  brain: [2],
  integer: [1, 2, 4, 8],
  unsigned: [1, 2, 4, 8],
};

/** Is it a real number rather than a whole one? */
export function isFloat({ kind }: ElementType): boolean {
  return kind === "float" || kind === "brain";
}

/** The type of NumPy's `descr`; throws naming it, what is allowed and how to convert. "=" is the machine's order, little-endian here. */
export function npyElementType(descr: string, path: string): ElementType {
  if (/^.?O/.test(descr)) {
    throw new Error(
      `${path} holds pickled Python objects (${descr}), which are not read because they may run code: ` +
        "save numbers, a.astype(np.float32) or a.astype(np.int64)",
    );
  }
  const [, order = "", letter = "", digits = ""] = /^([<>=|])([fiu])([1248])$/.exec(descr) ?? [];
  const kind = ({ f: "float", i: "integer", u: "unsigned" } as const)[letter];
  const type = kind && elementType(descr, kind, Number(digits), order === ">");
  if (type) return type;
  throw new Error(`${path} holds values of type ${descr}: allowed are f2, f4, f8, i1 to i8 and u1 to u8`);
}

/** The type of safetensors' `dtype`; null for one that is neither a float nor a whole number of 8 to 64 bits. */
export function safetensorsElementType(dtype: string): ElementType | null {
  const [, letters = "", bits = ""] = /^(F|BF|I|U)(8|16|32|64)$/.exec(dtype) ?? [];
  const kind = ({ F: "float", BF: "brain", I: "integer", U: "unsigned" } as const)[letters];
  return kind ? elementType(dtype, kind, Number(bits) / 8, false) : null;
}

function elementType(code: string, kind: ElementType["kind"], bytes: number, bigEndian: boolean): ElementType | null {
  return widths[kind].includes(bytes) ? { code, kind, bytes: bytes as ElementType["bytes"], bigEndian } : null;
}
