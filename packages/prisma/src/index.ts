export { prisma, type PrismaOnUnit } from "./prisma.ts";
