import { BanyanError, isBanyanError } from "@banyan/core";

/** Makes both, so that everything that is wrong with either is said at once: `config-invalid` with the words of both. */
export function together<One, Other>(one: () => One, other: () => Other): readonly [One, Other] {
  const [first, second] = [tried(one), tried(other)];
  if ("made" in first && "made" in second) return [first.made, second.made];
  const wrong = [first, second].flatMap((each) => ("wrong" in each ? [each.wrong] : []));
  const [only] = wrong;
  if (wrong.length === 1 && only !== undefined) throw only;
  throw new BanyanError("config-invalid", wrong.map(({ message }) => message).join("\n"), {
    remedy: wrong.map(({ remedy }) => remedy).join(" "),
  });
}

function tried<Made>(make: () => Made): { readonly made: Made } | { readonly wrong: BanyanError } {
  try {
    return { made: make() };
  } catch (error) {
    if (!isBanyanError(error) || error.code !== "config-invalid") throw error;
    return { wrong: error };
  }
}
