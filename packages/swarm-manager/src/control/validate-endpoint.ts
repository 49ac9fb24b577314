import type { EndpointSpec, PortConfig, Service, View } from "@waggle/swarm-state";
import { ControlError } from "./errors.ts";

const PORT_MAX = 65_535;

/** What an endpoint must be by itself. @throws ControlError `invalid-argument` in Docker's words. */
export function validateEndpoint(endpoint: EndpointSpec | undefined): void {
  if (endpoint === undefined) return;
  const published = new Set<string>();
  for (const port of endpoint.ports) {
    validatePort(port);
    if (endpoint.mode === "dnsrr" && port.publishMode === "ingress") {
      throw invalid("EndpointSpec: port published with ingress mode can't be used with dnsrr mode");
    }
    if (port.publishedPort === 0) continue;
    const key = `${port.publishedPort}/${port.protocol}`;
    if (published.has(key)) throw invalid("EndpointSpec: duplicate published ports provided");
    published.add(key);
  }
}

function validatePort({ targetPort, publishedPort }: PortConfig): void {
  if (targetPort < 1 || targetPort > PORT_MAX) {
    throw invalid(`EndpointSpec: invalid target port ${targetPort}`);
  }
  if (publishedPort < 0 || publishedPort > PORT_MAX) {
    throw invalid(`EndpointSpec: invalid published port ${publishedPort}`);
  }
}

/**
 * Whether another service has one of the ports: an ingress port excludes every other use, host ports exclude only
 * ingress ones. Called inside the transaction that writes. @throws ControlError `invalid-argument`
 */
export function validatePortsFree(
  view: View,
  endpoint: EndpointSpec | undefined,
  serviceId: string | undefined,
): void {
  const wanted = publishedPorts(endpoint);
  if (wanted.length === 0) return;
  for (const other of view.list("service")) {
    if (other.id !== serviceId) refuseOverlap(wanted, other);
  }
}

function refuseOverlap(wanted: readonly PortConfig[], other: Service): void {
  for (const taken of publishedPorts(other.spec.endpoint)) {
    const clash = wanted.find(
      (port) =>
        port.publishedPort === taken.publishedPort &&
        port.protocol === taken.protocol &&
        (port.publishMode === "ingress" || taken.publishMode === "ingress"),
    );
    if (clash === undefined) continue;
    const use = taken.publishMode === "ingress" ? "an ingress port" : "a host-published port";
    throw invalid(
      `port '${clash.publishedPort}' is already in use by service '${other.spec.name}' (${other.id}) as ${use}`,
    );
  }
}

function publishedPorts(endpoint: EndpointSpec | undefined): readonly PortConfig[] {
  return (endpoint?.ports ?? []).filter((port) => port.publishedPort !== 0);
}

function invalid(message: string): ControlError {
  return new ControlError("invalid-argument", message);
}
