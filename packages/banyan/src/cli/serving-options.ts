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

export const DATA = {
  kind: "string",
  value: "DIR",
  default: ".banyan",
  description: "the data folder",
} as const;
