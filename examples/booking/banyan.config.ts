import { app, one } from "banyan";
import { cars } from "./contexts/cars/index.ts";
import { rooms } from "./contexts/rooms/index.ts";
import { tours } from "./contexts/tours/index.ts";

export default app({ contexts: [rooms, cars, tours], topology: one() });
