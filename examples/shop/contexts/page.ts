import { z } from "zod";

/** The two fields by which every list is paged: at most `limit` items, after the item that `after` names. */
export const page = { limit: z.int().min(1).max(1_000).default(100), after: z.string().max(200).optional() };

export const sku = z.string().min(1).max(64);
