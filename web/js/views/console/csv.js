// Tables as programs write them (RFC 4180): commas or semicolons between cells, quotes around those that have them.

/** @param {string} text @returns {string[][]} */
export function readTable(text) {
  const first = text.slice(0, (text.indexOf("\n") + text.length + 1) % (text.length + 1) || text.length);
  const separator = first.includes("\t") ? "\t" : first.includes(",") ? "," : ";";
  /** @type {string[][]} */
  const rows = [];
  let row = [""];
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === '"' && text[at + 1] === '"') row[row.length - 1] += text[++at];
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) row.push("");
    else if (!isQuoted && (character === "\n" || character === "\r")) {
      if (row.some((cell) => cell.trim())) rows.push(row);
      row = [""];
    } else row[row.length - 1] += character;
  }
  if (row.some((cell) => cell.trim())) rows.push(row);
  return rows;
}
