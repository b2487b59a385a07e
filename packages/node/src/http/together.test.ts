import { BanyanError } from "@banyan/core";
import { expect, test } from "vitest";
import { together } from "./together.ts";

const wrong = (words: string) => (): never => {
  throw new BanyanError("config-invalid", words, { remedy: `Correct ${words}.` });
};

test("both are made, or everything that is wrong with either is said", () => {
  expect(
    together(
      () => 1,
      () => "a",
    ),
  ).toEqual([1, "a"]);
  expect(() => together(wrong("one"), () => 1)).toThrow(
    expect.objectContaining({ message: "one", remedy: "Correct one." }),
  );
  expect(() => together(wrong("one"), wrong("other"))).toThrow(
    expect.objectContaining({ code: "config-invalid", message: "one\nother", remedy: "Correct one. Correct other." }),
  );
});

test("what is no mistake of a configuration is thrown as it is", () => {
  const broken = new TypeError("broken");
  expect(() =>
    together(wrong("one"), () => {
      throw broken;
    }),
  ).toThrow(broken);
});
