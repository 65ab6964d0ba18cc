// tslab's compiler with three mends: names of properties are never mistaken for variables of earlier cells, what is compiled
// keeps its source maps, and the program is at hand for signature help. Loaded before tslab, whose view of TypeScript it is.
const { requireOf, typescriptPath } = require("./tslab.cjs");
const { addScript, mapOf } = require("./places.cjs");

const ts = requireOf("@tslab/typescript-for-tslab");
const PREVIOUS = "/__prev__.d.ts";
const MAP_COMMENT = /^\/\/# sourceMappingURL=data:application\/json;base64,(.*)$/m;

/** The newest program of the converter; null before the first cell. */
let program = null;
/** What was emitted and is not yet a script, by its text. */
const emitted = new Map();

require.cache[typescriptPath].exports = { ...ts, createWatchCompilerHost, createWatchProgram, transpileModule };

function createWatchCompilerHost(files, options, ...rest) {
  return ts.createWatchCompilerHost(files, { ...options, inlineSourceMap: true }, ...rest);
}

function createWatchProgram(host) {
  const { afterProgramCreate } = host;
  host.afterProgramCreate = (builder) => {
    program = builder.getProgram();
    mendEmit(builder);
    afterProgramCreate(builder);
  };
  return ts.createWatchProgram(host);
}

function mendEmit(builder) {
  const { emit } = builder;
  builder.emit = (file, write, token, onlyTypes, { after, ...others }) => {
    const first = literalNames(builder.getProgram().getTypeChecker());
    return emit.call(builder, file, keepingMaps(write), token, onlyTypes, { after: [first, ...after], ...others });
  };
}

/** Passes on what is emitted without the source map, which is kept. */
function keepingMaps(write) {
  return (fileName, text, ...rest) => {
    const map = MAP_COMMENT.exec(text);
    if (map === null) return write(fileName, text, ...rest);
    const bare = text.replace(MAP_COMMENT, "");
    emitted.set(bare, { fileName, map: mapOf(Buffer.from(map[1], "base64").toString()) });
    write(fileName, bare, ...rest);
  };
}

/** The second half of a compilation: imports become `require`. The maps of both halves belong to the script. */
function transpileModule(text, { compilerOptions, ...options }) {
  const all = { ...options, compilerOptions: { ...compilerOptions, sourceMap: true } };
  const { outputText, sourceMapText } = ts.transpileModule(text, all);
  const bare = outputText.replace(/^\/\/# sourceMappingURL=.*$/m, "").trimEnd();
  const { fileName, map } = emitted.get(text) ?? {};
  emitted.delete(text);
  if (map !== undefined) addScript(fileName, { code: bare, maps: [mapOf(sourceMapText), map] });
  return { outputText: bare };
}

/**
 * A transformer that runs before tslab's, which replaces identifiers of earlier cells' variables by members of `exports`:
 * wrongly in `{ split }` and, where a type of an earlier cell declares the property, in `{ split: own }`.
 */
function literalNames(checker) {
  return ({ factory }) => {
    const context = ts.nullTransformationContext;
    const visit = (node) => mended(ts.visitEachChild(node, visit, context), node);
    const literal = (name) => factory.createStringLiteral(name.text);
    const mended = (node, before) => {
      if (ts.isShorthandPropertyAssignment(node)) return spelledOut(node, before);
      if (ts.isPropertyAssignment(node) && isEarlierProperty(node.name))
        return factory.updatePropertyAssignment(node, literal(node.name), node.initializer);
      if (ts.isBindingElement(node) && isEarlierProperty(node.propertyName))
        return factory.updateBindingElement(
          node,
          node.dotDotDotToken,
          literal(node.propertyName),
          node.name,
          node.initializer,
        );
      return node;
    };
    const spelledOut = (node, before) => {
      const variable = checker.getShorthandAssignmentValueSymbol(ts.getOriginalNode(before));
      if (!isEarlier(variable)) return node;
      const value = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), node.name.text);
      const whole = node.objectAssignmentInitializer;
      const target = whole === undefined ? value : factory.createAssignment(value, whole);
      return ts.setTextRange(factory.createPropertyAssignment(literal(node.name), target), node);
    };
    return visit;
  };

  function isEarlierProperty(name) {
    return name !== undefined && ts.isIdentifier(name) && isEarlier(checker.getSymbolAtLocation(name));
  }
}

/** Whether a symbol is declared by an earlier cell. */
function isEarlier(symbol) {
  return (symbol?.declarations ?? []).some((declaration) => declaration.getSourceFile().fileName.endsWith(PREVIOUS));
}

/** The newest program and TypeScript itself; null before the first cell. */
function compiled() {
  return program === null ? null : { ts, program };
}

module.exports = { compiled };
