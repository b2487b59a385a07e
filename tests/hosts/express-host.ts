import type { Mounted } from "banyan";
import express, { type Express } from "express";

/** A team's own Express application, with Banyan below `/shop`. */
export function expressHost(shop: Mounted): Express {
  // #region express
  const server = express();
  server.use("/shop", shop.listener); // above every body parser
  server.use(express.json());
  server.post("/echo", (request, response) => {
    response.json({ heard: request.body });
  });
  // #endregion
  return server;
}

/** As it must not be: the parser takes the body before Banyan can. */
export function expressHostWithParserFirst(shop: Mounted): Express {
  const server = express();
  server.use(express.json());
  server.use("/shop", shop.listener);
  return server;
}
