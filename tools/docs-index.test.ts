import { expect, test } from "vitest";
import { pageOf } from "./docs-index.ts";

test("a page is told by its heading and its first sentence, on one line and without links", () => {
  expect(pageOf("docs/a.md", "# The [title\n\nIt says\n[what](b.md) `a.b` is. And more.\n")).toEqual({
    path: "docs/a.md",
    title: "The [title",
    first: "It says what `a.b` is.",
  });
  expect(pageOf("docs/a.md", "# A\n\nLike this:\n\n```sh\n").first).toBe("Like this.");
});

test.each(["No heading.\n\nA sentence.", "# A\n\n## B\n\nA sentence.", "# A\n\n```sh\nls\n```", "# A\n\nno end"])(
  "%j says nothing in an index",
  (text) => {
    expect(() => pageOf("docs/a.md", text)).toThrow("docs/a.md must begin with a heading and a sentence");
  },
);
