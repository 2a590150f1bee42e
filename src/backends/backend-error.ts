/**
 * The backend can't be used, or was lost: one line that names the address or folder (never a password), what was
 * found and what to do. Exit code 1.
 */
export class BackendError extends Error {
  override readonly name = "BackendError";
  /** `backend_unreachable`, `backend_auth`, `backend_in_use`, … stable, for `--json`. */
  readonly code: BackendErrorCode;
  readonly remedy: string;
  /** It may pass by itself, so that who has the time goes on waiting. */
  get mayPass(): boolean {
    return MAY_PASS.has(this.code);
  }
  constructor(code: BackendErrorCode, message: string, remedy: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy;
  }
}

export type BackendErrorCode =
  /** The address itself is wrong. */
  | "backend_url"
  /** Nothing answers there. */
  | "backend_unreachable"
  /** It answers, and refuses the user or password. */
  | "backend_auth"
  /** Its version is too old, or its data was written by a newer bulkpatch. */
  | "backend_version"
  /** Its certificate is not trusted, or not valid. */
  | "backend_certificate"
  /** It answers, and does not let this user do what is needed. */
  | "backend_permission"
  /** It takes nothing more: its memory or disk is full. */
  | "backend_full"
  /** It is kept from answering in time. */
  | "backend_busy"
  /** It answers, but can't be used as it is set up. */
  | "backend_unusable"
  /** What was kept there is gone: its tables, or its folder. */
  | "data_gone"
  /** The embedded folder can't be written. */
  | "folder_unwritable"
  /** The embedded folder holds something that is not, or no longer, a working database. */
  | "folder_corrupt"
  /** Another process holds the embedded folder and can't be reached. */
  | "folder_in_use"
  /** The process that held the embedded folder ended while it was asked. */
  | "owner_gone"
  /** The connection was lost and did not come back in time. */
  | "backend_lost"
  /** What was asked needs the process that owns the embedded folder. */
  | "not_owner";

const MAY_PASS: ReadonlySet<BackendErrorCode> = new Set<BackendErrorCode>([
  "backend_lost",
  "backend_full",
  "backend_busy",
]);
