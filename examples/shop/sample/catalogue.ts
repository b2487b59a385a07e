export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly cents: number;
}

const product = (sku: string, name: string, cents: number): Product => ({ sku, name, cents });

/** Two prices without a common divisor: together they make up any remainder from 29 * 42 pence. */
export const postcard: Product = product("21001", "POSTCARD SEASIDE", 29);
export const ribbon: Product = product("21002", "RIBBON REEL STRIPES", 42);

/** Invented goods; some names need the quoting that CSV has for commas, quotes and line ends. */
export const catalogue: readonly [Product, ...Product[]] = [
  postcard,
  ribbon,
  product("21010", "TEA TOWEL BLUE CHECK", 295),
  product("21011", "TEA TOWEL RED CHECK", 295),
  product("21020", "MUG ENAMEL WHITE", 425),
  product("21020B", "MUG ENAMEL BLACK", 425),
  product("21020b", "MUG ENAMEL BLUE", 425),
  product("21031", 'FRAME OAK 10" x 8"', 850),
  product("21032", 'FRAME OAK 7" x 5"', 650),
  product("21040", "CANDLE, LAVENDER, LARGE", 595),
  product("21041", "CANDLE, FIG, SMALL", 325),
  product("21050", "LANTERN TIN STARS", 339),
  product("21051", "LANTERN GLASS, HEXAGON", 1295),
  product("21060", "CUSHION COVER LINEN", 1075),
  product("21061", "THROW WOOL GREY", 3450),
  product("21070", "NOTEBOOK A5 DOTS", 185),
  product("21071", "PENCILS, BOX OF 12", 165),
  product("21080", "GARDEN TWINE GREEN", 125),
  product("21081", "PLANT LABELS SLATE", 210),
  product("21082", "WATERING CAN COPPER", 1650),
  product("21090", "JAM JAR LIDS GINGHAM", 85),
  product("21091", "CAKE STAND 3 TIER", 1275),
  product("21092", "BUNTING COTTON\nFIVE METRES", 495),
  product("21100", 'SIGN "KITCHEN"', 210),
  product("21101", 'SIGN "GARDEN, PLEASE KNOCK"', 210),
  product("21110", "LUNCH BAG DOTS", 165),
  product("21111", "LUNCH BAG STRIPES", 165),
  product("21120", "ALARM CLOCK IVORY", 375),
  product("21121", "DOORMAT COIR HEDGEHOG", 795),
  product("21130", "GIFT TAGS, 20 PIECES", 55),
];
