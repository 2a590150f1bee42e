import { PGlite } from "@electric-sql/pglite";

/* A process that makes the database in the empty folder that it is given, and ends (make-database.ts). */

const database = await PGlite.create(process.argv[2]);
await database.close();
