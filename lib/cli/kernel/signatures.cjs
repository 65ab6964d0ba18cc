// What Shift+Tab shows: the name at the cursor, or the call around it with the parameter that comes next.
const { compiled } = require("./compiler.cjs");

/** What tslab puts before the text of a cell. */
const PREFIX = "export {};\n";
const CELL = "/__tslab__.ts";
const neverCancelled = { isCancellationRequested: () => false, throwIfCancellationRequested: () => {} };

/** The reply about a name if there is one, otherwise about the call around the cursor. */
function describeAt({ cursor_pos }, reply) {
  const { ts, program } = reply.found ? {} : (compiled() ?? {});
  const file = program?.getSourceFiles().find(({ fileName }) => fileName.endsWith(CELL));
  if (file === undefined) return reply;
  const position = PREFIX.length + cursor_pos;
  const help = ts.SignatureHelp.getSignatureHelpItems(program, file, position, undefined, neverCancelled);
  if (help === undefined) return reply;
  return { ...reply, found: true, data: { "text/plain": textOf(help) } };
}

/** The signature that fits best with its documentation, then the other ones. */
function textOf({ items, selectedItemIndex, argumentIndex }) {
  const chosen = items[selectedItemIndex];
  const others = items.filter((_, index) => index !== selectedItemIndex).map(signatureOf);
  const parameter = chosen.parameters[Math.min(argumentIndex, chosen.parameters.length - 1)];
  const here =
    parameter === undefined
      ? []
      : [`> ${sentence([wordsOf(parameter.displayParts), wordsOf(parameter.documentation)])}`];
  const words = wordsOf(chosen.documentation);
  return [
    signatureOf(chosen),
    ...here,
    ...(words === "" ? [] : ["", words]),
    ...(others.length ? ["", ...others] : []),
  ].join("\n");
}

function sentence(parts) {
  return parts.filter((part) => part !== "").join(": ");
}

function signatureOf({ prefixDisplayParts, parameters, separatorDisplayParts, suffixDisplayParts }) {
  const listed = parameters.map(({ displayParts }) => wordsOf(displayParts)).join(wordsOf(separatorDisplayParts));
  return `${wordsOf(prefixDisplayParts)}${listed}${wordsOf(suffixDisplayParts)}`;
}

function wordsOf(parts) {
  return (parts ?? []).map(({ text }) => text).join("");
}

module.exports = { describeAt };
