/** The options of the commands that serve an application. */
export const HOST = {
  kind: "string",
  value: "ADDR",
  default: "127.0.0.1",
  description: "the address to listen on",
} as const;

export const PORT = {
  kind: "number",
  value: "N",
  default: 3000,
  min: 0,
  max: 65_535,
  description: "the port to listen on; 0 takes a free one",
} as const;

export const SETTINGS = {
  kind: "string",
  value: "FILE",
  description:
    "the settings of the application as JSON; default banyan.json beside the config file, where there is one",
} as const;

export const INSPECT = {
  kind: "number",
  value: "[PORT]",
  bare: 9229,
  min: 0,
  max: 65_535,
  description: "let a debugger attach at 127.0.0.1, on this port or on 9229",
} as const;

export const DATA = {
  kind: "string",
  value: "DIR",
  default: ".banyan",
  description: "the data folder",
} as const;
