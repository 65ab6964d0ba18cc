// Messages of Protocol Buffers, written field by field.

/** A field of a protobuf message: its number and its value as it goes on the wire. */
export type ProtobufField = readonly Uint8Array[];

// Wire types: a variable-length number, a length before bytes, four bytes.
const variable = 0;
const delimited = 2;
const fourBytes = 5;

/** A whole number, a truth value or an enumeration; negative numbers as 64-bit two's complement. */
export function integerField(field: number, value: number): ProtobufField {
  return [tag(field, variable), variableLength(value)];
}

/** A 32-bit float. */
export function floatField(field: number, value: number): ProtobufField {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return [tag(field, fourBytes), bytes];
}

/** A text in UTF-8. */
export function textField(field: number, value: string): ProtobufField {
  return bytesField(field, Buffer.from(value));
}

/** Bytes as they are. */
export function bytesField(field: number, value: Uint8Array): ProtobufField {
  return [tag(field, delimited), variableLength(value.length), value];
}

/**
 * A message inside a message. A short one is joined at once: fewer parts then go through those
 * around it.
 */
export function messageField(field: number, fields: readonly ProtobufField[]): ProtobufField {
  const length = fields.reduce((sum, parts) => parts.reduce((size, part) => size + part.length, sum), 0);
  const head = [tag(field, delimited), variableLength(length)];
  return length > longestJoined ? [...head, ...fields.flat()] : [joined(head, fields)];
}

const longestJoined = 4096;

function joined(head: ProtobufField, fields: readonly ProtobufField[]): Uint8Array {
  return Buffer.concat([...head, ...fields.flat()]);
}

/** The bytes of a whole message. */
export function message(fields: readonly ProtobufField[]): Uint8Array {
  return Buffer.concat(fields.flat());
}

function tag(field: number, wireType: number): Uint8Array {
  return variableLength(field * 8 + wireType);
}

// Nearly every length, number and tag takes one byte.
const oneByte: readonly Uint8Array[] = Array.from({ length: 128 }, (_, value) => Uint8Array.of(value));

function variableLength(value: number): Uint8Array {
  const short = oneByte[value];
  if (short !== undefined) return short;
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) + 128);
    rest >>= 7n;
  }
  return Uint8Array.of(...bytes, Number(rest));
}
