import { BanyanError } from "../error/index.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes of `512MiB`, `1GiB`, `1.5GiB`. */
export function bytesOf(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|TiB)$/.exec(text) ?? [];
  const power = UNITS.findIndex((one) => one === unit);
  const bytes = Math.floor(Number(amount) * 1024 ** power);
  if (power !== -1 && bytes > 0) return bytes;
  throw new BanyanError("config-invalid", `"${text}" is not a size.`, {
    remedy: 'Write a number above 0 and a unit: "512KiB", "64MiB", "1GiB".',
  });
}

/** Bytes for people: `1.5GiB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const amount = bytes / 1024 ** power;
  return `${amount < 10 ? Math.round(amount * 10) / 10 : Math.round(amount)}${UNITS[power]}`;
}
