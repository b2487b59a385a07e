import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "oxc-parser";

/** One member of an interface, with the words above it. */
export interface Field {
  readonly name: string;
  readonly optional: boolean;
  readonly type: string;
  readonly words: string;
}

/** The members of an exported interface, in order, as the file declares them. Throws for members without words: a table of them would be empty there. */
export function fieldsOf(path: string, name: string): readonly Field[] {
  return fieldsIn(readFileSync(join(import.meta.dirname, "..", path), "utf8"), path, name);
}

export function fieldsIn(text: string, path: string, name: string): readonly Field[] {
  const { program, comments } = parseSync(path, text);
  const found = program.body
    .flatMap((node) => (node.type === "ExportNamedDeclaration" && node.declaration ? [node.declaration] : []))
    .find((node) => node.type === "TSInterfaceDeclaration" && node.id.name === name);
  if (found?.type !== "TSInterfaceDeclaration") throw new Error(`${path} exports no interface ${name}.`);
  let end = found.body.start;
  const fields = found.body.body.map((member) => {
    const from = end;
    end = member.end;
    const above = comments.findLast((comment) => comment.start >= from && comment.end <= member.start);
    return fieldOf(text.slice(member.start, member.end), wordsOf(above?.value ?? ""));
  });
  const silent = fields.filter(({ words }) => words === "").map((field) => field.name);
  if (silent.length > 0)
    throw new Error(`${path}: ${name} says nothing of ${silent.join(", ")}: write a comment above.`);
  return fields;
}

function fieldOf(declaration: string, words: string): Field {
  const [, name = "", optional, type = ""] = /^(?:readonly )?(\w+)(\?)?:\s*([^]*?);?$/.exec(declaration) ?? [];
  return { name, optional: optional !== undefined, type: type.replaceAll(/\s+/g, " "), words };
}

/** A comment on one line, without its stars. */
function wordsOf(comment: string): string {
  return comment
    .replace(/^\*/, "")
    .replaceAll(/\n\s*\* ?/g, " ")
    .trim();
}
