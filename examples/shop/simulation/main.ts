import type { Simulation } from "@banyan/testing";
import { hmacTokens } from "../order-tokens.ts";
import { simulatedProvider } from "../provider/simulated.ts";
import { shop } from "../shop.ts";
import { buyer, Orderbook, stocker } from "./clients.ts";
import { flakyProvider } from "./flaky-provider.ts";
import { judge } from "./judge.ts";

/** The whole shop, its payment provider included, under crashes: `npm run simulate -- --app shop`. */
export const simulation: Simulation = {
  scenario: (world) => {
    const provider = flakyProvider(simulatedProvider(), world);
    const book = new Orderbook();
    return {
      app: shop(() => ({ provider, tokens: hmacTokens(new Uint8Array(32)) })),
      clients: [stocker, buyer(book, 4), buyer(book, 4), buyer(book, 4)],
      invariants: (settled) => judge(settled, book, provider),
    };
  },
};
