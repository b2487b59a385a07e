import "reflect-metadata";
import { Controller, Module, Post, Body } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import type { Mounted } from "banyan";

/** A team's own module, written without the syntax of decorators, which Node does not run. */
class EchoController {
  echo(heard: unknown): { heard: unknown } {
    return { heard };
  }
}
const { prototype } = EchoController;
Controller("echo")(EchoController);
Post()(prototype, "echo", Object.getOwnPropertyDescriptor(prototype, "echo") ?? {});
Body()(prototype, "echo", 0);

class AppModule {}
Module({ controllers: [EchoController] })(AppModule);

/** A team's own Nest application, with Banyan below `/shop`. */
export async function nestHost(shop: Mounted): Promise<NestExpressApplication> {
  // #region nest
  const server = await NestFactory.create<NestExpressApplication>(AppModule, { logger: ["error", "warn"] });
  server.use("/shop", shop.listener); // before `listen` and `init`, which put the body parsers behind it
  // #endregion
  return server;
}

/** As it must not be: initialised first, Nest's parsers take the body before Banyan can. */
export async function nestHostWithParserFirst(shop: Mounted): Promise<NestExpressApplication> {
  const server = await NestFactory.create<NestExpressApplication>(AppModule, { logger: false });
  server.useBodyParser("json");
  server.use("/shop", shop.listener);
  return server;
}
