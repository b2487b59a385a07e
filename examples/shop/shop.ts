import { app, type App, type Environment } from "banyan";
import { inventory } from "./contexts/inventory/index.ts";
import { notifications } from "./contexts/notifications/index.ts";
import type { OrderTokens } from "./order-tokens.ts";
import { orders } from "./contexts/orders/index.ts";
import type { PaymentProvider } from "./provider/port.ts";
import { payments } from "./contexts/payments/index.ts";
import { shipping } from "./contexts/shipping/index.ts";

export interface ShopPorts {
  readonly provider: PaymentProvider;
  readonly tokens: OrderTokens;
}

/** The shop over whatever reaches the outside: the provider's process in earnest, one in memory in the simulation. */
export function shop(ports: (environment: Environment) => ShopPorts | Promise<ShopPorts>): App {
  return app({
    contexts: [orders, inventory, payments, shipping, notifications],
    ports: async (environment) => {
      const { provider, tokens } = await ports(environment);
      return { orders: { tokens, delivery: environment.delivery }, payments: { provider } };
    },
  });
}
