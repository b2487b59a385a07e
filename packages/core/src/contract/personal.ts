import type { Issue } from "./validate.ts";

/** What is said of a value that must not be repeated. */
export const NOT_AS_SCHEMA = "is not as its schema says";

/** Schema libraries may repeat a value in their words; those of personal fields are left out. */
export function withoutPersonal(
  { personal }: { readonly personal: { readonly fields: readonly string[] } | undefined },
  issues: readonly Issue[],
): readonly Issue[] {
  const fields = personal?.fields ?? [];
  const isPersonal = (path: string): boolean => fields.some((field) => isWithin(path, field) || isWithin(field, path));
  return issues.map((issue) =>
    isPersonal(issue.path.replaceAll(/(^|\.)\d+(?=\.|$)/g, "")) ? { path: issue.path, message: NOT_AS_SCHEMA } : issue,
  );
}

/** Whether a dotted path is another or lies in it; everything lies in the empty one. */
export const isWithin = (path: string, other: string): boolean =>
  other === "" || path === other || path.startsWith(`${other}.`);
