import { Secret } from "./secret.ts";

/** The proxies through which requests leave this machine. */
export interface ProxySettings {
  /** For https addresses; may hold a password. Null: none. */
  https: Secret | null;
  /** For http addresses, and for https ones where there is no other. */
  http: Secret | null;
  /** Hosts that are reached directly, as NO_PROXY has them. */
  noProxy: string;
}

/** Every request leaves directly. */
export const NO_PROXIES: ProxySettings = { https: null, http: null, noProxy: "" };

/** What never goes through a proxy: this machine is not to be asked for elsewhere. */
const LOOPBACK = "localhost,127.0.0.1,[::1]";

const NAMES = { https: ["https_proxy", "HTTPS_PROXY"], http: ["http_proxy", "HTTP_PROXY"] } as const;

/**
 * Reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in small letters first, as curl and undici do. `onProblem` is told of each that is no
 * proxy's address, without the address: it may hold a password.
 */
export function readProxySettings(
  env: Record<string, string | undefined>,
  onProblem: (problem: string) => void,
): ProxySettings {
  const read = (kind: keyof typeof NAMES): Secret | null => {
    const name = NAMES[kind].find((one) => env[one]?.trim());
    if (name === undefined) return null;
    const text = env[name]!.trim();
    const address = text.includes("://") ? text : `http://${text}`;
    if (URL.canParse(address) && /^(https?|socks5?):$/.test(new URL(address).protocol)) return new Secret(address);
    onProblem(`${name}: expected a proxy's address, e.g. ${name}=http://proxy.example.com:3128`);
    return null;
  };
  return { https: read("https"), http: read("http"), noProxy: env["no_proxy"] ?? env["NO_PROXY"] ?? "" };
}

/** For undici's EnvHttpProxyAgent, which so reads nothing from the environment itself. */
export function proxyAgentOptions({ https, http, noProxy }: ProxySettings): {
  httpsProxy: string;
  httpProxy: string;
  noProxy: string;
} {
  return {
    httpsProxy: https?.reveal() ?? "",
    httpProxy: http?.reveal() ?? "",
    noProxy: noProxy === "" ? LOOPBACK : `${noProxy},${LOOPBACK}`,
  };
}

/** The proxy through which this address is reached, without its user and password; null where it is reached directly. */
export function proxyFor(address: string | URL, settings: ProxySettings): string | null {
  const { protocol, hostname, port } = new URL(address);
  const proxy = (protocol === "https:" ? settings.https : null) ?? settings.http;
  if (proxy === null) return null;
  const host = bare(hostname);
  const at = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  const entries = proxyAgentOptions(settings).noProxy.split(/[,\s]+/);
  if (entries.some((entry) => entry !== "" && covers(entry, host, at))) return null;
  const { protocol: scheme, host: where } = new URL(proxy.reveal());
  return `${scheme}//${where}`;
}

/** Whether an entry of NO_PROXY is about the host, by the rules of EnvHttpProxyAgent. */
function covers(entry: string, host: string, port: string): boolean {
  const [, name, ofPort] = /^(\[[^\]]+\]|[^:]+|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (name === undefined || (ofPort !== undefined && ofPort !== port)) return false;
  if (name === "*") return true;
  const domain = bare(name.replace(/^\*?\./, ""));
  return host.endsWith(`.${domain}`) || (host === domain && !name.startsWith("*"));
}

/** Without the brackets of an IPv6 address and the dot of a full name. */
function bare(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.+)\]$/, "$1")
    .replace(/(.)\.$/, "$1");
}
