// What the running cell has shown so far, to be repeated.

/** Of a stream's text the last so many characters are kept. */
const LONGEST_TEXT = 1_000_000;

/** Keeps the outputs of a cell in order: neighbouring texts of a stream joined, displays as they were last updated. */
function outputRecord() {
  const outputs = [];
  const add = (type, content) => {
    const last = outputs.at(-1);
    if (type === "stream" && last?.type === "stream" && last.content.name === content.name)
      last.content = { ...content, text: (last.content.text + content.text).slice(-LONGEST_TEXT) };
    else if (type === "update_display_data") update(content);
    else outputs.push({ type, content });
  };
  const update = (content) => {
    const { display_id } = content.transient;
    for (const output of outputs.filter((each) => each.content.transient?.display_id === display_id))
      output.content = content;
  };
  return { add, outputs };
}

module.exports = { outputRecord };
