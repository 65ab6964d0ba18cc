import { types } from "node:util";
import { Parser } from "pickleparser";
import { InputError } from "../core/input-error";
import { checkPickle } from "./pickle-opcodes";
import {
  bytesOfKind,
  checkedStorage,
  checkedTensor,
  type StorageKind,
  type TorchArchive,
  type TorchStorage,
  type TorchTensor,
} from "./torch-tensor";

/** An unpickled graph of opaque values: only these two functions tell what a value is. */
export interface TorchGraph {
  readonly root: unknown;
  readonly tensorOf: (value: unknown) => TorchTensor | undefined;
  /** The members of a module, a dictionary or an ordered dictionary. */
  readonly membersOf: (value: unknown) => ReadonlyMap<unknown, unknown> | undefined;
}

/**
 * Reads the object graph of an archive without executing any of it: globals are looked up in a
 * fixed list of harmless constructors, and a class of a script (__torch__...) becomes a collection
 * of members. Throws, naming it, on a global outside the list and on a faulty tensor.
 */
export function unpickle(archive: TorchArchive): TorchGraph {
  const handles = newHandles();
  const kinds = new Map(Object.keys(bytesOfKind).map((kind) => [kindMarker(kind), kind as StorageKind] as const));
  const makers = makersBy(handles, kinds);
  const root = parse(archive, {
    nameResolver: { resolve: (module, name) => makerOf(makers, module, name) },
    persistentResolver: { resolve: (reference) => storageHandle(reference, kinds, handles, archive) },
  });
  return {
    root,
    tensorOf: (value) => known(handles.tensors, value),
    membersOf: (value) => (types.isMap(value) ? value : known(handles.modules, value)),
  };
}

type Maker = (...values: unknown[]) => unknown;

/** The genuine values. A pickle can set any property of any value, so a property proves nothing. */
interface Handles {
  readonly tensors: WeakMap<object, TorchTensor>;
  readonly storages: WeakMap<object, TorchStorage>;
  readonly modules: WeakMap<object, ReadonlyMap<unknown, unknown>>;
}

function newHandles(): Handles {
  return { tensors: new WeakMap(), storages: new WeakMap(), modules: new WeakMap() };
}

function known<T>(map: WeakMap<object, T>, value: unknown): T | undefined {
  return typeof value === "object" && value !== null ? map.get(value) : undefined;
}

function enter<T>(map: WeakMap<object, T>, value: T): object {
  const handle = Object.freeze({});
  map.set(handle, value);
  return handle;
}

interface Resolvers {
  readonly nameResolver: { readonly resolve: (module: string, name: string) => Maker };
  readonly persistentResolver: { readonly resolve: (reference: unknown) => object };
}

function parse({ pickle, source }: TorchArchive, resolvers: Resolvers): unknown {
  try {
    checkPickle(pickle);
    return new Parser({ ...resolvers, unpicklingTypeOfDictionary: "Map" }).parse(pickle);
  } catch (cause) {
    throw new InputError({ file: source, fault: `its pickle is refused: ${reasonOf(cause)}`, cause });
  }
}

function reasonOf(cause: unknown): string {
  // What the parser or the engine says of a malformed pickle means nothing to a reader.
  if (cause instanceof RangeError) return "it nests more deeply, or holds longer lists, than weights do";
  if (cause instanceof TypeError) return "an instruction in it lacks the value that it needs";
  return cause instanceof Error ? cause.message : String(cause);
}

function makerOf(makers: ReadonlyMap<string, Maker>, module: string, name: string): Maker {
  const maker = makers.get(/^__torch__(\.|$)/.test(module) ? "__torch__" : `${module}.${name}`);
  if (maker !== undefined) return maker;
  const whole = `${module}.${name}`;
  if (/^torch\.\w+Storage$/.test(whole)) {
    throw new Error(
      `it holds numbers of ${whole}, which are not read: convert the tensors with .float() and save again`,
    );
  }
  throw new Error(
    `it names ${whole}, which no weights need and which is not run: ` +
      "save the weights alone, torch.save(model.state_dict(), path)",
  );
}

/** All globals that a pickle may name. */
function makersBy(handles: Handles, kinds: ReadonlyMap<Maker, StorageKind>): ReadonlyMap<string, Maker> {
  const first: Maker = (value) => value;
  const lists = ["intlist", "doublelist", "boollist", "tensorlist"];
  return new Map<string, Maker>([
    ["__torch__", moduleMaker(handles)],
    ["torch._utils._rebuild_tensor_v2", tensorMaker(handles)],
    ["torch._utils._rebuild_parameter", first],
    ["collections.OrderedDict", () => new Map()],
    ...besideWeights.map((name) => [name, ignored] as const),
    ...lists.map((kind) => [`torch.jit._pickle.build_${kind}`, first] as const),
    ...[...kinds].map(([marker, kind]) => [`torch.${kind}`, marker] as const),
  ]);
}

/** NumPy's scalars, as a checkpoint's best score often is, and what they are pickled with. */
const besideWeights = [
  "numpy.core.multiarray.scalar",
  "numpy._core.multiarray.scalar",
  "numpy.dtype",
  "_codecs.encode",
];

/** Something beside the weights. It holds nothing. */
function ignored(): object {
  return Object.freeze({ __setstate__: () => {} });
}

function moduleMaker({ modules }: Handles): Maker {
  // Not an arrow function, because the parser calls it with `new`.
  return function makeModule(): object {
    const setMembers = (members: unknown): void => {
      if (types.isMap(members)) modules.set(handle, members);
    };
    const handle = Object.freeze({ __setstate__: setMembers });
    return handle;
  };
}

function tensorMaker({ tensors, storages }: Handles): Maker {
  return (handle, offset, shape, strides) => {
    const storage = known(storages, handle);
    if (storage === undefined) throw new Error("it makes a tensor of something that is not a storage");
    return enter(tensors, checkedTensor(storage, offset, shape, strides));
  };
}

/** Marks a kind of storage in persistent identifiers. Weights compare it but never call it. */
function kindMarker(kind: string): Maker {
  return () => {
    throw new Error(`it calls torch.${kind}`);
  };
}

/** The storage of a persistent identifier ("storage", kind, key, device, count). */
function storageHandle(
  reference: unknown,
  kinds: ReadonlyMap<Maker, StorageKind>,
  { storages }: Handles,
  archive: TorchArchive,
): object {
  const [tag, marker, key, , count]: unknown[] = Array.isArray(reference) ? reference : [];
  const kind = kinds.get(marker as Maker);
  if (tag !== "storage" || kind === undefined || (reference as unknown[]).length !== 5)
    throw new Error("a persistent identifier in it is not a storage");
  return enter(storages, checkedStorage(kind, key, count, archive));
}
