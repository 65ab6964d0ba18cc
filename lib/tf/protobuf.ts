/** A field of a protobuf message: its number and its value as it goes on the wire. */
export type Field = readonly Uint8Array[];

// Wire types: a variable-length number, a length before bytes, four bytes.
const variable = 0;
const delimited = 2;
const fourBytes = 5;

/** A whole number, a truth value or an enumeration; negative numbers as 64-bit two's complement. */
export function integerField(field: number, value: number): Field {
  return [tag(field, variable), variableLength(value)];
}

/** A 32-bit float. */
export function floatField(field: number, value: number): Field {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return [tag(field, fourBytes), bytes];
}

export function textField(field: number, value: string): Field {
  return bytesField(field, Buffer.from(value));
}

export function bytesField(field: number, value: Uint8Array): Field {
  return [tag(field, delimited), variableLength(value.length), value];
}

/** A message inside a message. */
export function messageField(field: number, fields: readonly Field[]): Field {
  const parts = fields.flat();
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [tag(field, delimited), variableLength(length), ...parts];
}

/** The bytes of a whole message. */
export function message(fields: readonly Field[]): Uint8Array {
  return Buffer.concat(fields.flat());
}

function tag(field: number, wireType: number): Uint8Array {
  return variableLength(field * 8 + wireType);
}

function variableLength(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) + 128);
    rest >>= 7n;
  }
  return Uint8Array.of(...bytes, Number(rest));
}
