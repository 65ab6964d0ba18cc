/** The value of a field. */
type Value = number | Buffer;

/** A protobuf message as its fields by number; fields of four bytes are numbers. */
export function fields(bytes: Buffer): ReadonlyMap<number, readonly Value[]> {
  const found = new Map<number, Value[]>();
  let at = 0;
  const variable = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = variable();
    const wire = tag & 7;
    const read = (): Value => {
      if (wire === 0) return variable();
      const length = wire === 5 ? 4 : variable();
      at += length;
      return wire === 5 ? bytes.readFloatLE(at - 4) : bytes.subarray(at - length, at);
    };
    found.set(tag >>> 3, [...(found.get(tag >>> 3) ?? []), read()]);
  }
  return found;
}

/** Fields as texts. */
export const texts = (values: readonly Value[] = []): readonly string[] => values.map(String);
/** A repeated field as messages. */
export const all = (message: ReadonlyMap<number, readonly Value[]>, field: number) =>
  (message.get(field) ?? []).map((bytes) => fields(bytes as Buffer));
