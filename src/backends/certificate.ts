import { BackendError } from "./backend-error.ts";

/** What Node says of a server's certificate that it can't check, or that is not for this host or time. */
const UNTRUSTED = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_UNTRUSTED",
]);
const WRONG = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "CERT_REVOKED", "ERR_TLS_CERT_ALTNAME_INVALID"]);

/** For a connection that failed because of the server's certificate; null for any other reason. */
export function explainCertificate(server: string, error: unknown): BackendError | null {
  const { code } = error as { code?: unknown };
  if (typeof code !== "string") return null;
  if (UNTRUSTED.has(code)) {
    return new BackendError(
      "backend_certificate",
      `The certificate of ${server} is signed by nobody whom this machine trusts (${code})`,
      "Set NODE_EXTRA_CA_CERTS to the file with the certificate of the authority that signed it (PEM)",
      error,
    );
  }
  if (!WRONG.has(code)) return null;
  return new BackendError(
    "backend_certificate",
    `The certificate of ${server} is not valid for this host or this time (${code})`,
    "Correct the host in BULKPATCH_BACKEND_URL, this machine's clock, or the server's certificate",
    error,
  );
}
