import { app, one } from "banyan";
import { Book as BookCars } from "./contexts/cars/contract.ts";
import { cars } from "./contexts/cars/index.ts";
import { Book as BookRooms } from "./contexts/rooms/contract.ts";
import { rooms } from "./contexts/rooms/index.ts";
import { tours } from "./contexts/tours/index.ts";

// #region seeds
export default app({
  contexts: [rooms, cars, tours],
  topology: one(),
  seeds: async ({ send }) => {
    for (const guest of ["Ada", "Grace"]) await send(BookRooms, { guest, offers: [["101", "102"], ["103"]] });
    await send(BookCars, { guest: "Ada", offers: [["cabriolet"]] });
  },
});
// #endregion
