// Written by `banyan types` from the migrations of "cars". Change the migrations, and run it again.
import type { Generated } from "kysely";

export interface CarsTables {
  cars_booking: {
    place: string;
    guest: string;
    version: Generated<number>;
  };
}
