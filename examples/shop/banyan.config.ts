import { httpProvider } from "./provider/client.ts";
import { launchProvider } from "./provider/launch.ts";
import { hmacTokens, secretOf } from "./order-tokens.ts";
import { shop } from "./shop.ts";

export default shop(async ({ data, onStop }) => {
  const launched = await launchProvider({ data });
  onStop(() => launched.stop());
  const provider = httpProvider({ data });
  onStop(() => provider.close());
  return { provider, tokens: hmacTokens(secretOf(data)) };
});
