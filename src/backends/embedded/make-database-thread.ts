import { workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";

/* A thread that makes the database in the folder that it is given (make-database.ts). */

const database = await PGlite.create(workerData as string);
await database.close();
