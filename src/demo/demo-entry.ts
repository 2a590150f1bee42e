import type { PROVENANCES } from "../registry/entry.ts";

/** An entry as the stand-in keeps and answers it: all fields, always. */
export interface DemoEntry {
  id: string;
  name: string;
  email: string;
  is_email_regex: boolean;
  comments: string | null;
  provenance: (typeof PROVENANCES)[number];
  directory_id: number | null;
  directory_node_id: number | null;
  external_directory_node_id: string | null;
  created_at: string;
  modified_at: string;
  last_modified: string;
}
